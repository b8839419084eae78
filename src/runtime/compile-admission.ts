// The concurrency limit of a backend in the model → its limit on a row of shared memory, and this thread's queue in front of it.
import { invariant } from '../errors/bug.ts';
import type { Backend } from '../model/backend.ts';
import { backendRowId } from '../model/row-ids.ts';
import { BackendAdmission } from '../upstream/backend-admission.ts';
import { ConcurrencyLimit } from '../upstream/concurrency-limit.ts';
import type { ThreadResources } from './thread-resources.ts';

/** Undefined where the backend takes what comes. */
export function compileAdmission(
  { name, concurrency }: Backend,
  rows: Readonly<Record<string, number>>,
  { admissions, metrics }: ThreadResources,
): BackendAdmission | undefined {
  if (concurrency === undefined) return undefined;
  const row = rows[backendRowId(name)];
  invariant(row !== undefined, `backend ${name} has no row`);
  return new BackendAdmission({
    limit: new ConcurrencyLimit(admissions.table, row, concurrency),
    queue: admissions.queueOf(row),
    rules: concurrency.queue,
    observer: metrics.admissionAt(name),
  });
}
