// Endpoints in places – regions, or zones – each with a balancer of its own. A rule shares the requests among the places; this file
// draws one, and goes on to the others when it has nothing left. Sits above priority levels and algorithms.
import { QuickRandom } from '../base/quick-random.ts';
import type { Balancer, BalancerDeps, Choice, PoolView } from './balancer.ts';
import type { SpillRamp } from './spill-ramp.ts';
import { SubPool } from './sub-pool.ts';

export interface LocalityPlace {
  /** Empty for endpoints of no listed place. */
  readonly name: string;
  /** Of its endpoints in the pool. */
  readonly indexes: readonly number[];
}

/** How requests are shared among places. Its arrays go by place; they are valid until it is asked again. */
export interface PlaceRule {
  /** Of the last `measure`: parts of 1. */
  readonly shares: Float64Array;
  /** Of the last `measure`: which place is asked first, second … when the one drawn has nothing. */
  readonly order: Int32Array;
  /** Takes what is up of each place (parts of 1, by weight) and who asks. */
  measure(usable: Float64Array, choice: Choice): void;
  /** Once per pick, before the first `admits`. */
  begin(): void;
  /** The request may go to this place now. Counts. */
  admits(place: number): boolean;
  /** Where a request goes that was not admitted elsewhere; -1 = nowhere in particular. */
  readonly home: number;
  /** The place is out of use, and another has something: what stays at an endpoint moves too. */
  isLeft(place: number, usable: Float64Array): boolean;
  /** The place may carry what others are too cold for. */
  takesMore(place: number): boolean;
  /** For explanations: why the place gets what it gets. */
  reason(place: number): string;
}

export interface LocalityParts {
  readonly places: readonly LocalityPlace[];
  readonly rule: PlaceRule;
  /** Slow start of places; undefined without slow start. */
  readonly ramp?: SpillRamp;
  /** Makes the balancer of one place. */
  compile(pool: PoolView, place: LocalityPlace, deps: BalancerDeps): Balancer;
}

/** Shares are drawn in parts of this. */
const WHOLE = 1 << 20;

export interface ExplainedPlace {
  readonly place: string;
  /** Of requests like this one, 0..1. */
  readonly share: number;
  /** Part of its endpoints, by weight, that is up. */
  readonly usable: number;
  readonly because: string;
}

export class LocalityLevel implements Balancer {
  private readonly pool: PoolView;
  private readonly places: readonly LocalityPlace[];
  private readonly pools: readonly SubPool[];
  private readonly balancers: readonly Balancer[];
  private readonly rule: PlaceRule;
  private readonly usable: Float64Array;
  private readonly capacities: Float64Array;
  private readonly ramp: SpillRamp | undefined;
  private readonly random: QuickRandom;
  /** Place by index of the endpoint. */
  private readonly placeOf: Int32Array;

  constructor(pool: PoolView, { places, rule, compile, ramp }: LocalityParts, deps: BalancerDeps) {
    this.pool = pool;
    this.places = places;
    this.rule = rule;
    this.pools = places.map(({ indexes }) => new SubPool(pool, indexes));
    this.balancers = places.map((place, index) => compile(this.pools[index], place, deps));
    this.usable = new Float64Array(places.length);
    this.capacities = new Float64Array(places.length);
    this.ramp = ramp;
    this.random = new QuickRandom(deps.random);
    this.placeOf = new Int32Array(pool.size);
    places.forEach(({ indexes }, place) => {
      for (const index of indexes) this.placeOf[index] = place;
    });
  }

  pick(choice: Choice): number {
    this.measure(choice);
    if (this.ramp !== undefined) this.warmUp(this.ramp);
    const { rule, pool } = this;
    rule.begin();
    let drawn = this.draw(choice);
    if (!rule.admits(drawn)) drawn = rule.home;
    let any = drawn === -1 ? -1 : this.from(drawn, choice);
    if (any !== -1 && pool.usable(any)) return any;
    for (let turn = 0; turn < rule.order.length; turn++) {
      const place = rule.order[turn];
      // A place with nothing up is asked only when no other has anything, so it costs no token now.
      if (place === drawn || this.usable[place] === 0) continue;
      const other = this.admitted(place, choice);
      if (other === -1) continue;
      if (pool.usable(other)) return other;
      if (any === -1) any = other;
    }
    return any === -1 ? this.whateverIsLeft(choice) : any;
  }

  /** Everything that is up was tried, or nothing is up: any endpoint that was not tried is better than none. */
  private whateverIsLeft(choice: Choice): number {
    for (let turn = 0; turn < this.rule.order.length; turn++) {
      const index = this.admitted(this.rule.order[turn], choice);
      if (index !== -1) return index;
    }
    return -1;
  }

  /** Asks the place first, so that a token is taken only for an endpoint. */
  private admitted(place: number, choice: Choice): number {
    const index = this.from(place, choice);
    return index === -1 || !this.rule.admits(place) ? -1 : index;
  }

  private from(place: number, choice: Choice): number {
    const index = this.balancers[place].pick(this.pools[place].within(choice));
    return index === -1 ? -1 : this.pools[place].indexes[index];
  }

  private measure(choice: Choice): void {
    this.pool.refresh();
    for (let place = 0; place < this.pools.length; place++) this.measureUsable(place);
    this.rule.measure(this.usable, choice);
  }

  private warmUp(ramp: SpillRamp): void {
    const { capacities, rule, usable } = this;
    for (let place = 0; place < capacities.length; place++)
      capacities[place] = rule.takesMore(place) ? usable[place] : 0;
    ramp.apply(rule.shares, capacities);
  }

  private measureUsable(place: number): void {
    const pool = this.pools[place];
    let up = 0;
    let all = 0;
    for (let index = 0; index < pool.size; index++) {
      const weight = pool.weight(index);
      all += weight;
      if (weight > 0 && pool.usable(index)) up += weight;
    }
    this.usable[place] = all === 0 ? 0 : up / all;
  }

  /** By the request's key where it has one: then the same key finds the same place while the shares stay. */
  private draw(choice: Choice): number {
    const { shares, order } = this.rule;
    const first = order[0];
    // hot: the first place takes everything nearly always.
    if (shares[first] >= 1) return first;
    // hot: as signed 32 bits it is a small integer everywhere.
    const key = choice.key | 0;
    let left = (key === -1 ? this.random.below(WHOLE) : Math.imul(key, 0x9e3779b1) >>> 12) / WHOLE;
    for (let turn = 0; turn < order.length; turn++) {
      left -= shares[order[turn]];
      if (left < 0) return order[turn];
    }
    return first;
  }

  debt(index: number): number {
    const place = this.placeOf[index];
    return this.balancers[place].debt?.(this.places[place].indexes.indexOf(index)) ?? 0;
  }

  /** The place of this endpoint is out of use while another is not. After `PoolView.refresh`. */
  isLeft(index: number): boolean {
    for (let place = 0; place < this.pools.length; place++) this.measureUsable(place);
    return this.rule.isLeft(this.placeOf[index], this.usable);
  }

  /** What `pick` would draw from, without drawing: first the place asked first. */
  explain(choice: Choice): readonly ExplainedPlace[] {
    this.measure(choice);
    const { rule, places, usable } = this;
    return [...rule.order].map((place) => ({
      place: places[place].name,
      share: rule.shares[place],
      usable: usable[place],
      because: rule.reason(place),
    }));
  }
}
