// Which query parameters carry secrets, judged by their names, and which header values by their form: the access log never
// shows them. Whole header fields are judged by base/credential-header.ts.

const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'key',
  'code',
  'sig',
  'pass',
  'pwd',
  'jwt',
  'auth',
  'sid',
  'vk',
]);
const SECRET_PARTS =
  /apikey|accesskey|secretkey|privatekey|subscriptionkey|token|secret|signature|password|passwd|passphrase|credential|authorization|assertion|session/;

/** Decodes what can be decoded: a name hidden as `%74oken` is still `token` to whoever reads it. */
function decodeName(name: string): string {
  if (!name.includes('%')) return name;
  return name.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function isSecretParameter(rawName: string): boolean {
  const name = decodeName(rawName)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return SECRET_PARAMETERS.has(name) || SECRET_PARTS.test(name);
}

/** `query` with `***` for the values of parameters that look secret. `;` separates too: some servers still read it so. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query;
  let clean = '';
  let start = 0;
  for (let i = 0; i <= query.length; i++) {
    if (i < query.length && query[i] !== '&' && query[i] !== ';') continue;
    const equals = query.indexOf('=', start);
    const isPair = equals !== -1 && equals < i;
    clean +=
      isPair && isSecretParameter(query.slice(start, equals))
        ? `${query.slice(start, equals)}=***`
        : query.slice(start, i);
    if (i < query.length) clean += query[i];
    start = i + 1;
  }
  return clean;
}

const SCHEME_CREDENTIALS = /^(?:bearer|basic|digest|negotiate|token|apikey|dpop|aws4-hmac-sha256)\s/i;

/** The value of a logged header: a credential in a field of another name is hidden, so is one in the query of a URL. */
export function redactHeaderValue(value: string): string {
  if (SCHEME_CREDENTIALS.test(value)) return '***';
  const query = value.indexOf('?');
  return query === -1 ? value : value.slice(0, query + 1) + redactQuery(value.slice(query + 1));
}
