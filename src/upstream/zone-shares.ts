// Zones: every zone gets what it is for, less as it costs more or has less of it up; what leaves the gateway's own zone is capped, by
// its planned share and, exactly, by a bucket that all threads share.
import type { RatioBucket } from '../state/ratio-bucket.ts';
import { capOthers, costOf, fillCarried, type ShareFacts, shareByCost } from './locality-cost.ts';
import type { PlaceRule } from './locality-level.ts';
import type { PlaceFacts } from './place-facts.ts';

export interface CrossZoneRules {
  readonly penalty: number;
  /** 0 = requests leave the zone only when it is not healthy. */
  readonly maxRatio: number;
  /** Part of the own zone, by weight, that must be up for the cap to hold. */
  readonly healthFloor: number;
  readonly bucket: RatioBucket;
  /** A request leaves beyond the cap. */
  onBreach(): void;
}

export interface ZoneOptions {
  /** By place; parts of any whole. */
  readonly capacities: readonly number[];
  /** By place; 0 = none. */
  readonly targetMicroseconds: readonly number[];
  /** Index of the gateway's own zone; -1 = not known, or without an endpoint. */
  readonly own: number;
  /** No capacity is written: the own zone takes what it can carry, the others what is over. */
  readonly isOwnFirst: boolean;
  /** Undefined without a known own zone: then no zone is another. */
  readonly cross: CrossZoneRules | undefined;
  readonly overprovisioning: number;
  readonly facts: PlaceFacts;
  wallMs(): number;
}

/** Costs are weighed again after this. */
const COSTS_MS = 100;

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;
const milliseconds = (microseconds: number): string => `${Math.round(microseconds / 100) / 10} ms`;

export class ZoneShares implements PlaceRule {
  readonly shares: Float64Array;
  readonly order: Int32Array;
  readonly home: number;
  private readonly options: ZoneOptions;
  private readonly facts: ShareFacts;
  private readonly usable: Float64Array;
  private weighedAtMs = Number.NEGATIVE_INFINITY;
  private isHomeHealthy = true;

  constructor(options: ZoneOptions) {
    const size = options.capacities.length;
    this.options = options;
    this.home = options.own;
    this.facts = {
      capacities: Float64Array.from(options.capacities),
      carried: new Float64Array(size),
      costs: new Float64Array(size).fill(1),
    };
    this.shares = new Float64Array(size);
    this.usable = new Float64Array(size);
    this.order = Int32Array.from({ length: size }, (_, place) => place);
  }

  measure(usable: Float64Array): void {
    const { overprovisioning, own, cross } = this.options;
    this.weigh();
    this.usable.set(usable);
    fillCarried(usable, overprovisioning, this.facts.carried);
    this.share();
    if (cross === undefined || own === -1) return;
    this.isHomeHealthy = usable[own] > 0 && usable[own] >= cross.healthFloor;
    if (this.isHomeHealthy) capOthers(own, cross.maxRatio, this.shares);
  }

  private share(): void {
    const { shares, options } = this;
    shareByCost(this.facts, shares);
    if (!this.carriesAnything()) shares[this.order[0]] = 1;
    else if (options.isOwnFirst && options.own !== -1) this.keepOwn(options.own);
  }

  private carriesAnything(): boolean {
    // hot: `every` would put each of the fractions on the heap.
    for (let place = 0; place < this.facts.carried.length; place++) if (this.facts.carried[place] > 0) return true;
    return false;
  }

  private keepOwn(own: number): void {
    const { shares } = this;
    const { carried } = this.facts;
    // What the own zone carries stays; the rest is shared by the others as they cost.
    const kept = carried[own];
    const others = 1 - shares[own];
    for (let place = 0; place < shares.length; place++)
      shares[place] = place === own || others <= 0 ? 0 : (shares[place] / others) * (1 - kept);
    shares[own] = others <= 0 ? 1 : kept;
  }

  private weigh(): void {
    const nowMs = this.options.wallMs();
    if (nowMs < this.weighedAtMs + COSTS_MS && nowMs >= this.weighedAtMs) return;
    this.weighedAtMs = nowMs;
    const { facts, targetMicroseconds, own, cross } = this.options;
    const fastest = this.fastest();
    for (let place = 0; place < this.facts.costs.length; place++) {
      this.facts.costs[place] = costOf({
        latencyMicroseconds: facts.latencyMicroseconds(place),
        referenceMicroseconds: targetMicroseconds[place] || fastest,
        penalty: cross === undefined || place === own ? 1 : cross.penalty,
      });
    }
    this.sort();
  }

  /** 0 = none is measured. */
  private fastest(): number {
    let fastest = 0;
    for (let place = 0; place < this.facts.costs.length; place++) {
      const latency = this.options.facts.latencyMicroseconds(place);
      if (latency > 0 && (fastest === 0 || latency < fastest)) fastest = latency;
    }
    return fastest;
  }

  /** The own zone first, then the cheapest; written order where that is the same. */
  private sort(): void {
    const { order, home } = this;
    const { costs } = this.facts;
    const rank = (place: number): number => (place === home ? -1 : costs[place]);
    order.sort((a, b) => rank(a) - rank(b) || a - b);
  }

  begin(): void {
    this.options.cross?.bucket.deposit();
  }

  admits(place: number): boolean {
    const { cross, own } = this.options;
    if (cross === undefined || own === -1 || place === own) return true;
    if (cross.bucket.take()) return true;
    if (this.isHomeHealthy) return false;
    cross.onBreach();
    return true;
  }

  /** Zones are never left: they get less. */
  isLeft(): boolean {
    return false;
  }

  takesMore(): boolean {
    return true;
  }

  reason(place: number): string {
    const { own, cross, facts, targetMicroseconds } = this.options;
    const latency = facts.latencyMicroseconds(place);
    const target = targetMicroseconds[place];
    const limit = target > 0 ? `, target ${milliseconds(target)}` : '';
    const parts = [
      own === -1 ? `capacity ${percent(this.capacityOf(place))}` : place === own ? 'own zone' : 'another zone',
      `${percent(this.usable[place])} up`,
      latency === 0 ? 'latency not measured' : `latency ${milliseconds(latency)}${limit}`,
      `costs ${Math.round(this.facts.costs[place] * 100) / 100}`,
    ];
    if (cross !== undefined && place !== own && own !== -1) parts.push(this.capReason(cross));
    return parts.join(', ');
  }

  private capReason({ maxRatio, healthFloor, bucket }: CrossZoneRules): string {
    if (!this.isHomeHealthy) return `no cap: the own zone is below ${percent(healthFloor)}`;
    return `cap ${percent(maxRatio)}${bucket.wouldTake() || maxRatio === 0 ? '' : ', used up now'}`;
  }

  private capacityOf(place: number): number {
    return this.facts.capacities[place] / this.facts.capacities.reduce((sum, each) => sum + each, 0);
  }
}
