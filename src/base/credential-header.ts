// Which header fields carry credentials, judged by their names: no configuration can have them logged.

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
