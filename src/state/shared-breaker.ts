// One breaker as one thread sees it: admits or refuses, and counts what became of the admitted. Every step is one exchange of the
// word in shared memory, so that no two threads take the same permit; state/breaker-table.ts holds the rows.
import {
  AUTO,
  CHANGING,
  CLOSED,
  changing,
  entering,
  epochOf,
  FORCED_CLOSED,
  failedOf,
  failuresOf,
  forceOf,
  HALF_OPEN,
  MAX_FAILURES,
  OPEN,
  stateOf,
  succeededOf,
  takenOf,
  withFailures,
  withProbeFailed,
  withProbeGiven,
  withProbeSucceeded,
  withProbeTaken,
} from './breaker-word.ts';
import { OutcomeWindow, WINDOW_COLUMNS } from './outcome-window.ts';

/** Cells of a row. Times are ticks since the table's `epochMs`: they fit 31 bits for six years. */
export const WORD = 0;
export const OPEN_UNTIL = 1;
const PROBE_UNTIL = 2;
const DOUBLINGS = 3;
export const SINCE = 4;
export const OPENINGS = 5;
export const CAUSE = 6;
const WINDOW = 8;
export const COLUMNS: number = WINDOW + WINDOW_COLUMNS;
export const TICK_MS = 100;

/** Numbers of one breaker; they come from the configuration and may differ from one generation to the next. */
export interface BreakerRules {
  /** Opens after so many failures with no success between them; 0 = never. */
  readonly consecutiveFailures: number;
  /** Opens when the share of successes in the window, 0 to 1, falls to this or below; -1 = never. */
  readonly openAtSuccessRate: number;
  /** Outcomes the window must hold before the share counts. */
  readonly minOutcomes: number;
  readonly windowMs: number;
  /** How long it stays open, doubled at each opening that follows soon, at most `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Share of the open time that is added at random, so that several gateways do not probe at the same moment. */
  readonly jitter: number;
  /** Closed for this long, the next opening lasts `openMs` again. */
  readonly stableMs: number;
  /** Requests let through while half-open, at most MAX_PROBES. */
  readonly probes: number;
  /** Of them must succeed; as soon as they have it closes, as soon as they no longer can it opens. */
  readonly quorum: number;
  /** A probe without an outcome after this counts as failed. */
  readonly probeMs: number;
}

export type Outcome = 'success' | 'failure' | 'throttled' | 'abandoned';

/** What `admit` gives: not admitted. Every other admission is positive and goes back through `record`, once. */
export const REFUSED = 0;
/** Admitted whatever the state: an operator said so, and the outcome counts for nothing. */
export const UNCOUNTED = 3;
const PASS = 1;
const PROBE = 2;

export function isProbe(admission: number): boolean {
  return (admission & 3) === PROBE;
}

/** An admission is below this: two of them fit a small integer. */
export const ADMISSIONS = 4096;

/** Values of the cell CAUSE; 0 = it never opened. */
const BY_CONSECUTIVE = 1;
const BY_RATE = 2;
const BY_PROBES = 3;
const BY_LOST_PROBE = 4;

export interface BreakerPlace {
  readonly cells: Int32Array;
  readonly first: number;
  readonly epochMs: number;
}

export interface BreakerDeps {
  random(): number;
  /** This thread closed it after good probes. */
  onClosed?(nowMs: number): void;
}

/** Nothing here allocates; times are wall-clock milliseconds given by the caller. */
export class SharedBreaker {
  private readonly cells: Int32Array;
  private readonly first: number;
  private readonly epochMs: number;
  private readonly rules: BreakerRules;
  private readonly deps: BreakerDeps;
  private readonly window: OutcomeWindow;

  constructor({ cells, first, epochMs }: BreakerPlace, rules: BreakerRules, deps: BreakerDeps) {
    this.cells = cells;
    this.first = first;
    this.epochMs = epochMs;
    this.rules = rules;
    this.deps = deps;
    this.window = new OutcomeWindow(cells, first + WINDOW, rules.windowMs);
  }

  private get(column: number): number {
    return Atomics.load(this.cells, this.first + column);
  }

  private set(column: number, value: number): void {
    Atomics.store(this.cells, this.first + column, value);
  }

  private exchange(word: number, next: number): boolean {
    return Atomics.compareExchange(this.cells, this.first + WORD, word, next) === word;
  }

  private ticks(atMs: number): number {
    return Math.ceil((atMs - this.epochMs) / TICK_MS);
  }

  private isPast(column: number, nowMs: number): boolean {
    return nowMs - this.epochMs >= this.get(column) * TICK_MS;
  }

  /** Whether `admit` would let a request through now; takes nothing. */
  wouldAdmit(nowMs: number): boolean {
    const word = this.get(WORD);
    if ((word & 15) === 0) return true;
    const force = forceOf(word);
    if (force !== AUTO) return force === FORCED_CLOSED;
    const state = stateOf(word);
    if (state === OPEN) return this.isPast(OPEN_UNTIL, nowMs);
    return state === HALF_OPEN && takenOf(word) < this.rules.probes;
  }

  /** Until it lets a probe through; 0 unless it is open by itself. */
  opensForMs(nowMs: number): number {
    const word = this.get(WORD);
    if (forceOf(word) !== AUTO || stateOf(word) !== OPEN) return 0;
    return Math.max(0, this.get(OPEN_UNTIL) * TICK_MS + this.epochMs - nowMs);
  }

  /** As the next request would meet it; `forced`: an operator said so. */
  stateAt(nowMs: number): 'closed' | 'open' | 'half-open' | 'forced open' | 'forced closed' {
    const word = this.get(WORD);
    const force = forceOf(word);
    if (force !== AUTO) return force === FORCED_CLOSED ? 'forced closed' : 'forced open';
    const state = stateOf(word);
    if (state === HALF_OPEN || (state === OPEN && this.isPast(OPEN_UNTIL, nowMs))) return 'half-open';
    return state === CLOSED ? 'closed' : 'open';
  }

  /** Lets a request through, or not. The admission, when it is not REFUSED, goes back through `record` exactly once. */
  admit(nowMs: number): number {
    for (;;) {
      const word = this.get(WORD);
      if ((word & 15) === 0) return (epochOf(word) << 2) | PASS;
      const force = forceOf(word);
      if (force !== AUTO) return force === FORCED_CLOSED ? UNCOUNTED : REFUSED;
      const next = this.afterAdmission(word, nowMs);
      if (next === word) return REFUSED;
      if (!this.exchange(word, next)) continue;
      if (stateOf(next) === HALF_OPEN) return (epochOf(next) << 2) | PROBE;
      this.open(next, BY_LOST_PROBE, nowMs);
      return REFUSED;
    }
  }

  /** The word after one more probe was taken; the same word when none may be; a changing one when a probe was lost. */
  private afterAdmission(word: number, nowMs: number): number {
    const state = stateOf(word);
    if (state === OPEN) {
      if (!this.isPast(OPEN_UNTIL, nowMs)) return word;
      this.extendProbes(nowMs);
      return withProbeTaken(entering(word, HALF_OPEN));
    }
    if (state !== HALF_OPEN) return word;
    if (takenOf(word) < this.rules.probes) {
      this.extendProbes(nowMs);
      return withProbeTaken(word);
    }
    return this.isPast(PROBE_UNTIL, nowMs) ? changing(word) : word;
  }

  /** Before the exchange, and never backwards: whoever sees the last probe taken sees its time too. */
  private extendProbes(nowMs: number): void {
    const until = this.ticks(nowMs + this.rules.probeMs);
    const cell = this.first + PROBE_UNTIL;
    for (let before = Atomics.load(this.cells, cell); before < until; before = Atomics.load(this.cells, cell)) {
      if (Atomics.compareExchange(this.cells, cell, before, until) === before) return;
    }
  }

  /** What became of an admitted request. One that was admitted before the last change of state says nothing any more. */
  record(outcome: Outcome, admission: number, nowMs: number): void {
    const kind = admission & 3;
    if (kind === PASS) this.recordPass(outcome, admission >>> 2, nowMs);
    else if (kind === PROBE) this.recordProbe(outcome, admission >>> 2, nowMs);
  }

  private isCurrent(word: number, state: number, epoch: number): boolean {
    return stateOf(word) === state && epochOf(word) === epoch && forceOf(word) === AUTO;
  }

  private recordPass(outcome: Outcome, epoch: number, nowMs: number): void {
    const word = this.get(WORD);
    if (outcome === 'abandoned' || !this.isCurrent(word, CLOSED, epoch)) return;
    const usesWindow = this.rules.openAtSuccessRate >= 0;
    if (outcome === 'success') {
      if (usesWindow) this.window.countSuccess(nowMs);
      if (failuresOf(word) !== 0) this.forgetFailures(epoch);
      return;
    }
    if (usesWindow) this.window.countFailure(nowMs);
    // 429 says that the endpoint is alive and busy: it weighs in the share, but is no row of failures.
    if (outcome === 'failure' && this.countConsecutive(epoch, nowMs)) return;
    if (usesWindow && this.isRateLow(nowMs)) this.trip(epoch, BY_RATE, nowMs);
  }

  private forgetFailures(epoch: number): void {
    for (;;) {
      const word = this.get(WORD);
      if (!this.isCurrent(word, CLOSED, epoch) || this.exchange(word, withFailures(word, 0))) return;
    }
  }

  /** True when this failure was the one too many. */
  private countConsecutive(epoch: number, nowMs: number): boolean {
    const limit = this.rules.consecutiveFailures;
    for (;;) {
      const word = this.get(WORD);
      if (!this.isCurrent(word, CLOSED, epoch)) return true;
      const failures = Math.min(failuresOf(word) + 1, MAX_FAILURES);
      const isLast = limit > 0 && failures >= limit;
      const next = isLast ? changing(word) : withFailures(word, failures);
      if (!this.exchange(word, next)) continue;
      if (isLast) this.open(next, BY_CONSECUTIVE, nowMs);
      return isLast;
    }
  }

  /** Looked at when a failure was counted: only a failure can lower the share. */
  private isRateLow(nowMs: number): boolean {
    const total = this.window.total(nowMs);
    if (total < this.rules.minOutcomes) return false;
    return total - this.window.failures(nowMs) <= this.rules.openAtSuccessRate * total;
  }

  /** Nothing behind it is left, as an admission of this breaker found out: it opens, whatever it has counted. */
  openAtOnce(admission: number, nowMs: number): void {
    if ((admission & 3) === PASS) this.trip(admission >>> 2, BY_CONSECUTIVE, nowMs);
  }

  private trip(epoch: number, cause: number, nowMs: number): void {
    for (;;) {
      const word = this.get(WORD);
      if (!this.isCurrent(word, CLOSED, epoch)) return;
      if (!this.exchange(word, changing(word))) continue;
      this.open(changing(word), cause, nowMs);
      return;
    }
  }

  private recordProbe(outcome: Outcome, epoch: number, nowMs: number): void {
    const { probes, quorum } = this.rules;
    for (;;) {
      const word = this.get(WORD);
      if (stateOf(word) !== HALF_OPEN || epochOf(word) !== epoch) return;
      let next = withProbeFailed(word);
      if (outcome === 'abandoned') next = withProbeGiven(word);
      else if (outcome === 'success') next = withProbeSucceeded(word);
      const closes = succeededOf(next) >= quorum;
      const opens = failedOf(next) > probes - quorum;
      if (closes || opens) next = changing(next);
      if (!this.exchange(word, next)) continue;
      if (closes) this.close(next, nowMs);
      else if (opens) this.open(next, BY_PROBES, nowMs);
      return;
    }
  }

  /** Called by the one thread whose exchange took the breaker for the change. */
  private open(word: number, cause: number, nowMs: number): void {
    const { openMs, maxOpenMs, jitter, stableMs } = this.rules;
    const wasStable = cause <= BY_RATE && nowMs - this.epochMs >= this.get(SINCE) * TICK_MS + stableMs;
    const doublings = wasStable || this.get(OPENINGS) === 0 ? 0 : Math.min(this.get(DOUBLINGS) + 1, 30);
    const lengthMs = Math.min(openMs * 2 ** doublings, maxOpenMs) * (1 + jitter * this.deps.random());
    this.set(DOUBLINGS, doublings);
    this.set(OPEN_UNTIL, this.ticks(nowMs + lengthMs));
    this.set(CAUSE, cause);
    this.set(OPENINGS, this.get(OPENINGS) + 1);
    this.enter(word, OPEN, nowMs);
  }

  private close(word: number, nowMs: number): void {
    this.window.clear();
    this.enter(word, CLOSED, nowMs);
    this.deps.onClosed?.(nowMs);
  }

  private enter(word: number, state: number, nowMs: number): void {
    this.set(SINCE, Math.floor((nowMs - this.epochMs) / TICK_MS));
    let seen = word;
    // Only what an operator forces can change meanwhile, or the main thread when it takes this one for dead.
    while (!this.exchange(seen, entering(seen, state))) {
      seen = this.get(WORD);
      if (stateOf(seen) !== CHANGING || epochOf(seen) !== epochOf(word)) return;
    }
  }
}
