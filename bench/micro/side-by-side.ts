// Measures several ways of doing one thing in turns, so that a busy machine slows all of them alike: the least time of many short
// rounds, in nanoseconds per call. Short, because the clock of processor time ticks in milliseconds here and wall time is disturbed.

const ROUNDS = 60;
const ROUND_NS = 1_500_000;
const MAX_CALLS = 5_000;
const WARM_NS = 60_000_000;

/** What the works gave, so that no call can be left out. */
let given: unknown;

function timeNs(work: () => unknown, calls: number): number {
  const started = process.hrtime.bigint();
  for (let call = 0; call < calls; call++) given = work();
  return Number(process.hrtime.bigint() - started);
}

/** Nanoseconds per call of each named piece of work. */
export function sideBySide(works: Readonly<Record<string, () => unknown>>): Readonly<Record<string, number>> {
  const calls: Record<string, number> = {};
  const best: Record<string, number> = {};
  for (const [name, work] of Object.entries(works)) {
    for (let warmNs = 0; warmNs < WARM_NS; ) warmNs += timeNs(work, 10);
    calls[name] = Math.min(MAX_CALLS, Math.max(1, Math.ceil((ROUND_NS * 20) / timeNs(work, 20))));
    best[name] = Number.POSITIVE_INFINITY;
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      best[name] = Math.min(best[name], timeNs(work, calls[name]) / calls[name]);
    }
  }
  if (given === undefined) throw new Error('a work gave nothing');
  return best;
}
