// A thread that looks at a health row each time the main thread has changed it, for health-table.test.ts.
import { workerData } from 'node:worker_threads';
import { HealthTable } from '../health-table.ts';

const { memory, rounds, gates } = workerData as {
  readonly memory: SharedArrayBuffer;
  readonly rounds: number;
  readonly gates: SharedArrayBuffer;
};
/** Written round, seen round, rounds in which the row did not say what it had to. */
const cells = new Int32Array(gates);
const table = new HealthTable(memory, 0);
const pool = table.pool({ endpoints: [0, 1], backend: 2 }, 50);

for (let round = 1; round <= rounds; round++) {
  while (Atomics.load(cells, 0) < round) Atomics.wait(cells, 0, round - 1, 1000);
  const isOut = round % 2 === 1;
  const { state, reason, status, probes } = table.describe(1);
  const isAsWritten = isOut ? reason === 'status' && status === 503 : reason === 'none' && status === 200;
  const isWhole = isAsWritten && state === (isOut ? 'unhealthy' : 'healthy') && probes === round;
  if (pool.isOut(1) !== isOut || pool.isOut(0) || !isWhole) Atomics.add(cells, 2, 1);
  Atomics.store(cells, 1, round);
  Atomics.notify(cells, 1);
}
