// Checks the Authorization of a request to AWS: a bearer key, or Signature Version 4 recomputed by own code, so that the gateway's
// signing is tested against a second implementation.
import { createHmac, hash } from 'node:crypto';
import type { RequestHead } from '../../wire.ts';

const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

export type Denial = 'missing' | 'malformed' | 'unknown' | 'mismatch';

/** Why the request is not let in. Without a required key only the form is looked at; `ID:SECRET` has signatures recomputed. */
export function denialOf(head: RequestHead, requireKey: string | undefined, body: Buffer): Denial | undefined {
  const { authorization } = head.headers;
  if (authorization === undefined) return 'missing';
  if (authorization.startsWith('Bearer ')) {
    return requireKey === undefined || authorization === `Bearer ${requireKey}` ? undefined : 'unknown';
  }
  const match = SIGNATURE.exec(authorization);
  if (match === null || head.headers['x-amz-date'] === undefined) return 'malformed';
  if (!match[5].split(';').includes('host')) return 'malformed';
  if (requireKey === undefined) return undefined;
  const colon = requireKey.indexOf(':');
  if (colon === -1 || match[1] !== requireKey.slice(0, colon)) return 'unknown';
  const [, , date, region, service, signedNames, signature] = match;
  const scope: Scope = { date, region, service, signedNames };
  return signature === sign(head, body, { ...scope, secret: requireKey.slice(colon + 1) }) ? undefined : 'mismatch';
}

interface Scope {
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedNames: string;
}

function sign(
  head: RequestHead,
  body: Buffer,
  { secret, date, region, service, signedNames }: Scope & { secret: string },
): string {
  const { method, path, headers } = head;
  const fields = signedNames.split(';').map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const claimed = headers['x-amz-content-sha256']?.toString();
  const payload = claimed ?? hash('sha256', body);
  if (claimed !== undefined && claimed !== hash('sha256', body)) return '';
  const canonical = [method, encodedPath(path), encodedQuery(head), fields.join(''), signedNames, payload].join('\n');
  const text = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    `${date}/${region}/${service}/aws4_request`,
    hash('sha256', canonical),
  ].join('\n');
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [date, region, service, 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(text).digest('hex');
}

/** All services but S3 encode the segments of the sent path once more. */
function encodedPath(path: string): string {
  return path.split('/').map(encoded).join('/');
}

function encodedQuery({ query }: RequestHead): string {
  return [...query]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
