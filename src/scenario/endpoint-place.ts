// Which endpoint of a scenario an address is: host and port, whatever path or backend leads there.
import type { Backend } from '../model/backend.ts';

/** `host:port` of an http or https URL. */
export function placeOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return `${host}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}

/** What an event or expectation is about. Several given = all of them hold. */
export interface EndpointSelector {
  readonly endpoint?: string | undefined;
  readonly backend?: string | undefined;
  readonly zone?: string | undefined;
  readonly region?: string | undefined;
}

/** URLs of the endpoints chosen, each once, in the order of the configuration. */
export function selectEndpoints(selector: EndpointSelector, backends: readonly Backend[]): readonly string[] {
  const place = selector.endpoint === undefined ? undefined : placeOf(selector.endpoint);
  const urls = backends
    .filter(({ name }) => selector.backend === undefined || name === selector.backend)
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ zone }) => selector.zone === undefined || zone === selector.zone)
    .filter(({ region }) => selector.region === undefined || region === selector.region)
    .filter(({ url }) => place === undefined || placeOf(url) === place);
  return [...new Map(urls.map(({ url }) => [placeOf(url), url])).values()];
}
