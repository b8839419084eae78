// The client's query without what proves the client: that was for the gateway, and no provider is told.

/** Parameters that carry a credential at one of the APIs that clients speak, or at a proxy in front of one. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'key',
  '$key',
  'access_token',
  '$access_token',
  'oauth_token',
  'upload_token',
  'api-key',
  'api_key',
  'apikey',
  'x-api-key',
  'x-goog-api-key',
  'authorization',
  'auth_token',
  'subscription-key',
]);

/** A name hidden as `%6bey` is still `key` to who reads it. */
function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  const name = equals === -1 ? pair : pair.slice(0, equals);
  return name
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .toLowerCase();
}

export function queryWithoutCredentials(query: string): string {
  if (query === '') return query;
  return query
    .split('&')
    .filter((pair) => !CREDENTIALS.has(nameOf(pair)))
    .join('&');
}
