// The section `backends`: sets of endpoints, or AI providers reached through them. A map by name.
import type { Id } from '../../base/types.ts';
import type { Backend, Endpoint, PoolLimits, UpstreamTls } from '../../model/backend.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { BREAKER, toBreaker } from './breaker-settings.ts';
import { CHOOSING_KEYS, readChoosing } from './choosing.ts';
import { CONCURRENCY, toConcurrency } from './concurrency.ts';
import { DNS, type FoundByName, readDns } from './dns-source.ts';
import { ENDPOINTS, translateEndpoints } from './endpoints.ts';
import { BACKEND_HEALTH_KEYS, readBackendHealth } from './health-checks.ts';
import { LATER_BACKEND_KEYS } from './later-keys.ts';
import { OUTLIER_DETECTION, toOutlier } from './outlier-detection.ts';
import { readPem } from './pem-value.ts';
import { checkPool, POOL, toPool } from './pool-limits.ts';
import { PROVIDER_KEYS, type ProviderBackend, translateProvider } from './provider-backend.ts';
import type { Reading } from './reading.ts';
import { RETRY, readRetry } from './retry.ts';
import { defaultStrategy } from './retry-config.ts';
import type { NativeScope } from './scope.ts';
import { STREAM, toStream } from './stream-settings.ts';
import { TIMEOUT, toTimeouts } from './timeouts.ts';

/** What may be said of any backend, whatever it is made of. */
export const SHARED_KEYS = {
  ...CHOOSING_KEYS,
  pool: s.optional(POOL),
  tls: s.optional(
    s.object(
      {
        ca: s.optional(s.string('Replaces the system CAs: PEM text, or path of a PEM file.')),
        certificate: s.optional(s.string('Client certificate: PEM text, or path of a PEM file.')),
        key: s.optional(s.secret('Its key: PEM text, or path of a PEM file.')),
        server_name: s.optional(
          s.string('Name asked for and checked; default the host of the endpoint.', { minLength: 1 }),
        ),
        verify: s.optional(s.boolean('Whether the certificate is checked; default true.')),
      },
      'TLS towards the endpoints.',
    ),
  ),
  timeout: s.optional(TIMEOUT),
  retry: s.optional(RETRY),
  labels: s.optional(s.record(s.scalarText('Value.'), 'Labels, by which other sections name the backend.')),
  circuit_breaker: s.optional(
    s.union(
      [s.string('Name of one in circuit_breaker.configurations, or none.', { minLength: 1 }), BREAKER],
      'Circuit breaker of the backend and of each of its endpoints.',
    ),
  ),
  outlier_detection: s.optional(OUTLIER_DETECTION),
  region: s.optional(s.string('Region of endpoints that name none.', { minLength: 1 })),
  zone: s.optional(s.string('Zone of endpoints that name none.', { minLength: 1 })),
  concurrency: s.optional(CONCURRENCY),
  ...BACKEND_HEALTH_KEYS,
};

/** A set of endpoints of any HTTP service. */
export const PLAIN_BACKEND = s.object(
  { endpoints: s.optional(ENDPOINTS), dns: s.optional(DNS), ...SHARED_KEYS },
  'A set of endpoints.',
);
/** An AI provider. */
export const AI_BACKEND = s.object(
  { ...PROVIDER_KEYS, endpoints: s.optional(ENDPOINTS), stream: s.optional(STREAM), ...SHARED_KEYS },
  'An AI provider.',
);

type Shared = Pick<Infer<typeof AI_BACKEND>, keyof typeof SHARED_KEYS>;

function placeOf({ region, zone }: Shared): Pick<Endpoint, 'region' | 'zone'> {
  return { ...(region !== undefined && { region }), ...(zone !== undefined && { zone }) };
}

export class BackendReader {
  private readonly reading: Reading;
  private readonly scope: NativeScope;

  constructor(reading: Reading, scope: NativeScope) {
    this.reading = reading;
    this.scope = scope;
  }

  private tls(written: NonNullable<Shared['tls']>, path: Path, endpoints: readonly Endpoint[]): UpstreamTls {
    const pem = (key: 'ca' | 'certificate' | 'key') => {
      const value = written[key];
      const place = { reading: this.reading, scope: this.scope, path: [...path, key] };
      return value === undefined ? undefined : readPem(value, key === 'key' ? 'key' : 'certificate', place);
    };
    if ((written.certificate === undefined) !== (written.key === undefined)) {
      const message = '"certificate" and "key" belong together: one of them is missing';
      this.reading.error(path, { code: 'config.missing-key', message });
    }
    if (endpoints.length > 0 && endpoints.every((endpoint) => endpoint.url.startsWith('http:'))) {
      const message = 'tls has no effect: no endpoint is reached by https';
      this.reading.warning(path, {
        code: 'config.no-effect',
        message,
        mend: 'write https:// in front of the endpoints',
      });
    }
    const [ca, certificate, key] = [pem('ca'), pem('certificate'), pem('key')];
    return {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { certificate }),
      ...(key !== undefined && { key }),
      ...(written.server_name !== undefined && { serverName: written.server_name }),
      ...(written.verify !== undefined && { verify: written.verify }),
    };
  }

  /** The backend of these endpoints, with what is written of it under `path`. */
  assemble(name: string, path: Path, parts: { written: Shared } & ProviderBackend & FoundByName): Backend {
    const { written, provider, affinity, dns } = parts;
    const endpoints = parts.endpoints.map((endpoint) => ({ ...placeOf(written), ...endpoint }));
    const { reading, scope } = this;
    const kind = provider === undefined ? 'plain' : 'ai';
    if (written.pool !== undefined) checkPool(written.pool, reading, [...path, 'pool']);
    const own = readRetry(written.retry, kind, { reading, scope, path: [...path, 'retry'] });
    const retry = own ?? defaultStrategy(scope, kind);
    const pool = toPool(written.pool, scope.pools.for({ name, labels: written.labels }));
    return {
      id: name as Id<'backend'>,
      name,
      origin: this.reading.origin(path),
      endpoints,
      ...(dns !== undefined && { dns: { ...dns, ...placeOf(written) } }),
      ...readChoosing(written, { reading, scope, name, path, endpoints }),
      pool,
      ...this.concurrency(path, { written, endpoints, pool, dns }),
      ...(written.tls !== undefined && { tls: this.tls(written.tls, [...path, 'tls'], endpoints) }),
      timeouts: toTimeouts(written.timeout),
      ...(retry !== undefined && { retry }),
      filters: [],
      ...(provider !== undefined && { provider }),
      ...(affinity !== undefined && { affinity }),
      ...(written.labels !== undefined && { labels: written.labels }),
      ...this.protection(name, path, { written, endpoints, ...(dns !== undefined && { dns }) }),
      ...readBackendHealth(written, {
        reading,
        scope,
        path,
        endpoints,
        ofGroup: scope.groupChecks.get(name),
        isAi: provider !== undefined,
        hasOutliers: written.outlier_detection !== undefined,
      }),
    };
  }

  private concurrency(
    path: Path,
    { written, endpoints, pool, dns }: { written: Shared; pool: PoolLimits } & FoundByName,
  ): Pick<Backend, 'concurrency'> {
    if (written.concurrency === undefined) return {};
    // How many a name has is not known here.
    const size = dns === undefined ? endpoints.length : 0;
    const place = { reading: this.reading, path: [...path, 'concurrency'], pool, size };
    return { concurrency: toConcurrency(written.concurrency, place) };
  }

  private protection(
    name: string,
    path: Path,
    { written, endpoints, dns }: { written: Shared } & FoundByName,
  ): Pick<Backend, 'breaker' | 'outlier'> {
    const { reading, scope } = this;
    const { circuit_breaker: own, outlier_detection: detection } = written;
    const at = [...path, 'circuit_breaker'];
    const breaker =
      typeof own === 'string'
        ? scope.breakers.byName(name, own, { reading, path: at })
        : own && toBreaker(own, reading, at);
    // How many a name has is not known here: enough for everything that is written.
    const size = dns === undefined ? endpoints.length : Number.MAX_SAFE_INTEGER;
    const place = { reading, path: [...path, 'outlier_detection'], size };
    return {
      ...(breaker !== undefined && { breaker }),
      ...(detection !== undefined && { outlier: toOutlier(detection, place) }),
    };
  }

  read(name: string, value: unknown, path: Path): Backend | undefined {
    const { reading, scope } = this;
    const own = reading.withoutLater(value, path, LATER_BACKEND_KEYS);
    if (typeof own === 'object' && own !== null && Object.hasOwn(own, 'provider')) {
      const written = reading.parse(AI_BACKEND, own, path);
      const made = written && translateProvider(name, written, { reading, scope, path });
      const backend = made && this.assemble(name, path, { written, ...made });
      return backend && written?.stream ? { ...backend, stream: toStream(written.stream) } : backend;
    }
    const stray = Object.keys(PROVIDER_KEYS).find(
      (key) => typeof own === 'object' && own !== null && Object.hasOwn(own, key),
    );
    if (stray !== undefined) {
      const message = `"provider" is required: "${stray}" belongs to an AI backend`;
      reading.error([...path, stray], { code: 'config.missing-key', message });
      return undefined;
    }
    const written = reading.parse(PLAIN_BACKEND, own, path);
    if (written === undefined) return undefined;
    const found = this.places(name, path, { written, raw: own });
    return found && this.assemble(name, path, { written, ...found });
  }

  /** Where a plain backend is: endpoints as written, or a name. */
  private places(
    name: string,
    path: Path,
    { written, raw }: { readonly written: Infer<typeof PLAIN_BACKEND>; readonly raw: unknown },
  ): FoundByName | undefined {
    const { reading, scope } = this;
    const { endpoints, dns } = written;
    if (endpoints !== undefined && dns !== undefined) {
      const message = '"endpoints" and "dns" exclude each other';
      reading.error([...path, 'dns'], { code: 'config.conflict', message, mend: 'keep one of them' });
      return undefined;
    }
    if (dns !== undefined) return readDns(name, dns, { reading, scope, path });
    if (endpoints !== undefined)
      return { endpoints: translateEndpoints(name, endpoints, { reading, path: [...path, 'endpoints'], raw }) };
    const message = 'one of "endpoints", "dns" is required: where requests are sent';
    reading.error(path, { code: 'config.missing-key', message });
    return undefined;
  }
}

export function translateBackends(value: unknown, reading: Reading, scope: NativeScope): readonly Backend[] {
  const reader = new BackendReader(reading, scope);
  return reading
    .members(value, ['backends'])
    .map(([name, member, path]) => reader.read(name, member, path))
    .filter((backend) => backend !== undefined);
}
