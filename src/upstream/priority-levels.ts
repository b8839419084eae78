// Endpoints in levels of priority, each with a balancer of its own: a level takes less as it loses endpoints, and the next one
// takes what is over, gradually (Envoy's priority load). For backends whose endpoints differ in `priority`, under any algorithm.
import { QuickRandom } from '../base/quick-random.ts';
import type { Balancer, BalancerDeps, Choice, PoolView } from './balancer.ts';
import type { SpillRamp } from './spill-ramp.ts';
import { SubPool } from './sub-pool.ts';

export interface PriorityOptions {
  /** Priority by index; lower first. */
  readonly priorities: readonly number[];
  /** A level carries all of its load until less than 1 / this of its weight is up. Envoy's 1.4: until 71 %. */
  readonly overprovisioning: number;
  /** Slow start of levels, given the indexes of each; undefined without slow start. */
  rampOf?(levels: readonly (readonly number[])[]): SpillRamp | undefined;
  /** Makes the balancer of one level. */
  compile(pool: PoolView, deps: BalancerDeps): Balancer;
}

/** Loads are drawn in parts of this. */
const WHOLE = 1 << 20;

export class PriorityLevels implements Balancer {
  private readonly pool: PoolView;
  private readonly levels: readonly SubPool[];
  private readonly balancers: readonly Balancer[];
  private readonly loads: Float64Array;
  private readonly capacities: Float64Array;
  private readonly ramp: SpillRamp | undefined;
  private readonly overprovisioning: number;
  private readonly random: QuickRandom;

  constructor(pool: PoolView, options: PriorityOptions, deps: BalancerDeps) {
    this.pool = pool;
    this.overprovisioning = options.overprovisioning;
    this.random = new QuickRandom(deps.random);
    const { priorities } = options;
    const numbers = [...new Set(priorities)].sort((a, b) => a - b);
    this.levels = numbers.map((number) => {
      const indexes = priorities.flatMap((priority, index) => (priority === number ? [index] : []));
      return new SubPool(pool, indexes);
    });
    this.balancers = this.levels.map((level) => options.compile(level, deps));
    this.loads = new Float64Array(this.levels.length);
    this.capacities = new Float64Array(this.levels.length);
    this.ramp = options.rampOf?.(this.levels.map(({ indexes }) => indexes));
  }

  pick(choice: Choice): number {
    this.pool.refresh();
    this.measureLoads();
    this.ramp?.apply(this.loads, this.capacities);
    const drawn = this.draw();
    const index = this.from(drawn, choice);
    if (index !== -1 && this.pool.usable(index)) return index;
    let any = index;
    for (let level = 0; level < this.levels.length; level++) {
      const other = level === drawn ? -1 : this.from(level, choice);
      if (other === -1) continue;
      if (this.pool.usable(other)) return other;
      if (any === -1) any = other;
    }
    return any;
  }

  private from(level: number, choice: Choice): number {
    const index = this.balancers[level].pick(this.levels[level].within(choice));
    return index === -1 ? -1 : this.levels[level].indexes[index];
  }

  /** Fills `loads`: every level up to its health, the first one first. When all together cannot carry the whole, in proportion. */
  private measureLoads(): void {
    let left = 1;
    for (let level = 0; level < this.levels.length; level++) {
      const capacity = this.healthOf(this.levels[level]) * this.overprovisioning;
      const load = Math.min(left, capacity);
      this.capacities[level] = capacity;
      this.loads[level] = load;
      left -= load;
    }
    if (left <= 0 || left >= 1) return;
    for (let level = 0; level < this.levels.length; level++) this.loads[level] /= 1 - left;
  }

  private healthOf(level: SubPool): number {
    let up = 0;
    let all = 0;
    for (let index = 0; index < level.size; index++) {
      const weight = level.weight(index);
      all += weight;
      if (weight > 0 && level.usable(index)) up += weight;
    }
    return all === 0 ? 0 : up / all;
  }

  private draw(): number {
    // hot: the first level carries everything nearly always.
    if (this.loads[0] >= 1) return 0;
    let left = this.random.below(WHOLE) / WHOLE;
    for (let level = 0; level < this.levels.length; level++) {
      left -= this.loads[level];
      if (left < 0) return level;
    }
    return 0;
  }

  /** Absent where its levels have none. Those of a later level compare among themselves only. */
  costs(): readonly number[] {
    const costs = new Array<number>(this.pool.size).fill(Number.NaN);
    for (let level = 0; level < this.levels.length; level++) {
      const ofLevel = this.balancers[level].costs?.() ?? [];
      for (let at = 0; at < ofLevel.length; at++) costs[this.levels[level].indexes[at]] = ofLevel[at];
    }
    return costs;
  }

  debt(index: number): number {
    for (let level = 0; level < this.levels.length; level++) {
      const within = this.levels[level].indexes.indexOf(index);
      if (within !== -1) return this.balancers[level].debt?.(within) ?? 0;
    }
    return 0;
  }
}
