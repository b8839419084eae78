// The metrics of all threads as one page: the main thread reads the threads' shared memory at scrape, so nobody sends numbers.
import { familyText, type SeriesTotals } from './exposition.ts';
import { type MetricDefinition, OTHER_LABEL, shownAs, slotsPerSeries } from './metric-definition.ts';
import type { SeriesAnnouncement } from './metric-registry.ts';

/** Where one thread keeps a series. */
interface Place {
  readonly workerId: number;
  readonly slots: Float64Array;
  readonly slot: number;
}

interface SeriesEntry {
  readonly labels: readonly string[];
  places: Place[];
  /** What threads that are gone had counted. */
  retained: Float64Array | undefined;
}

interface FamilyEntry {
  readonly definition: MetricDefinition;
  readonly series: Map<string, SeriesEntry>;
}

/** Series that only dead threads had, kept per metric. Threads that die again and again must not fill the memory with labels. */
const MAX_RETAINED_SERIES = 2000;

/** Counters and histograms are sums over all threads that ever were; gauges over those that live. */
export class MetricAggregator {
  private readonly workers = new Map<number, Float64Array>();
  private readonly families = new Map<string, FamilyEntry>();
  private readonly refreshers: (() => void)[] = [];

  /** Before the thread counts anything. */
  attach(workerId: number, buffer: SharedArrayBuffer): void {
    this.detach(workerId);
    this.workers.set(workerId, new Float64Array(buffer));
  }

  /** A series of that thread; of a thread that is not attached (any more) it is passed over. */
  announce(workerId: number, { definition, labels, slot }: SeriesAnnouncement): void {
    const slots = this.workers.get(workerId);
    if (slots === undefined) return;
    let family = this.families.get(definition.name);
    if (family === undefined) {
      family = { definition, series: new Map() };
      this.families.set(definition.name, family);
    }
    entryOf(family, labels).places.push({ workerId, slots, slot });
  }

  /** The thread is gone: what it counted stays in the sums, because a counter that falls reads as a restart; its gauges go. */
  detach(workerId: number): void {
    if (!this.workers.delete(workerId)) return;
    for (const family of this.families.values()) detachFrom(family, workerId);
  }

  /** `refresh` runs before every page: for figures that are asked for, not counted. */
  beforeExposition(refresh: () => void): void {
    this.refreshers.push(refresh);
  }

  /** Labels and sum of every series of a counter. */
  forEachSum({ name }: MetricDefinition, take: (labels: readonly string[], sum: number) => void): void {
    const family = this.families.get(name);
    if (family === undefined) return;
    for (const entry of family.series.values()) take(entry.labels, totalsOf(family.definition, entry).values[0]);
  }

  /** Prometheus text format 0.0.4, metrics by name. */
  exposition(): string {
    for (const refresh of this.refreshers) refresh();
    const texts: (readonly [name: string, text: string])[] = [];
    for (const { definition, series } of this.families.values()) {
      const totals = [...series.values()].map((entry) => totalsOf(definition, entry));
      for (const shown of shownAs(definition)) texts.push([shown.name, familyText(shown, totals)]);
    }
    texts.sort(([left], [right]) => (left < right ? -1 : 1));
    return texts.map(([, text]) => text).join('');
  }
}

function entryOf(family: FamilyEntry, labels: readonly string[]): SeriesEntry {
  const key = JSON.stringify(labels);
  let entry = family.series.get(key);
  if (entry === undefined) {
    entry = { labels, places: [], retained: undefined };
    family.series.set(key, entry);
  }
  return entry;
}

function addTo(sums: Float64Array, slots: Float64Array, slot: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] += slots[slot + i];
}

function retain(definition: MetricDefinition, entry: SeriesEntry, place: Place): void {
  entry.retained ??= new Float64Array(slotsPerSeries(definition));
  addTo(entry.retained, place.slots, place.slot);
}

function detachFrom(family: FamilyEntry, workerId: number): void {
  const { definition, series } = family;
  for (const [key, entry] of series) {
    const place = entry.places.find((each) => each.workerId === workerId);
    if (place === undefined) continue;
    entry.places = entry.places.filter((each) => each !== place);
    if (definition.kind !== 'gauge') retain(definition, entry, place);
    if (entry.places.length === 0 && entry.retained === undefined) series.delete(key);
  }
  if (series.size > MAX_RETAINED_SERIES) foldRetained(family);
}

/** Moves what only dead threads had into one series. */
function foldRetained(family: FamilyEntry): void {
  const other = entryOf(
    family,
    family.definition.labels.map(() => OTHER_LABEL),
  );
  for (const [key, entry] of family.series) {
    if (entry === other || entry.places.length > 0 || entry.retained === undefined) continue;
    retain(family.definition, other, { workerId: -1, slots: entry.retained, slot: 0 });
    family.series.delete(key);
  }
}

function totalsOf(definition: MetricDefinition, entry: SeriesEntry): SeriesTotals {
  const values = new Float64Array(slotsPerSeries(definition));
  if (definition.kind === 'gauge' && definition.merge === 'last') {
    const place = entry.places.at(-1);
    if (place !== undefined) addTo(values, place.slots, place.slot);
    return { labels: entry.labels, values };
  }
  if (entry.retained !== undefined) addTo(values, entry.retained, 0);
  for (const place of entry.places) addTo(values, place.slots, place.slot);
  return { labels: entry.labels, values };
}
