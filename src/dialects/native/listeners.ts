// The section `listeners`: where requests come in. A list, or a map by name.
import type { Id } from '../../base/types.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_LISTENER_PORT, DEFAULT_PATH_POLICY } from '../../model/defaults.ts';
import type { Listener, ListenerLimits, ListenerTls, PathPolicy } from '../../model/listener.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { parseHost } from './host-name.ts';
import { LATER_LISTENER_KEYS } from './later-keys.ts';
import { readPem } from './pem-value.ts';
import type { Reading } from './reading.ts';
import { defaultListenerName, type NativeScope } from './scope.ts';

const octet = (what: string) =>
  s.optional(s.choice(['reject', 'keep', 'decode'], `What to do with ${what} in a path; default keep.`));
const count = (description: string) => s.optional(s.integer(description, { min: 1 }));

const LIMITS = s.object(
  {
    max_connections: count('Open client connections over all workers; default 65536.'),
    max_head: s.optional(s.bytes('Request line and header section; default 32KiB.')),
    max_target: s.optional(s.bytes('Request target; default 8192.')),
    max_headers: count('Header fields; default 100.'),
    max_buffered_body: s.optional(
      s.bytes('A body that must be held in memory; default 16MiB. Streamed bodies have no limit.'),
    ),
    max_requests_per_connection: s.optional(
      s.integer('Requests on one connection; 0, the default, is no limit.', { min: 0 }),
    ),
    head_timeout: s.optional(
      s.durationText('From the first byte of a head to its last, and for a TLS handshake; default 10s.'),
    ),
    body_timeout: s.optional(s.durationText('Longest pause between two pieces of a body; default 30s.')),
    idle_timeout: s.optional(s.durationText('Between two requests; default 75s.')),
  },
  'Bounds on connections, heads and bodies.',
);

const PATH = s.object(
  {
    encoded_slash: octet('%2F'),
    encoded_backslash: octet('%5C'),
    encoded_nul: s.optional(s.choice(['reject', 'keep'], 'What to do with %00 in a path; default reject.')),
    merge_slashes: s.optional(s.boolean('Whether // becomes /; default false.')),
  },
  'How paths are normalised before matching.',
);

/** One listener; the names are those of the file. */
export const LISTENER = s.object(
  {
    name: s.optional(s.string('Name for routes and logs; the first one without is "default".', { minLength: 1 })),
    port: s.withDefault(s.integer('TCP port; 0 takes a free one.', { min: 0, max: 65_535 }), DEFAULT_LISTENER_PORT),
    address: s.optional(s.string('Address to bind; every address by default.', { minLength: 1 })),
    protocol: s.optional(s.choice(['http', 'https'], 'https needs tls; default https where tls is given.')),
    hostnames: s.optional(s.oneOrMany(s.string('A host, or *.example.com.'), 'Hosts served here; any by default.')),
    tls: s.optional(
      s.object(
        {
          certificate: s.string('PEM text, or path of a PEM file.'),
          key: s.secret('PEM text, or path of a PEM file.'),
        },
        'Certificate shown to clients.',
      ),
    ),
    limits: s.optional(LIMITS),
    path: s.optional(PATH),
    trusted_proxies: s.optional(
      s.oneOrMany(
        s.cidr('A block such as 10.0.0.0/8.'),
        'Peers whose X-Forwarded-* and Forwarded fields are believed and continued; from anybody else they are dropped.',
      ),
    ),
  },
  'A place where requests come in.',
);

type Written = Infer<typeof LISTENER>;

function toLimits(written: Written['limits']): ListenerLimits {
  const standard = DEFAULT_LISTENER_LIMITS;
  return {
    maxConnections: written?.max_connections ?? standard.maxConnections,
    maxHeadBytes: written?.max_head ?? standard.maxHeadBytes,
    maxTargetBytes: written?.max_target ?? standard.maxTargetBytes,
    maxHeaders: written?.max_headers ?? standard.maxHeaders,
    maxBufferedBodyBytes: written?.max_buffered_body ?? standard.maxBufferedBodyBytes,
    maxRequestsPerConnection: written?.max_requests_per_connection ?? standard.maxRequestsPerConnection,
    headTimeoutMs: written?.head_timeout ?? standard.headTimeoutMs,
    bodyTimeoutMs: written?.body_timeout ?? standard.bodyTimeoutMs,
    idleTimeoutMs: written?.idle_timeout ?? standard.idleTimeoutMs,
  };
}

function toPathPolicy(written: Written['path']): PathPolicy {
  return {
    encodedSlash: written?.encoded_slash ?? DEFAULT_PATH_POLICY.encodedSlash,
    encodedBackslash: written?.encoded_backslash ?? DEFAULT_PATH_POLICY.encodedBackslash,
    encodedNul: written?.encoded_nul ?? DEFAULT_PATH_POLICY.encodedNul,
    mergeSlashes: written?.merge_slashes ?? DEFAULT_PATH_POLICY.mergeSlashes,
  };
}

class ListenerReader {
  private readonly reading: Reading;
  private readonly scope: NativeScope;

  constructor(reading: Reading, scope: NativeScope) {
    this.reading = reading;
    this.scope = scope;
  }

  private tls(written: Written, path: Path): ListenerTls | undefined {
    const at = (key: string) => ({ reading: this.reading, scope: this.scope, path: [...path, 'tls', key] });
    if (written.tls === undefined) {
      if (written.protocol === 'https') {
        this.reading.error(path, { code: 'config.missing-key', message: '"tls" is required: the protocol is https' });
      }
      return undefined;
    }
    if (written.protocol === 'http') {
      const message = 'tls is given, but the protocol is http';
      this.reading.error([...path, 'protocol'], {
        code: 'config.wrong-value',
        message,
        mend: 'write "protocol: https"',
      });
    }
    const certificate = readPem(written.tls.certificate, 'certificate', at('certificate'));
    const key = readPem(written.tls.key, 'key', at('key'));
    return certificate === undefined || key === undefined ? undefined : { certificate, key };
  }

  read(value: unknown, path: Path, defaultName: string): Listener | undefined {
    const { reading } = this;
    const written = reading.parse(LISTENER, reading.withoutLater(value ?? {}, path, LATER_LISTENER_KEYS), path);
    if (written === undefined) return undefined;
    const tls = this.tls(written, path);
    return {
      id: (written.name ?? defaultName) as Id<'listener'>,
      origin: reading.origin(path),
      address: written.address,
      port: written.port,
      protocol: written.protocol ?? (tls === undefined ? 'http' : 'https'),
      hostnames: (written.hostnames ?? []).flatMap((host) => parseHost(host, reading, [...path, 'hostnames'])),
      tls,
      path: toPathPolicy(written.path),
      limits: toLimits(written.limits),
      trustedProxies: written.trusted_proxies ?? [],
    };
  }
}

export function translateListeners(value: unknown, reading: Reading, scope: NativeScope): readonly Listener[] {
  const reader = new ListenerReader(reading, scope);
  const read = Array.isArray(value)
    ? reading
        .items(value, ['listeners'])
        .map(([item, path], index) => reader.read(item, path, defaultListenerName(index)))
    : reading.members(value, ['listeners']).map(([name, member, path]) => reader.read(member, path, name));
  return read.filter((listener) => listener !== undefined);
}
