// The signature against AWS's published example, against the steps of the standard written out, and against the official SDK.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import fc from 'fast-check';
import type { SignableRequest } from '../../provider.ts';
import { type AwsCredentials, createSigner } from './signature.ts';

const CREDENTIALS: AwsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
};
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** Unreserved characters stay, all others are bytes in percent signs, slashes as told. */
function uriEncode(text: string, keepsSlash: boolean): string {
  return Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9._~-]/.test(character) || (keepsSlash && character === '/')) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The four steps of SigV4, slow and obvious. */
function referenceSignature(request: SignableRequest, credentials: AwsCredentials, region: string): string {
  const { method, authority, path, query, body, wallMs } = request;
  const date = new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const headers: readonly (readonly [string, string])[] = [
    ['host', authority],
    ['x-amz-content-sha256', sha256(body)],
    ['x-amz-date', date],
    ...(credentials.sessionToken === undefined ? [] : ([['x-amz-security-token', credentials.sessionToken]] as const)),
  ];
  const signedNames = headers.map(([name]) => name).join(';');
  const canonical = [
    method,
    uriEncode(path, true),
    query,
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    signedNames,
    sha256(body),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/bedrock/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  let key: Buffer = hmac(`AWS4${credentials.secretAccessKey}`, date.slice(0, 8));
  for (const part of [region, 'bedrock', 'aws4_request']) key = hmac(key, part);
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedNames}, Signature=${signature}`;
}

/** The reference itself: AWS's published derivation of a signing key (20150830, us-east-1, iam). */
test('the steps written out give AWS’s published signing key and signature', () => {
  let key: Buffer = hmac(`AWS4${CREDENTIALS.secretAccessKey}`, '20150830');
  for (const part of ['us-east-1', 'iam', 'aws4_request']) key = hmac(key, part);
  assert.equal(key.toString('hex'), 'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9');
  const toSign = [
    'AWS4-HMAC-SHA256',
    '20150830T123600Z',
    '20150830/us-east-1/iam/aws4_request',
    'f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59',
  ].join('\n');
  assert.equal(hmac(key, toSign).toString('hex'), '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7');
});

function authorizationOf(lines: string): string {
  return /^authorization: ([^\r]+)\r\n/.exec(lines)?.[1] ?? '';
}

const request: SignableRequest = {
  method: 'POST',
  authority: 'bedrock-runtime.us-east-1.amazonaws.com',
  path: '/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse',
  query: '',
  body: Buffer.from('{"messages":[]}'),
  wallMs: Date.UTC(2026, 10, 24, 23, 0, 0),
};

test('the signature of a Converse request is the one known', async () => {
  const lines = await createSigner(CREDENTIALS, 'us-east-1')(request);
  assert.equal(authorizationOf(lines), referenceSignature(request, CREDENTIALS, 'us-east-1'));
  assert.equal(
    lines,
    'authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/us-east-1/bedrock/aws4_request, ' +
      'SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=e4291063bcf58e03fbd009f87e60cf353a8e0e5ebd86e1c0c77401eda41eb214\r\n' +
      'x-amz-date: 20261124T230000Z\r\n' +
      `x-amz-content-sha256: ${sha256(request.body)}\r\n`,
  );
});

test('any path of a model, body, clock and token: as the steps say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/), { nil: undefined }),
      async (model, body, wallMs, sessionToken) => {
        const credentials = { ...CREDENTIALS, sessionToken };
        const path = `/model/${uriEncode(model, false)}/converse`;
        if (/^\/model\/\.{1,2}\//.test(path)) return; // dots are walked, and no model is named so
        const asked = { ...request, path, body, wallMs };
        const lines = await createSigner(credentials, 'eu-west-1')(asked);
        assert.equal(authorizationOf(lines), referenceSignature(asked, credentials, 'eu-west-1'));
      },
    ),
    { seed: 61, numRuns: 60 },
  );
});

test('the official SDK signs the same request alike', async () => {
  for (const modelId of [
    'anthropic.claude-3-haiku-20240307-v1:0',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123',
  ]) {
    const credentials = { ...CREDENTIALS, sessionToken: 'session/token+1' };
    let sent: SdkRequest | undefined;
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      credentials,
      systemClockOffset: 0,
      maxAttempts: 1,
      requestHandler: {
        handle: (given: SdkRequest) => {
          sent = given;
          return Promise.reject(new Error('far enough'));
        },
      } as never,
    });
    // Only what the gateway signs too: fields of the SDK's own would be signed as well.
    const middleware = (next: (step: object) => Promise<object>) => (step: { readonly request: SdkRequest }) => {
      const { headers } = step.request;
      for (const name of Object.keys(headers)) if (name.toLowerCase() !== 'host') delete headers[name];
      return next(step);
    };
    client.middlewareStack.addRelativeTo(middleware as never, {
      relation: 'before',
      toMiddleware: 'httpSigningMiddleware',
    });
    await assert.rejects(
      client.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'hi' }] }] })),
      /far enough/,
    );
    assert.ok(sent !== undefined);
    const date = sent.headers['x-amz-date'];
    const wallMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    const lines = await createSigner(
      credentials,
      'us-east-1',
    )({
      ...request,
      authority: sent.headers.host,
      path: sent.path,
      body: Buffer.from(sent.body),
      wallMs,
    });
    assert.equal(authorizationOf(lines), sent.headers.authorization);
    assert.ok(lines.includes(`x-amz-security-token: ${sent.headers['x-amz-security-token']}\r\n`));
    client.destroy();
  }
});

interface SdkRequest {
  readonly headers: Record<string, string>;
  readonly path: string;
  readonly body: string | Uint8Array;
}
