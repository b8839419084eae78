// `dns` of a backend: a host name whose addresses are the endpoints, watched while the gateway runs.
import { isIP } from 'node:net';
import { parseOrigin } from '../../base/origin-url.ts';
import type { Id } from '../../base/types.ts';
import type { DnsSource, Endpoint } from '../../model/backend.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const NAME = s.string('name, name:port or http(s)://name:port; _service._protocol.name for SRV records.', {
  minLength: 1,
});

export const DNS = s.union(
  [
    NAME,
    s.object({
      name: NAME,
      family: s.optional(
        s.choice(['auto', 'ipv4', 'ipv6'], 'Kind of addresses; default auto: IPv4 where there are both.'),
      ),
    }),
  ],
  'A host name whose addresses are the endpoints, found while the gateway runs.',
);

interface Place {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** Of the backend. */
  readonly path: Path;
}

export interface FoundByName {
  readonly endpoints: readonly Endpoint[];
  readonly dns?: DnsSource;
}

const SRV = /^_[a-z0-9-]+\._(?:tcp|udp)\../i;

function wrong({ reading, path }: Place, message: string, mend: string): undefined {
  reading.error([...path, 'dns'], { code: 'config.wrong-value', message, mend });
  return undefined;
}

function toSource(written: Infer<typeof DNS>, place: Place): (DnsSource & { readonly origin: string }) | undefined {
  const { name: text, family = 'auto' } = typeof written === 'string' ? { name: written } : written;
  const url = parseOrigin(text);
  if (url === undefined || url.path !== '')
    return wrong(place, 'not a host name', 'write name, name:port or https://name');
  const { hostname, port, protocol } = new URL(url.origin);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)
    return wrong(place, 'an address needs no DNS', 'write it under "endpoints"');
  const isTls = protocol === 'https:';
  const kind = SRV.test(hostname) ? 'srv' : 'address';
  if (kind === 'srv' && /:\d+$/.test(text)) {
    const message = 'the port has no effect: SRV records have their own';
    place.reading.warning([...place.path, 'dns'], { code: 'config.no-effect', message, mend: 'leave it out' });
  }
  return { kind, name: hostname, port: Number(port || (isTls ? 443 : 80)), isTls, family, origin: url.origin };
}

/** Undefined after errors. Without discovery a name is one endpoint, found by the system for each connection. */
export function readDns(backend: string, written: Infer<typeof DNS>, place: Place): FoundByName | undefined {
  const source = toSource(written, place);
  if (source === undefined) return undefined;
  const { origin, ...dns } = source;
  if (!place.scope.discovery.isOff) return { endpoints: [], dns };
  if (dns.kind === 'srv') return wrong(place, 'SRV records need discovery', 'enable service_discovery.dns');
  return { endpoints: [{ id: `${backend}/${origin}` as Id<'endpoint'>, url: origin, weight: 1 }] };
}
