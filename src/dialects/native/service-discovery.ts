// The section `service_discovery`: how the names of backends are resolved.
import { DEFAULT_DISCOVERY } from '../../model/defaults.ts';
import type { DiscoverySettings } from '../../model/discovery.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const LATER = s.record(s.unknown('Value.'), 'Not available yet.');

export const SERVICE_DISCOVERY = s.object(
  {
    dns: s.optional(
      s.object(
        {
          enabled: s.optional(
            s.boolean('Whether names are watched; default true. Else each connection asks the system.'),
          ),
          resolver: s.optional(
            s.oneOrMany(
              s.string('Address or name, with a port where it is not 53.', { minLength: 1 }),
              'Servers that are asked; default those of the system, and its host file.',
            ),
          ),
          min_ttl: s.optional(s.durationText('An answer holds no shorter than this; default 1s.')),
          max_ttl: s.optional(s.durationText('An answer holds no longer than this; default 5m.')),
          negative_ttl: s.optional(
            s.durationText('Before a name that does not exist is asked for again; default 10s.'),
          ),
          stale_ttl: s.optional(
            s.durationText('How long addresses are kept while no server answers; no limit by default.'),
          ),
          timeout: s.optional(s.durationText('For one resolution; default 5s.')),
        },
        'DNS.',
      ),
    ),
    kubernetes: s.optional(LATER),
    consul: s.optional(LATER),
  },
  'How the names of backends are resolved.',
);

const SECTION = 'service_discovery';
const RESOLVER = /^(?:\[[0-9a-f:.]+\](?::\d{1,5})?|[0-9a-f]*:[0-9a-f:.]+|[a-z0-9._-]+(?::\d{1,5})?)$/i;

function checkTimes(
  written: NonNullable<Infer<typeof SERVICE_DISCOVERY>['dns']>,
  settings: DiscoverySettings,
  { reading, path }: { readonly reading: Reading; readonly path: Path },
): void {
  const wrong = (key: string, message: string) =>
    reading.error([...path, key], { code: 'config.wrong-value', message });
  for (const key of ['min_ttl', 'max_ttl', 'negative_ttl', 'timeout'] as const)
    if (written[key] === 0) wrong(key, 'must be longer than 0');
  if (settings.maxTtlMs < settings.minTtlMs)
    wrong(written.max_ttl === undefined ? 'min_ttl' : 'max_ttl', 'the longest time is shorter than the shortest');
  written.resolver?.forEach((resolver, index) => {
    if (RESOLVER.test(resolver)) return;
    const message = 'not the address or name of a server';
    const mend = 'write 10.0.0.53, 10.0.0.53:5353, [fd00::53]:5353 or a name';
    reading.error([...path, 'resolver', index], { code: 'config.wrong-value', message, mend });
  });
}

/** Before backends are read, which look whether names are watched. Undefined = as usual. */
export function readServiceDiscovery(
  value: unknown,
  reading: Reading,
  scope: NativeScope,
): DiscoverySettings | undefined {
  if (value === undefined) return undefined;
  const written = reading.parse(SERVICE_DISCOVERY, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  for (const key of ['kubernetes', 'consul'] as const) {
    if (written[key] === undefined || written[key].enabled === false) continue;
    const message = `this version does not find endpoints by ${key} yet`;
    const mend =
      key === 'kubernetes'
        ? 'give the backend "dns" with the name of a headless Service'
        : 'give the backend "dns" with the SRV name of the service';
    reading.warning([SECTION, key], { code: 'config.not-available', message, mend });
  }
  const { dns } = written;
  if (dns === undefined) return undefined;
  const path = [SECTION, 'dns'];
  if (scope.discovery.isWritten) {
    const message = `another document has ${SECTION}.dns already`;
    reading.error(path, { code: 'config.duplicate', message, mend: 'put it into one document' });
  }
  scope.discovery.isWritten = true;
  scope.discovery.isOff = dns.enabled === false;
  const minTtlMs = dns.min_ttl ?? DEFAULT_DISCOVERY.minTtlMs;
  const settings = {
    resolvers: dns.resolver ?? [],
    minTtlMs,
    maxTtlMs: dns.max_ttl ?? Math.max(DEFAULT_DISCOVERY.maxTtlMs, minTtlMs),
    negativeTtlMs: dns.negative_ttl ?? DEFAULT_DISCOVERY.negativeTtlMs,
    staleTtlMs: dns.stale_ttl ?? DEFAULT_DISCOVERY.staleTtlMs,
    timeoutMs: dns.timeout ?? DEFAULT_DISCOVERY.timeoutMs,
  };
  checkTimes(dns, settings, { reading, path });
  return settings;
}
