// The endpoints of a backend: addresses, or maps with an address and a weight.
import { parseOrigin } from '../../base/origin-url.ts';
import type { Id } from '../../base/types.ts';
import type { Endpoint } from '../../model/backend.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { ENDPOINT_HEALTH, isChecked } from './health-checks.ts';
import { CARRIED_ENDPOINT_KEYS } from './later-keys.ts';
import type { Reading } from './reading.ts';

const URL_TEXT = s.string('host, host:port, or http(s)://host:port; port 80 (443) by default.', { minLength: 1 });

const ENDPOINT = s.union(
  [
    URL_TEXT,
    s.object({
      url: URL_TEXT,
      weight: s.optional(s.integer('Share of the requests; default 1.', { min: 0 })),
      region: s.optional(s.string('Region.')),
      zone: s.optional(s.string('Zone.')),
      labels: s.optional(s.record(s.scalarText('Value.'), 'Labels.')),
      priority: s.optional(
        s.integer('Lower is used first; higher as the lower ones lose endpoints. Default 0.', { min: 0 }),
      ),
      health_checks: s.optional(ENDPOINT_HEALTH),
    }),
  ],
  'An address, or a map with an address.',
);

/** One endpoint or a list of them. */
export const ENDPOINTS = s.oneOrMany(ENDPOINT, 'Where requests are sent.');

export interface EndpointPlace {
  readonly reading: Reading;
  /** Of the key `endpoints`. */
  readonly path: Path;
  /** The backend as written: a single endpoint has no index in its path. */
  readonly raw: unknown;
}

type Written = Exclude<Infer<typeof ENDPOINTS>[number], string>;

function endpointPath({ path, raw }: EndpointPlace, index: number): Path {
  return Array.isArray((raw as { readonly endpoints?: unknown }).endpoints) ? [...path, index] : path;
}

function warnOfUnused(written: Written, path: Path, reading: Reading): void {
  for (const key of CARRIED_ENDPOINT_KEYS) {
    if (!Object.hasOwn(written, key)) continue;
    const message = `this version does not act on "${key}" yet`;
    reading.warning([...path, key], { code: 'config.not-available', message });
  }
}

function translateEndpoint(
  backend: string,
  written: Written,
  place: { reading: Reading; path: Path },
): Endpoint | undefined {
  const { reading, path } = place;
  const url = parseOrigin(written.url);
  if (url === undefined) {
    const mend = 'write host:port or https://host:port, without user, query or fragment';
    reading.error(path, { code: 'config.wrong-value', message: 'not the address of an endpoint', mend });
    return undefined;
  }
  if (url.path !== '') {
    const mend = 'keep host and port here; put the path in "rewrite" of the route, or in "base_url" of an AI backend';
    reading.error(path, { code: 'config.endpoint-path', message: 'the address of an endpoint has no path', mend });
    return undefined;
  }
  warnOfUnused(written, path, reading);
  return {
    id: `${backend}/${url.origin}` as Id<'endpoint'>,
    url: url.origin,
    weight: written.weight ?? 1,
    ...(written.region !== undefined && { region: written.region }),
    ...(written.zone !== undefined && { zone: written.zone }),
    ...(written.priority !== undefined && { priority: written.priority }),
    ...(written.labels !== undefined && { labels: written.labels }),
    ...(!isChecked(written.health_checks) && { healthChecked: false }),
  };
}

/** Valid ones in order; the others, and repeated ones, are errors. */
export function translateEndpoints(
  backend: string,
  list: Infer<typeof ENDPOINTS>,
  place: EndpointPlace,
): readonly Endpoint[] {
  const { reading } = place;
  const endpoints = new Map<string, Endpoint>();
  list.forEach((item, index) => {
    const at = endpointPath(place, index);
    const endpoint = translateEndpoint(backend, typeof item === 'string' ? { url: item } : item, { reading, path: at });
    if (endpoint === undefined) return;
    if (endpoints.has(endpoint.id)) {
      const message = 'this endpoint is already in the list';
      reading.error(at, { code: 'config.duplicate', message, mend: 'give it once, with a weight' });
    } else endpoints.set(endpoint.id, endpoint);
  });
  return [...endpoints.values()];
}
