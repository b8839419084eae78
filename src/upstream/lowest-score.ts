// The endpoint with the lowest score: all are compared in a small pool, two drawn ones in a large pool. For `least_conn` and
// `least_conn_rt`.
import type { Balancer, BalancerDeps, Choice, PoolView } from './balancer.ts';
import { type Eligible, isLeft, isLive, isOpen } from './eligible.ts';
import { FairTurns } from './fair-turns.ts';
import { SecondChances } from './second-chances.ts';
import { SharedDraw } from './shared-draw.ts';

/**
 * Up to so many endpoints are all compared. Of two endpoints two random choices take the busier one every fourth time; with many,
 * comparing all makes every thread run to the same one (Mitzenmacher: two choices are nearly as good).
 */
const MAX_COMPARED = 8;

export interface Scoring {
  /** Called once before the scores of one pick; `revision` as of `PoolView.refresh`. */
  prepare(revision: number): void;
  /** Puts the score into `scores[index]`: lower is better, at least 0. hot: a fraction that is returned may go to the heap. */
  score(index: number, scores: Float64Array): void;
  /** Scores up to so many times the lowest are as good as it: they share by weight. 1 = only equal ones. */
  readonly band: number;
  /** Scores are made of answers: an endpoint passed over has to be tried again to show what it can. */
  readonly needsAnswers: boolean;
}

export class LowestScore implements Balancer {
  private readonly pool: PoolView;
  private readonly scoring: Scoring;
  private readonly turns: FairTurns;
  private readonly drawing: SharedDraw;
  private readonly scores: Float64Array;
  private readonly chances: SecondChances | undefined;
  /** Scores up to this are as good as the lowest. An array of one: a fraction in a field is a number on the heap. */
  private readonly bar = new Float64Array(1);
  private readonly isGoodEnough = (index: number): boolean => this.scores[index] <= this.bar[0];

  constructor(pool: PoolView, scoring: Scoring, deps: BalancerDeps) {
    this.pool = pool;
    this.scoring = scoring;
    this.turns = new FairTurns(pool, deps);
    this.drawing = new SharedDraw(pool, deps.random);
    this.scores = new Float64Array(pool.size);
    this.chances = scoring.needsAnswers ? new SecondChances(pool) : undefined;
  }

  pick(choice: Choice): number {
    const revision = this.pool.refresh();
    this.scoring.prepare(revision);
    if (this.pool.size <= MAX_COMPARED) this.turns.follow(revision);
    else this.drawing.follow(revision);
    const { chances } = this;
    if (chances === undefined) return this.best(choice);
    const due = chances.due(choice);
    const index = due === -1 ? this.best(choice) : due;
    chances.taken(index);
    return index;
  }

  private best(choice: Choice): number {
    let index = this.among(choice, isOpen);
    if (index === -1) index = this.among(choice, isLive);
    return index === -1 ? this.among(choice, isLeft) : index;
  }

  private among(choice: Choice, eligible: Eligible): number {
    return this.pool.size <= MAX_COMPARED ? this.compareAll(choice, eligible) : this.compareTwo(choice, eligible);
  }

  private compareAll(choice: Choice, eligible: Eligible): number {
    const { pool, scoring, scores } = this;
    let lowest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < pool.size; index++) {
      if (eligible(pool, choice, index)) scoring.score(index, scores);
      else scores[index] = Number.POSITIVE_INFINITY;
      if (scores[index] < lowest) lowest = scores[index];
    }
    if (lowest === Number.POSITIVE_INFINITY) return -1;
    this.bar[0] = lowest * scoring.band;
    return this.turns.pick(this.isGoodEnough);
  }

  private compareTwo(choice: Choice, eligible: Eligible): number {
    const first = this.drawing.draw(choice, eligible, -1);
    if (first === -1) return -1;
    const second = this.drawing.draw(choice, eligible, first);
    if (second === -1) return first;
    this.scoring.score(first, this.scores);
    this.scoring.score(second, this.scores);
    return this.scores[second] < this.scores[first] ? second : first;
  }

  costs(): readonly number[] {
    this.scoring.prepare(this.pool.refresh());
    const scores = new Float64Array(this.pool.size);
    for (let index = 0; index < this.pool.size; index++) this.scoring.score(index, scores);
    return [...scores];
  }

  debt(index: number): number {
    return this.turns.debt(index);
  }
}
