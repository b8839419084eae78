// What Google's two APIs have in common, so that their providers are addresses and credentials: which method an operation is asked
// for with, and a query without the client's key.
import type { TargetCodec, TranslationTarget } from './provider.ts';

/** Parameters of a query that carry a client's credential to Google. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'key',
  '$key',
  'access_token',
  '$access_token',
  'oauth_token',
  'upload_token',
]);

/** A name hidden as `%6bey` is still `key` to Google. */
function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  const name = equals === -1 ? pair : pair.slice(0, equals);
  return name
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    .toLowerCase();
}

/** The client's query without what proves the client: that was for the gateway. */
export function queryWithoutKey(query: string): string {
  if (query === '') return query;
  return query
    .split('&')
    .filter((pair) => !CREDENTIALS.has(nameOf(pair)))
    .join('&');
}

/** A model's name as one segment of a path. Tuned models bring their collection. */
export function modelPath(model: string): string {
  const [collection, name] = model.startsWith('tunedModels/')
    ? ['tunedModels', model.slice('tunedModels/'.length)]
    : ['models', model.replace(/^models\//, '')];
  return `/${collection}/${encodeURIComponent(name.toWellFormed())}`;
}

export function generateMethod(isStream: boolean): string {
  return isStream ? 'streamGenerateContent' : 'generateContent';
}

/** `asksEvents`: the stream is to be server-sent events, which Google's own methods are told in the query. */
export function targetAt(path: string, codec: TargetCodec, asksEvents = false): TranslationTarget {
  return { path, query: asksEvents ? 'alt=sse' : '', codec, framing: 'sse' };
}

/** A header value that would end its line is a bug of the caller: configuration is checked when read. */
export function isFieldValue(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}
