// The section `least_conn_config`: fewest requests under way, blended with response times, for every backend that names no algorithm
// of its own or for the listed ones.
import type { Backend } from '../../model/backend.ts';
import { DEFAULT_SLOW_START } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { LeastConnStandard, NativeScope } from './scope.ts';

export const LEAST_CONN_CONFIG = s.object(
  {
    algorithm: s.optional(
      s.choice(['least_conn_rt', 'least_conn'], 'least_conn only counts requests under way; default least_conn_rt.'),
    ),
    parameters: s.optional(
      s.object(
        {
          response_time_weight: s.optional(
            s.number('Part of the response time in the score; default 0.7.', { min: 0 }),
          ),
          connection_count_weight: s.optional(
            s.number('Part of the requests under way in the score; default 0.3.', { min: 0 }),
          ),
          slow_start_duration: s.optional(s.durationText('Until a new or recovered endpoint takes its full share.')),
        },
        'What counts how much.',
      ),
    ),
    upstream_monitoring: s.optional(
      s.object(
        {
          metrics: s.optional(
            s.array(
              s.string('active_connections, response_time, response_time_p95 or error_rate.'),
              'What the score is made of; default active_connections, response_time and error_rate.',
            ),
          ),
          update_interval: s.optional(
            s.durationText(
              'How old response times and error rates in the score may be; default 0s, always the latest.',
            ),
          ),
        },
        'What is measured.',
      ),
    ),
    backends: s.optional(s.oneOrMany(s.string('Name of a backend.'), 'Backends; by default all without an algorithm.')),
  },
  'Balances by requests under way and response times.',
);

type Written = Infer<typeof LEAST_CONN_CONFIG>;

const SECTION = 'least_conn_config';

/** Settings of the algorithm, each with the key it was written under, for findings. */
function settingsOf(written: Written): ReadonlyMap<string, readonly [value: unknown, path: readonly string[]]> {
  const { response_time_weight, connection_count_weight } = written.parameters ?? {};
  const { metrics, update_interval } = written.upstream_monitoring ?? {};
  const all = [
    ['parameters', 'response_time_weight', response_time_weight],
    ['parameters', 'connection_count_weight', connection_count_weight],
    ['upstream_monitoring', 'metrics', metrics],
    // The schema of the algorithm reads durations with their unit.
    ['upstream_monitoring', 'update_interval', update_interval === undefined ? undefined : `${update_interval}ms`],
  ] as const;
  return new Map(
    all.flatMap(([group, key, value]) =>
      value === undefined ? [] : [[key, [value, [SECTION, group, key]] as const] as const],
    ),
  );
}

function balancerOf(written: Written, reading: Reading, scope: NativeScope): Backend['balancer'] {
  const { algorithm: name = 'least_conn_rt' } = written;
  const settings = settingsOf(written);
  if (name === 'least_conn') {
    for (const [key, [, path]] of settings) {
      const message = `"${key}" has no effect: least_conn only counts the requests under way`;
      reading.warning(path, { code: 'config.no-effect', message, mend: 'write "algorithm: least_conn_rt"' });
    }
    return { name, config: {} };
  }
  const values = Object.fromEntries([...settings].map(([key, [value]]) => [key, value]));
  const parsed = scope.options.catalog.balancers.get(name)?.schema.parse(values);
  if (parsed === undefined || parsed.ok) return { name, config: parsed?.value ?? {} };
  for (const {
    path: [key = '', ...rest],
    ...problem
  } of parsed.problems) {
    const [, place] = settings.get(String(key)) ?? [undefined, [SECTION]];
    reading.error([...place, ...rest], problem);
  }
  return { name, config: {} };
}

function checkNames(names: readonly string[], reading: Reading, { backendNames }: NativeScope): void {
  for (const [index, name] of names.entries()) {
    if (backendNames.has(name)) continue;
    const message = `no backend is called "${name}"`;
    const code = 'config.undefined-target';
    reading.error([SECTION, 'backends', index], { code, message, ...nearestMend(name, backendNames) });
  }
}

/** Puts the section into the scope, before backends are read. */
export function readLeastConnConfig(value: unknown, reading: Reading, scope: NativeScope): void {
  if (value === undefined) return;
  const written = reading.parse(LEAST_CONN_CONFIG, value ?? {}, [SECTION]);
  if (written === undefined) return;
  if (scope.leastConn !== undefined) {
    const message = 'another document has a least_conn_config already';
    reading.error([SECTION], { code: 'config.duplicate', message, mend: 'keep one of them' });
    return;
  }
  checkNames(written.backends ?? [], reading, scope);
  const durationMs = written.parameters?.slow_start_duration;
  scope.leastConn = {
    balancer: balancerOf(written, reading, scope),
    slowStart: durationMs === undefined ? undefined : { durationMs, ...DEFAULT_SLOW_START },
    backends: written.backends,
    users: new Set(),
    reading,
  };
}

/** What the section says of a backend that names no algorithm itself. */
export function leastConnOf(name: string, { leastConn }: NativeScope): LeastConnStandard | undefined {
  if (leastConn === undefined || leastConn.backends?.includes(name) === false) return undefined;
  leastConn.users.add(name);
  return leastConn;
}

/** After all backends are read. */
export function reportUnusedLeastConn({ leastConn, backendNames }: NativeScope): void {
  if (leastConn === undefined) return;
  const { backends = [], users, reading } = leastConn;
  for (const [index, name] of backends.entries()) {
    if (users.has(name) || !backendNames.has(name)) continue;
    const message = `the section has no effect on the backend "${name}", which names its own algorithm`;
    const mend = 'take one of them away';
    reading.warning([SECTION, 'backends', index], { code: 'config.no-effect', message, mend });
  }
  if (backends.length > 0 || users.size > 0) return;
  const message =
    backendNames.size === 0 ? 'there is no backend to balance' : 'every backend names an algorithm of its own';
  reading.note([SECTION], { code: 'config.no-effect', message: `${SECTION} has no effect: ${message}` });
}
