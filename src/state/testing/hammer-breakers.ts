// One of two threads that use the same breakers at the same time, for breaker-table.test.ts. Each round begins together.
import { parentPort, workerData } from 'node:worker_threads';
import { BreakerTable } from '../breaker-table.ts';
import { type BreakerRules, isProbe } from '../shared-breaker.ts';

interface Orders {
  readonly memory: SharedArrayBuffer;
  readonly barrier: SharedArrayBuffer;
  readonly epochMs: number;
  readonly rounds: number;
  readonly each: number;
  readonly rules: BreakerRules;
}

const { memory, barrier, epochMs, rounds, each, rules } = workerData as Orders;
const table = new BreakerTable(memory, epochMs);
const gates = new Int32Array(barrier);
const random = (): number => 0;

/** Both threads leave it at the same moment: that is when races happen. */
function meet(gate: number): void {
  Atomics.add(gates, gate, 1);
  while (Atomics.load(gates, gate) < 2);
}

function fail(row: number, consecutiveFailures: number): void {
  const breaker = table.breaker(row, { ...rules, consecutiveFailures }, { random });
  const admissions = Array.from({ length: each }, () => breaker.admit(epochMs));
  meet(row);
  for (const admission of admissions) breaker.record('failure', admission, epochMs);
}

/** Opens the breaker, and then asks for far more probes than there are. */
function probe(row: number): number {
  const breaker = table.breaker(row, { ...rules, consecutiveFailures: 1 }, { random });
  const first = breaker.admit(epochMs);
  meet(row);
  breaker.record('failure', first, epochMs);
  meet(row + rounds);
  const probes: number[] = [];
  for (let ask = 0; ask < 4 * each; ask++) {
    const admission = breaker.admit(epochMs + 10_000);
    if (isProbe(admission)) probes.push(admission);
  }
  meet(row + rounds);
  for (const admission of probes) breaker.record('success', admission, epochMs + 10_000);
  return probes.length;
}

const probes: number[] = [];
for (let round = 0; round < rounds; round++) {
  fail(round, 2 * each);
  fail(rounds + round, 2 * each + 1);
  probes.push(probe(2 * rounds + round));
}
parentPort?.postMessage({ probes });
