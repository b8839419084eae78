// One of two threads that eject endpoints of the same pools at the same time, for outlier-table.test.ts.
import { workerData } from 'node:worker_threads';
import { FAILED_5XX, type OutlierRules, OutlierTable } from '../outlier-table.ts';

interface Orders {
  readonly memory: SharedArrayBuffer;
  readonly barrier: SharedArrayBuffer;
  readonly epochMs: number;
  readonly rounds: number;
  readonly rules: OutlierRules;
}

const { memory, barrier, epochMs, rounds, rules } = workerData as Orders;
const table = new OutlierTable(memory, epochMs);
const gates = new Int32Array(barrier);

for (let round = 0; round < rounds; round++) {
  const first = round * 4;
  const pool = table.pool({ endpoints: [first, first + 1, first + 2], backend: first + 3 }, rules);
  Atomics.add(gates, round, 1);
  while (Atomics.load(gates, round) < 2);
  for (let attempt = 0; attempt < 30; attempt++) pool.record(attempt % 3, FAILED_5XX, epochMs);
}
