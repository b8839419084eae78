// The metrics of one thread: families hand out series, series are places in shared memory that the main thread reads at scrape.
// Nothing is sent per request; a new series is announced once.
import { invariant } from '../errors/bug.ts';
import {
  type CounterDefinition,
  type GaugeDefinition,
  type HistogramDefinition,
  type LabelValues,
  type MetricDefinition,
  OTHER_LABEL,
  slotsPerSeries,
} from './metric-definition.ts';
import { METRIC_DEFINITIONS } from './metric-definitions.ts';
import { CounterSeries, GaugeSeries, HistogramSeries } from './metric-series.ts';

/** Plain data for the main thread: from now on these slots hold the series of `labels`. */
export interface SeriesAnnouncement {
  readonly definition: MetricDefinition;
  readonly labels: readonly string[];
  readonly slot: number;
}

export interface MetricRegistryOptions {
  /** From `createMetricMemory`; this thread is its only writer. */
  readonly buffer: SharedArrayBuffer;
  onSeries(announcement: SeriesAnnouncement): void;
  readonly maxSeriesPerFamily?: number;
}

const DEFAULT_SLOTS = 131_072;
const DEFAULT_MAX_SERIES = 2000;
/** Kept free of series for families that a later configuration brings. */
const RESERVED_SLOTS = 4096;
/** Longer label values (a client's idea of a model name) are cut, or one page of metrics could be made megabytes long. */
const MAX_LABEL_LENGTH = 200;

/** Memory for the numbers of one thread: 1 MiB unless told, untouched pages cost nothing. */
export function createMetricMemory(slots: number = DEFAULT_SLOTS): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * Float64Array.BYTES_PER_ELEMENT);
}

interface FamilyParts<S> {
  readonly definition: MetricDefinition;
  readonly maxSeries: number;
  /** Slots of the series that takes what is folded. */
  readonly otherSlot: number;
  create(slot: number): S;
  /** -1 when the memory is full. */
  allocate(): number;
  announce(labels: readonly string[], slot: number): void;
  countFolded(): void;
}

/** All series of one metric in one thread. Label sets seen before give the same place again, whatever was reloaded between. */
export class MetricFamily<L extends readonly string[], S> {
  readonly definition: MetricDefinition;
  private readonly parts: FamilyParts<S>;
  private readonly known = new Map<string, S>();
  private other: S | undefined;

  constructor(parts: FamilyParts<S>) {
    this.definition = parts.definition;
    this.parts = parts;
  }

  /** Call it where things are compiled, or keep the result: it joins strings and looks them up. */
  series(...labelValues: LabelValues<L>): S {
    const values: readonly string[] = labelValues;
    invariant(values.length === this.definition.labels.length, `${this.definition.name} takes other labels`);
    let key = '';
    for (const value of values) {
      const kept = value.length > MAX_LABEL_LENGTH ? value.slice(0, MAX_LABEL_LENGTH) : value;
      key += `${kept.length}:${kept}`; // with the length, since a value may hold any separator
    }
    return this.known.get(key) ?? this.begin(key, values);
  }

  private begin(key: string, values: readonly string[]): S {
    if (values.length === 0) return this.keep(key, values, this.parts.otherSlot);
    const slot = this.known.size < this.parts.maxSeries ? this.parts.allocate() : -1;
    return slot === -1 ? this.fold(values.length) : this.keep(key, values, slot);
  }

  private keep(key: string, values: readonly string[], slot: number): S {
    const series = this.parts.create(slot);
    this.known.set(key, series);
    this.parts.announce(
      values.map((value) => value.slice(0, MAX_LABEL_LENGTH)),
      slot,
    );
    return series;
  }

  private fold(labels: number): S {
    this.parts.countFolded();
    if (this.other === undefined) {
      this.other = this.parts.create(this.parts.otherSlot);
      this.parts.announce(new Array<string>(labels).fill(OTHER_LABEL), this.parts.otherSlot);
    }
    return this.other;
  }
}

/** Hands out the families of one thread. Memory and series are bounded: what comes after is counted under `_other`. */
export class MetricRegistry {
  private readonly slots: Float64Array;
  private readonly onSeries: (announcement: SeriesAnnouncement) => void;
  private readonly maxSeries: number;
  private readonly families = new Map<string, MetricFamily<readonly string[], unknown>>();
  private readonly reserved: number;
  private used = 0;

  constructor(options: MetricRegistryOptions) {
    this.slots = new Float64Array(options.buffer);
    this.onSeries = options.onSeries;
    this.maxSeries = options.maxSeriesPerFamily ?? DEFAULT_MAX_SERIES;
    this.reserved = Math.min(RESERVED_SLOTS, this.slots.length >> 1);
  }

  counter<const L extends readonly string[]>(definition: CounterDefinition<L>): MetricFamily<L, CounterSeries> {
    return this.family(definition, (slot) => new CounterSeries(this.slots, slot));
  }

  gauge<const L extends readonly string[]>(definition: GaugeDefinition<L>): MetricFamily<L, GaugeSeries> {
    return this.family(definition, (slot) => new GaugeSeries(this.slots, slot));
  }

  histogram<const L extends readonly string[]>(definition: HistogramDefinition<L>): MetricFamily<L, HistogramSeries> {
    const bounds = Float64Array.from(definition.buckets);
    return this.family(definition, (slot) => new HistogramSeries(this.slots, slot, bounds));
  }

  private family<L extends readonly string[], S>(
    definition: MetricDefinition & { readonly labels: L },
    create: (slot: number) => S,
  ): MetricFamily<L, S> {
    const known = this.families.get(definition.name);
    if (known !== undefined) {
      invariant(isSameShape(known.definition, definition), `${definition.name} is defined twice, in different ways`);
      return known as unknown as MetricFamily<L, S>;
    }
    const family = new MetricFamily<L, S>(this.partsOf(definition, create));
    this.families.set(definition.name, family as unknown as MetricFamily<readonly string[], unknown>);
    return family;
  }

  private partsOf<S>(definition: MetricDefinition, create: (slot: number) => S): FamilyParts<S> {
    const width = slotsPerSeries(definition);
    const otherSlot = this.allocate(width, this.slots.length);
    const foldedSlot = this.allocate(1, this.slots.length);
    invariant(otherSlot !== -1 && foldedSlot !== -1, 'the memory for metrics holds no more families');
    return {
      definition,
      create,
      otherSlot,
      maxSeries: definition.maxSeries ?? this.maxSeries,
      allocate: () => this.allocate(width, this.slots.length - this.reserved),
      announce: (labels, slot) => this.onSeries({ definition, labels, slot }),
      countFolded: () => this.countFolded(definition.name, foldedSlot),
    };
  }

  private countFolded(metric: string, slot: number): void {
    if (this.slots[slot] === 0) {
      this.onSeries({ definition: METRIC_DEFINITIONS.metricsFolded, labels: [metric], slot });
    }
    this.slots[slot]++;
  }

  private allocate(width: number, limit: number): number {
    if (this.used + width > limit) return -1;
    const slot = this.used;
    this.used += width;
    return slot;
  }
}

function isSameShape(left: MetricDefinition, right: MetricDefinition): boolean {
  return (
    left.kind === right.kind &&
    left.labels.join() === right.labels.join() &&
    (left.kind !== 'histogram' || right.kind !== 'histogram' || left.buckets.join() === right.buckets.join())
  );
}
