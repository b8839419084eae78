// Regions: the client's own first where that counts, then the nearest or by priority, regions that failed or are slow last; each is
// filled up to what it can carry before the next one gets anything.

import type { Choice } from './balancer.ts';
import { fillCarried, fillInOrder } from './locality-cost.ts';
import type { PlaceRule } from './locality-level.ts';
import type { PlaceFacts } from './place-facts.ts';

export interface RegionOptions {
  /** By place. */
  readonly names: readonly string[];
  readonly priorities: readonly number[];
  /** Whether the client's region goes first. */
  readonly goesByClient: boolean;
  readonly fallback: 'nearest' | 'priority';
  /** A region taken back after a failure takes its load little by little. */
  readonly rampMs: number;
  readonly overprovisioning: number;
  readonly facts: PlaceFacts;
  wallMs(): number;
}

/** Places are put in order again after this. */
const ORDER_MS = 100;
/** Share of its load with which a region that is taken back begins. */
const RAMP_START = 0.1;

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;

export class RegionOrder implements PlaceRule {
  readonly shares: Float64Array;
  order: Int32Array;
  readonly home = -1;
  private readonly options: RegionOptions;
  private readonly indexes: ReadonlyMap<string, number>;
  /** By the client's region; the last one for clients of none. */
  private readonly orders: readonly Int32Array[];
  private readonly carried: Float64Array;
  private readonly usable: Float64Array;
  private orderedAtMs = Number.NEGATIVE_INFINITY;
  private client = -1;

  constructor(options: RegionOptions) {
    const size = options.names.length;
    this.options = options;
    this.indexes = new Map(options.names.map((name, index) => [name, index]));
    this.orders = Array.from({ length: size + 1 }, () => Int32Array.from({ length: size }, (_, place) => place));
    this.order = this.orders[size];
    this.shares = new Float64Array(size);
    this.carried = new Float64Array(size);
    this.usable = new Float64Array(size);
  }

  measure(usable: Float64Array, choice: Choice): void {
    const { options, orders, carried } = this;
    const nowMs = options.wallMs();
    if (nowMs >= this.orderedAtMs + ORDER_MS || nowMs < this.orderedAtMs) this.sort(nowMs);
    const { region } = choice;
    this.client = region === undefined || !options.goesByClient ? -1 : (this.indexes.get(region) ?? -1);
    this.order = orders[this.client === -1 ? orders.length - 1 : this.client];
    this.usable.set(usable);
    fillCarried(usable, options.overprovisioning, carried);
    let isAnyUp = false;
    for (let place = 0; place < usable.length; place++) {
      if (options.facts.isForcedOut(place)) carried[place] = 0;
      isAnyUp ||= carried[place] > 0;
    }
    if (options.rampMs > 0) this.ramp(nowMs);
    if (!isAnyUp) this.useAnything(usable);
    fillInOrder(this.order, carried, this.shares);
  }

  /** Only what an operator took out is up, or nothing at all. */
  private useAnything(usable: Float64Array): void {
    let total = 0;
    for (let place = 0; place < usable.length; place++) {
      this.carried[place] = usable[place];
      total += usable[place];
    }
    if (total === 0) this.carried[this.order[0]] = 1;
  }

  private ramp(nowMs: number): void {
    const { rampMs, facts } = this.options;
    for (let place = 0; place < this.carried.length; place++) {
      const sinceMs = facts.returnedForMs(place, nowMs);
      if (sinceMs < rampMs) this.carried[place] *= Math.max(RAMP_START, sinceMs / rampMs);
    }
  }

  private sort(nowMs: number): void {
    this.orderedAtMs = nowMs;
    for (let client = 0; client < this.orders.length; client++) {
      const first = client === this.orders.length - 1 ? -1 : client;
      this.orders[client].sort((a, b) => this.compare(a, b, first));
    }
  }

  /** A region nobody has measured counts as near: it is asked once, and then measured. */
  private compare(a: number, b: number, first: number): number {
    const { facts, names, priorities, fallback } = this.options;
    const outside = Number(names[a] === '') - Number(names[b] === '');
    const left = Number(facts.isLeftOut(a)) - Number(facts.isLeftOut(b));
    const ofClient = Number(b === first) - Number(a === first);
    const nearer = fallback === 'nearest' ? facts.nearnessMicroseconds(a) - facts.nearnessMicroseconds(b) : 0;
    return left || ofClient || outside || nearer || priorities[a] - priorities[b];
  }

  begin(): void {}

  admits(): boolean {
    return true;
  }

  isLeft(place: number, usable: Float64Array): boolean {
    const { facts } = this.options;
    if (!facts.isLeftOut(place)) return false;
    for (let other = 0; other < usable.length; other++) if (usable[other] > 0 && !facts.isLeftOut(other)) return true;
    return false;
  }

  takesMore(place: number): boolean {
    const { facts } = this.options;
    return !facts.isForcedOut(place) && !facts.isLeftOut(place);
  }

  reason(place: number): string {
    const { facts, priorities, fallback } = this.options;
    const nearness = facts.nearnessMicroseconds(place);
    const parts = [place === this.client ? 'the client’s region' : `priority ${priorities[place]}`];
    parts.push(`${percent(this.usable[place])} up`);
    if (fallback === 'nearest')
      parts.push(nearness === 0 ? 'latency never measured' : `latency ${Math.round(nearness / 100) / 10} ms`);
    if (facts.isForcedOut(place)) parts.push('taken out by an operator');
    else if (facts.isLeftOut(place)) parts.push('left out: too slow, or failed its conditions');
    return parts.join(', ');
  }
}
