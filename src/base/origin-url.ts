// Addresses of endpoints as people write them (`host`, `host:8080`, `https://host/v1`), normalised once at load time.

export interface OriginUrl {
  /** `scheme://host:port`, lower case, always with the port. */
  readonly origin: string;
  /** Without trailing slash; '' for none. */
  readonly path: string;
  readonly isLoopback: boolean;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** `http` and port 80 (443) are implied. Undefined for anything else, and for user names, queries and fragments, which an endpoint cannot have. */
export function parseOrigin(text: string): OriginUrl | undefined {
  if (/[\s\\?#@]/.test(text) || text === '') return undefined;
  const url = URL.parse(SCHEME.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === '' || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return {
    origin: `${url.protocol}//${url.hostname}:${port}`,
    path: url.pathname.replace(/\/+$/, ''),
    isLoopback: url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname),
  };
}
