// `health_check` of a backend: what is asked of its endpoints without traffic. Also read by sections that give a group of targets
// one check, and as the defaults in the section `health_checks`.
import { DEFAULT_HEALTH_CHECK } from '../../model/defaults.ts';
import type { HealthCheck, HealthProbe, StatusRange } from '../../model/health-check.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { HEADER_VALUES, isHeaderName, toHeaderFields } from './header-fields.ts';
import { parsePercent } from './percent.ts';
import type { Reading } from './reading.ts';

const STATUS = s.union(
  [
    s.integer('A status.', { min: 100, max: 599 }),
    s.string('Statuses such as 200-399 or 2xx.', {
      pattern: /^\s*(?:[1-5]\d\d\s*(?:-\s*[1-5]\d\d)?|[1-5]xx)\s*$/i,
      expected: 'a status such as 200, a range such as 200-399, or 2xx',
    }),
  ],
  'A status, a range such as 200-399, or 2xx.',
);

const count = (description: string) => s.optional(s.integer(description, { min: 1, max: 1000 }));

export const HEALTH_CHECK_KEYS = {
  kind: s.optional(s.choice(['http', 'tcp', 'grpc'], 'What a probe is: a request, or a connection; default http.')),
  path: s.optional(s.string('Path asked for, with its query; default /health.', { minLength: 1 })),
  host: s.optional(s.string('Host asked for; default that of the endpoint.', { minLength: 1 })),
  method: s.optional(s.choice(['GET', 'HEAD', 'OPTIONS', 'POST'], 'Method; default GET.')),
  headers: s.optional(HEADER_VALUES),
  expected_codes: s.optional(s.oneOrMany(STATUS, 'Statuses of a healthy endpoint; default 200-399.')),
  port: s.optional(s.integer('Port; default that of the endpoint.', { min: 1, max: 65_535 })),
  tls: s.optional(s.boolean('Whether probes speak TLS; default as requests to the endpoint do.')),
  interval: s.optional(s.durationText('From one probe to the next; default 15s.')),
  unhealthy_interval: s.optional(
    s.durationText('The same while the endpoint is unhealthy or its last probe failed; default interval.'),
  ),
  timeout: s.optional(s.durationText('A probe without an answer after this has failed; default 5s.')),
  jitter: s.optional(s.scalarText('Share of the interval by which it varies; default 10%.')),
  healthy_threshold: count('Good probes in a row that make an unhealthy endpoint healthy; default 2.'),
  unhealthy_threshold: count('Failed probes in a row that make a healthy endpoint unhealthy; default 3.'),
  panic_threshold: s.optional(
    s.scalarText('With fewer endpoints healthy than this share, the checks are ignored; default 0%: never.'),
  ),
  ends_ejection: s.optional(
    s.boolean('Whether a good probe ends the ejection of an endpoint by outlier_detection; default false.'),
  ),
};

export const HEALTH_CHECK = s.object(HEALTH_CHECK_KEYS, 'Asks every endpoint how it is, without traffic.');

export type WrittenHealthCheck = Infer<typeof HEALTH_CHECK>;

interface Place {
  readonly reading: Reading;
  readonly path: Path;
}

const HTTP_ONLY = ['path', 'host', 'method', 'headers', 'expected_codes'] as const;
/** RFC 3986 §3.3 and §3.4, without spaces and controls that would end the request line. */
const REQUEST_PATH = /^\/[\x21-\x22\x24-\x7e]*$/;
const AUTHORITY = /^[A-Za-z0-9._~-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/;
/** Set by the probe itself. */
const OWN_HEADERS = /^(connection|content-length|host|transfer-encoding|upgrade|expect|keep-alive|te|trailer)$/i;

function wrong({ reading, path }: Place, key: string, message: string, mend?: string): void {
  reading.error([...path, key], { code: 'config.wrong-value', message, ...(mend !== undefined && { mend }) });
}

function toRange(written: string | number): StatusRange {
  const text = String(written).trim().toLowerCase();
  if (text.endsWith('xx')) return { from: Number(text[0]) * 100, to: Number(text[0]) * 100 + 99 };
  const [from, to = from] = text.split('-').map(Number);
  return { from, to };
}

function expectedOf(written: WrittenHealthCheck, place: Place): readonly StatusRange[] {
  const ranges = written.expected_codes?.map(toRange) ?? [{ from: 200, to: 399 }];
  if (ranges.some(({ from, to }) => from > to))
    wrong(place, 'expected_codes', 'the first status of a range is above its last');
  return ranges;
}

function httpProbe(written: WrittenHealthCheck, place: Place): HealthProbe {
  const { path = '/health', host, method = 'GET' } = written;
  if (!REQUEST_PATH.test(path)) wrong(place, 'path', 'not a path', 'write a path such as /health');
  if (host !== undefined && !AUTHORITY.test(host)) wrong(place, 'host', 'not a host', 'write host or host:port');
  const headers = toHeaderFields(written.headers, place.reading, [...place.path, 'headers']);
  for (const { name } of headers) {
    if (isHeaderName(name) && OWN_HEADERS.test(name)) {
      const mend = name.toLowerCase() === 'host' ? 'write "host"' : undefined;
      wrong({ ...place, path: [...place.path, 'headers'] }, name, `"${name}" is set by the probe itself`, mend);
    }
  }
  return {
    kind: 'http',
    method,
    path,
    ...(host !== undefined && { host }),
    headers,
    expected: expectedOf(written, place),
  };
}

function probeOf(written: WrittenHealthCheck, place: Place): HealthProbe {
  if (written.kind === 'grpc') {
    const message = 'this version does not check by gRPC yet';
    place.reading.error([...place.path, 'kind'], { code: 'config.not-available', message, mend: 'write "kind: tcp"' });
  }
  if (written.kind === undefined || written.kind === 'http') return httpProbe(written, place);
  for (const key of HTTP_ONLY) {
    if (written[key] === undefined) continue;
    const message = `"${key}" has no effect: a probe of kind ${written.kind} sends no request`;
    place.reading.warning([...place.path, key], { code: 'config.no-effect', message, mend: 'write "kind: http"' });
  }
  return { kind: 'tcp' };
}

function shareOf(key: 'jitter' | 'panic_threshold', written: WrittenHealthCheck, place: Place): number {
  const standard = key === 'jitter' ? DEFAULT_HEALTH_CHECK.jitter : DEFAULT_HEALTH_CHECK.panicPercent / 100;
  const text = written[key];
  const share = text === undefined ? standard : parsePercent(text);
  if (share !== undefined && share <= 1) return share;
  const message = share === undefined ? 'expected a share such as 10%' : 'more than 100%';
  wrong(place, key, message);
  return standard;
}

function timesOf(
  written: WrittenHealthCheck,
  place: Place,
): Pick<HealthCheck, 'intervalMs' | 'failingIntervalMs' | 'timeoutMs'> {
  const intervalMs = written.interval ?? DEFAULT_HEALTH_CHECK.intervalMs;
  const failingIntervalMs = written.unhealthy_interval ?? intervalMs;
  const timeoutMs = written.timeout ?? DEFAULT_HEALTH_CHECK.timeoutMs;
  for (const key of ['interval', 'unhealthy_interval', 'timeout'] as const)
    if (written[key] === 0) wrong(place, key, 'must be longer than 0');
  const isSlow = written.timeout !== undefined && timeoutMs > Math.min(intervalMs, failingIntervalMs);
  if (isSlow && timeoutMs > 0) {
    const message = 'a probe may take longer than the interval: the next one waits for it';
    place.reading.note([...place.path, 'timeout'], { code: 'config.long-timeout', message });
  }
  return { intervalMs, failingIntervalMs, timeoutMs };
}

export function toHealthCheck(written: WrittenHealthCheck, reading: Reading, path: Path): HealthCheck {
  const place = { reading, path };
  return {
    probe: probeOf(written, place),
    ...(written.port !== undefined && { port: written.port }),
    ...(written.tls !== undefined && { tls: written.tls }),
    ...timesOf(written, place),
    jitter: shareOf('jitter', written, place),
    healthyThreshold: written.healthy_threshold ?? DEFAULT_HEALTH_CHECK.healthyThreshold,
    unhealthyThreshold: written.unhealthy_threshold ?? DEFAULT_HEALTH_CHECK.unhealthyThreshold,
    panicPercent: shareOf('panic_threshold', written, place) * 100,
    endsEjection: written.ends_ejection ?? DEFAULT_HEALTH_CHECK.endsEjection,
  };
}

/** A check as any section may hold it; undefined after errors. */
export function readHealthCheck(value: unknown, place: Path, reading: Reading): HealthCheck | undefined {
  const written = reading.parse(HEALTH_CHECK, value ?? {}, place);
  return written && toHealthCheck(written, reading, place);
}
