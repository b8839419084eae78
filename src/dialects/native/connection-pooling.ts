// The section `connection_pooling`: connection limits by name, for the backends of that name or label. Keys beside `upstream_pools`
// are for every backend that has no other.
import { s } from '../../schema/builder.ts';
import { APPLY_TO, BackendGroups, type GroupSetting } from './backend-groups.ts';
import { checkPool, POOL_KEYS, type WrittenPool } from './pool-limits.ts';
import type { Reading } from './reading.ts';

const NAMED_POOL = s.object(
  {
    ...POOL_KEYS,
    prepared_statements: s.optional(
      s.boolean('Whether the database of the gateway itself is asked by prepared statements; not in this version.'),
    ),
    apply_to: s.optional(APPLY_TO),
  },
  'Limits of the connections to each endpoint.',
);

export const CONNECTION_POOLING = s.object(
  { upstream_pools: s.optional(s.record(NAMED_POOL, 'Limits by name.')), ...POOL_KEYS },
  'Connections. A named pool applies to the backend of that name, to those with a label of that value, and as apply_to says.',
);

const SECTION = 'connection_pooling';

export function readPools(value: unknown, reading: Reading): readonly GroupSetting<WrittenPool>[] {
  const path = [SECTION];
  const written = reading.parse(CONNECTION_POOLING, value ?? {}, path);
  if (written === undefined) return [];
  const { upstream_pools: pools = {}, ...standard } = written;
  const named = Object.entries(pools).map(([name, { apply_to: applyTo = [], prepared_statements, ...keys }]) => {
    const at = [...path, 'upstream_pools', name];
    checkPool(keys, reading, at);
    if (prepared_statements !== undefined) {
      const message = 'prepared_statements is for the database of the gateway itself, which this version does not have';
      reading.note([...at, 'prepared_statements'], { code: 'config.not-available', message });
    }
    return { name, value: keys, applyTo, reading, path: at };
  });
  if (Object.keys(standard).length === 0) return named;
  checkPool(standard, reading, path);
  return [...named, { name: undefined, value: standard, applyTo: [], reading, path }];
}

export function createPoolGroups(pools: readonly GroupSetting<WrittenPool>[]): BackendGroups<WrittenPool> {
  return new BackendGroups({ thing: 'connection pool', backendKey: 'pool' }, pools);
}
