// Which header fields and query parameters carry secrets, judged by their names: the access log never shows their values.

const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
  'www-authenticate',
  'proxy-authenticate',
  'cookie',
  'cookie2',
  'set-cookie',
  'set-cookie2',
  'api-key',
  'apikey',
  'x-api-key',
  'x-apikey',
  'x-goog-api-key',
  'x-goog-iam-authorization-token',
  'x-amz-security-token',
  'x-amz-signature',
  'x-portkey-api-key',
  'x-bf-vk',
  'x-functions-key',
  'ocp-apim-subscription-key',
  'x-auth-token',
  'x-access-token',
  'x-csrf-token',
  'x-xsrf-token',
  'x-vault-token',
  'x-forwarded-client-cert',
  'dpop',
]);

/** Whole words of a name, so that `x-max-tokens` may be logged and `x-acme-token` may not. */
const CREDENTIAL_WORDS =
  /(?:^|[-_.])(?:auth|authorization|authentication|cookie|secret|secrets|password|passwd|passphrase|pwd|token|jwt|apikey|credential|credentials|signature|assertion|(?:api|access|secret|private|subscription|auth|virtual|master|account|license|shared|signing|encryption)[-_.]?key)(?:$|[-_.])/;

/** True for names (lower case) whose values are never logged, whatever a configuration asks for. */
export function isCredentialHeader(lowerName: string): boolean {
  return CREDENTIAL_HEADERS.has(lowerName) || CREDENTIAL_WORDS.test(lowerName);
}

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
