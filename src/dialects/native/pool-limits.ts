// Connections to an endpoint: `pool` of a backend, and the pools of `connection_pooling`, which have the same keys.
import type { PoolLimits } from '../../model/backend.ts';
import { DEFAULT_POOL } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

export const POOL_KEYS = {
  max_connections: s.optional(
    s.integer('Open connections to one endpoint over all workers; default 1024.', { min: 1 }),
  ),
  max_pending: s.optional(
    s.integer('Requests waiting for a connection to it over all workers; default 1024.', { min: 0 }),
  ),
  pending_timeout: s.optional(s.durationText('Longest wait for a connection; default 5s.')),
  idle_timeout: s.optional(
    s.durationText('Idle connections are closed after this, or a second before the endpoint says it will; default 4s.'),
  ),
  keep_alive: s.optional(s.boolean('Whether a connection serves more than one request; default true.')),
};

export const POOL = s.object(POOL_KEYS, 'Connections to the endpoints.');

/** Only what was written. */
export type WrittenPool = Infer<typeof POOL>;

export function checkPool({ keep_alive, idle_timeout }: WrittenPool, reading: Reading, path: Path): void {
  if (keep_alive !== false || idle_timeout === undefined) return;
  const message = 'idle_timeout has no effect: without keep_alive no connection is ever idle';
  reading.warning([...path, 'idle_timeout'], { code: 'config.no-effect', message });
}

/** What the backend says itself goes before what a pool of its name says, key by key. */
export function toPool(own: WrittenPool | undefined, ofGroup: WrittenPool | undefined): PoolLimits {
  const written = { ...ofGroup, ...own };
  return {
    maxConnections: written.max_connections ?? DEFAULT_POOL.maxConnections,
    maxPending: written.max_pending ?? DEFAULT_POOL.maxPending,
    pendingTimeoutMs: written.pending_timeout ?? DEFAULT_POOL.pendingTimeoutMs,
    idleTimeoutMs: written.idle_timeout ?? DEFAULT_POOL.idleTimeoutMs,
    ...(written.keep_alive === false && { keepAlive: false }),
  };
}
