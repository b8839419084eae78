// Keeps credentials out of what the simulator shows: echoes and the list of received requests.

const MASK = '***';
const NAMED = /^(?:proxy-)?authorization$|^(?:set-)?cookie$|api-?key|token|secret|password|credential|signature/;
const IN_QUERY = /([?&](?:key|api[-_]?key|access[-_]token|token|secret|password|sig(?:nature)?)=)[^&#]*/gi;

/** Lower-case names; repeated fields are joined by `, ` (RFC 9110 §5.2), none is dropped as node's own `headers` does. */
export function foldHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index].toLowerCase();
    headers[name] = name in headers ? `${headers[name]}, ${raw[index + 1]}` : raw[index + 1];
  }
  return headers;
}

/** The scheme stays (`Bearer ***`): whether a credential came, and of which kind, is often the question. */
export function maskedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const masked: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) masked[name] = NAMED.test(name) ? mask(value) : value;
  return masked;
}

function mask(value: string): string {
  const scheme = /^(?:Bearer|Basic|Digest|Negotiate) /i.exec(value)?.[0] ?? '';
  return scheme + MASK;
}

export function maskedUrl(url: string): string {
  return url.replace(IN_QUERY, `$1${MASK}`);
}
