// A thread that takes and gives places as fast as it can, for concurrency-table.test.ts; it notes the most that threads held at once.
import { parentPort, workerData } from 'node:worker_threads';
import { CONCURRENCY_LEDGER_CELLS, ConcurrencyTable } from '../concurrency-table.ts';

export interface Hammering {
  readonly memory: SharedArrayBuffer;
  /** Two cells: held now, and the most seen. */
  readonly most: SharedArrayBuffer;
  readonly row: number;
  readonly limit: number;
  /** It ends after so many. */
  readonly admissions: number;
}

export interface HammerResult {
  readonly admitted: number;
}

const { memory, most, row, limit, admissions } = workerData as Hammering;
const table = new ConcurrencyTable(memory, 0, new Int32Array((row + 1) * CONCURRENCY_LEDGER_CELLS));
const cells = new Int32Array(most);
let admitted = 0;
let held = 0;

function leave(): void {
  held--;
  Atomics.sub(cells, 0, 1);
  table.give(row);
}

for (let round = 0; admitted < admissions; round++) {
  if (table.take(row, limit)) {
    admitted++;
    held++;
    const now = Atomics.add(cells, 0, 1) + 1;
    if (now > Atomics.load(cells, 1)) Atomics.store(cells, 1, now);
  }
  if (held > 3 || (held > 0 && round % 2 === 0)) leave();
}
while (held > 0) leave();
parentPort?.postMessage({ admitted } satisfies HammerResult);
