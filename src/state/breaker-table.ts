// What all threads know together about each breaker: closed, open or half-open, one row of shared memory by stable id, so that a
// reload loses nothing. Rows are given by the control plane with those of state/endpoint-table.ts.
import {
  CHANGING,
  CLOSED,
  entering,
  failedOf,
  failuresOf,
  forceOf,
  HALF_OPEN,
  OPEN,
  stateOf,
  succeededOf,
  takenOf,
  withForce,
} from './breaker-word.ts';
import {
  type BreakerDeps,
  type BreakerRules,
  CAUSE,
  COLUMNS,
  OPEN_UNTIL,
  OPENINGS,
  SharedBreaker,
  SINCE,
  TICK_MS,
  WORD,
} from './shared-breaker.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';
export type BreakerForce = 'auto' | 'open' | 'closed';
export type BreakerCause = 'none' | 'consecutive-failures' | 'success-rate' | 'probes-failed' | 'probe-lost';

const STATES: readonly BreakerState[] = ['closed', 'open', 'half_open', 'open'];
const FORCES: readonly BreakerForce[] = ['auto', 'open', 'closed', 'auto'];
const CAUSES: readonly BreakerCause[] = ['none', 'consecutive-failures', 'success-rate', 'probes-failed', 'probe-lost'];

export interface BreakerDescription {
  /** As the next request would meet it: an open one whose time is over is half-open. */
  readonly state: BreakerState;
  readonly force: BreakerForce;
  /** Why it opened last. */
  readonly cause: BreakerCause;
  readonly sinceMs: number;
  /** 0 when it is not open. */
  readonly untilMs: number;
  readonly consecutiveFailures: number;
  readonly probes: { readonly taken: number; readonly succeeded: number; readonly failed: number };
  /** Openings since the row was given to this breaker. */
  readonly openings: number;
}

export function createBreakerMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * COLUMNS * 4);
}

/** The rows as such; who has rules asks for a `breaker`. */
export class BreakerTable {
  readonly rows: number;
  private readonly cells: Int32Array;
  private readonly epochMs: number;

  constructor(memory: SharedArrayBuffer, epochMs: number) {
    this.cells = new Int32Array(memory);
    this.rows = Math.floor(this.cells.length / COLUMNS);
    this.epochMs = epochMs;
  }

  /** `deps.random`: 0 to 1, for the jitter of open times. */
  breaker(row: number, rules: BreakerRules, deps: BreakerDeps): SharedBreaker {
    return new SharedBreaker({ cells: this.cells, first: row * COLUMNS, epochMs: this.epochMs }, rules, deps);
  }

  /** What an operator says wins until it is taken back (`auto`); the state beneath is kept. */
  force(row: number, force: BreakerForce): void {
    const cell = row * COLUMNS + WORD;
    for (;;) {
      const word = Atomics.load(this.cells, cell);
      const next = withForce(word, FORCES.indexOf(force));
      if (Atomics.compareExchange(this.cells, cell, word, next) === word) return;
    }
  }

  describe(row: number, nowMs: number): BreakerDescription {
    const at = (column: number): number => Atomics.load(this.cells, row * COLUMNS + column);
    const word = at(WORD);
    const untilMs = at(OPEN_UNTIL) * TICK_MS + this.epochMs;
    const state = stateOf(word);
    const isHalfOpen = state === HALF_OPEN;
    return {
      state: state === OPEN && nowMs >= untilMs ? 'half_open' : STATES[state],
      force: FORCES[forceOf(word)],
      cause: CAUSES[at(CAUSE)],
      sinceMs: at(SINCE) * TICK_MS + this.epochMs,
      untilMs: state === OPEN ? untilMs : 0,
      consecutiveFailures: state === CLOSED ? failuresOf(word) : 0,
      probes: {
        taken: isHalfOpen ? takenOf(word) : 0,
        succeeded: isHalfOpen ? succeededOf(word) : 0,
        failed: isHalfOpen ? failedOf(word) : 0,
      },
      openings: at(OPENINGS),
    };
  }

  /** Gives a row to another breaker. */
  clear(row: number): void {
    this.cells.fill(0, row * COLUMNS, (row + 1) * COLUMNS);
  }

  /** A thread died: a breaker it was just changing is opened for a second, or it would admit nobody for ever. */
  settle(nowMs: number): void {
    for (let row = 0; row < this.rows; row++) {
      const cell = row * COLUMNS + WORD;
      const word = Atomics.load(this.cells, cell);
      if (stateOf(word) !== CHANGING) continue;
      Atomics.store(this.cells, row * COLUMNS + OPEN_UNTIL, Math.ceil((nowMs + 1000 - this.epochMs) / TICK_MS));
      Atomics.compareExchange(this.cells, cell, word, entering(word, OPEN));
    }
  }
}
