// The admission queues of one thread, by row of the backend: kept over configurations, so that who waits keeps its turn.
import type { ConcurrencyTable } from '../state/concurrency-table.ts';
import { AdmissionQueue, type QueueDeps } from '../upstream/admission-queue.ts';

export class Admissions {
  readonly table: ConcurrencyTable;
  private readonly deps: QueueDeps;
  private readonly queues = new Map<number, AdmissionQueue>();

  constructor(table: ConcurrencyTable, deps: Omit<QueueDeps, 'table'>) {
    this.table = table;
    this.deps = { ...deps, table };
  }

  /** A row is another backend's only after every exchange of the former one has ended: its queue is empty then. */
  queueOf(row: number): AdmissionQueue {
    const queue = this.queues.get(row) ?? new AdmissionQueue(row, this.deps);
    this.queues.set(row, queue);
    return queue;
  }
}
