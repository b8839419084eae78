// Heads towards endpoints: what never travels, what is added, and what an AI provider may see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../pipeline/exchange.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import type { CompiledEndpoint } from './endpoint-set.ts';
import { type ExchangeOptions, exchangeOf } from './testing/exchanges.ts';
import { dropOwnFields, forwardingLines, plainRequestHead, providerRequestHead } from './upstream-head.ts';

function prepareRequestHeaders(exchange: Exchange, via: string): string {
  const lines = forwardingLines(exchange, via);
  dropOwnFields(exchange);
  return lines;
}

const ENDPOINT = { hostLine: 'host: provider.test\r\n' } as CompiledEndpoint;
const OWN_HOST_FREE = { hostLine: undefined } as CompiledEndpoint;
const PROVIDER = {
  name: 'openai',
  adapter: {},
  basePath: '/v1',
  model: undefined,
  credentialLines: 'authorization: Bearer ours\r\nopenai-organization: org-ours\r\n',
  keylessLines: 'openai-organization: org-ours\r\n',
  forwardsCredential: false,
} as unknown as CompiledProvider;
const FORWARDING = { ...PROVIDER, forwardsCredential: true };

function identified(exchange: Exchange): Exchange {
  exchange.requestId = 'request-1';
  exchange.traceId = 'a'.repeat(32);
  exchange.spanId = 'b'.repeat(16);
  return exchange;
}

function plain(fields: readonly string[], options?: ExchangeOptions): readonly string[] {
  const exchange = identified(exchangeOf('GET /a?b=c', fields, options));
  return plainRequestHead(exchange, OWN_HOST_FREE, prepareRequestHeaders(exchange, 'via-us')).split('\r\n');
}

function at(path: string): { path: string; query: string; isTranslated: boolean } {
  return { path, query: '', isTranslated: false };
}

function provided(fields: readonly string[], provider: CompiledProvider): readonly string[] {
  const exchange = identified(exchangeOf('POST /v1/chat/completions', fields));
  prepareRequestHeaders(exchange, 'via-us');
  return providerRequestHead(exchange, ENDPOINT, provider, at('/v1/chat/completions')).split('\r\n');
}

test('a plain head: the client’s fields as they came, ours at the end', () => {
  assert.deepEqual(plain(['X-Own: 1', 'Authorization: Bearer theirs']), [
    'GET /a?b=c HTTP/1.1',
    'host: gateway.test',
    'X-Own: 1',
    'Authorization: Bearer theirs',
    'x-forwarded-for: 10.0.0.9',
    'x-forwarded-proto: http',
    'x-forwarded-host: gateway.test',
    'via: 1.1 via-us',
    'x-request-id: request-1',
    `traceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    '',
  ]);
});

test('nobody else’s word about where a request came from, unless the peer is trusted', () => {
  const fields = ['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: x', 'Forwarded: for=x'];
  const untrusted = plain(fields);
  assert.deepEqual(
    untrusted.filter((line) => /forwarded/i.test(line)),
    ['x-forwarded-for: 10.0.0.9', 'x-forwarded-proto: http', 'x-forwarded-host: gateway.test'],
  );
  const trusted = plain(fields, { isTrusted: true });
  assert.ok(trusted.includes('x-forwarded-for: 1.2.3.4, 10.0.0.9'));
  assert.ok(trusted.includes('X-Forwarded-Proto: https'));
  assert.equal(trusted.filter((line) => /^x-forwarded-host/i.test(line)).length, 1);
});

test('hop-by-hop fields, ids and proxy credentials stay behind; Via is continued', () => {
  const lines = plain([
    'Connection: keep-alive, X-Nominated',
    'X-Nominated: 1',
    'Keep-Alive: timeout=5',
    'Proxy-Authorization: Basic x',
    'X-Request-Id: theirs',
    'Traceparent: theirs',
    'Via: 1.0 before',
    'Via: 1.1 between',
  ]).join('\n');
  assert.doesNotMatch(lines, /nominated|keep-alive|proxy-auth|theirs/i);
  assert.match(lines, /^via: 1\.0 before, 1\.1 between, 1\.1 via-us$/m);
});

const CLIENT = [
  'Authorization: Bearer theirs',
  'X-Api-Key: theirs',
  'Cookie: theirs',
  'X-Internal: theirs',
  'OpenAI-Organization: theirs',
  'Openai-Api-Key: theirs',
  'Accept-Encoding: br',
  'User-Agent: sdk/1',
  'OpenAI-Beta: x=1',
  'X-Stainless-Lang: js',
  'Idempotency-Key: k',
];

test('an AI provider gets what is meant for it', () => {
  assert.deepEqual(provided(CLIENT, PROVIDER).slice(0, -3), [
    'POST /v1/chat/completions HTTP/1.1',
    'host: provider.test',
    'User-Agent: sdk/1',
    'OpenAI-Beta: x=1',
    'X-Stainless-Lang: js',
    'Idempotency-Key: k',
    'authorization: Bearer ours',
    'openai-organization: org-ours',
    'accept-encoding: identity',
  ]);
});

test('forwarded credentials take the place of ours; without one ours is sent', () => {
  const forwarded = provided(CLIENT, FORWARDING);
  assert.ok(forwarded.includes('Authorization: Bearer theirs') && forwarded.includes('X-Api-Key: theirs'));
  assert.ok(!forwarded.includes('authorization: Bearer ours'));
  assert.ok(forwarded.includes('openai-organization: org-ours') && !forwarded.includes('OpenAI-Organization: theirs'));
  assert.ok(provided(['User-Agent: x'], FORWARDING).includes('authorization: Bearer ours'));
  const keyless = provided(CLIENT, { ...PROVIDER, credentialLines: '', keylessLines: '' });
  assert.ok(keyless.includes('OpenAI-Organization: theirs'), 'nothing of ours takes its place');
});

test('one candidate’s view leaves the next one’s and the log’s as it was', () => {
  const exchange = identified(exchangeOf('POST /x', CLIENT));
  prepareRequestHeaders(exchange, 'via-us');
  const before = exchange.headers.lines();
  providerRequestHead(exchange, ENDPOINT, PROVIDER, at('/x'));
  assert.equal(exchange.headers.lines(), before);
  assert.equal(exchange.requestHeaders('x-internal'), 'theirs');
  assert.match(providerRequestHead(exchange, ENDPOINT, FORWARDING, at('/x')), /Bearer theirs/);
  assert.doesNotMatch(providerRequestHead(exchange, ENDPOINT, PROVIDER, at('/x')), /theirs/);
});

test('more fields than the table holds at first', () => {
  const many = Array.from({ length: 180 }, (_, index) => `X-Field-${index}: theirs`);
  const lines = provided([...many, 'User-Agent: last'], PROVIDER);
  assert.doesNotMatch(lines.join('\n'), /theirs/);
  assert.ok(lines.includes('User-Agent: last'));
});

test('property: whatever fields a client sends, only those meant for providers travel, and none that names a secret', () => {
  const secrets = [
    'x-stainless-token',
    'openai-api-key',
    'anthropic-api-key',
    'x-auth-token',
    'cookie',
    'api-key',
    'dpop',
  ];
  const meant = [
    'accept',
    'content-type',
    'idempotency-key',
    'openai-beta',
    'tracestate',
    'user-agent',
    'x-stainless-os',
  ];
  const other = fc.stringMatching(/^x-[a-z][a-z0-9-]{0,20}$/).filter((name) => !name.startsWith('x-stainless-'));
  const name = fc.oneof(other, fc.constantFrom(...secrets), fc.constantFrom(...meant));
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
      const lines = provided(
        names.map((field) => `${field}: canary`),
        PROVIDER,
      );
      const travelled = lines.filter((line) => line.endsWith(': canary')).map((line) => line.split(':')[0]);
      assert.deepEqual(
        travelled,
        names.filter((field) => meant.includes(field)),
      );
    }),
    { seed: 5, numRuns: 300 },
  );
});

const VERSIONED = {
  ...PROVIDER,
  adapter: {
    defaultFields: new Map([['anthropic-version', 'anthropic-version: 1\r\n']]),
    rewrittenFields: new Map([['anthropic-beta', (list: string) => list.replaceAll('secret', '')]]),
  },
} as unknown as CompiledProvider;

test('a field with a default is sent once: the client’s own, or the default', () => {
  const sent = (fields: readonly string[]) =>
    provided(fields, VERSIONED).filter((line) => line.toLowerCase().startsWith('anthropic-version'));
  assert.deepEqual(sent(['Anthropic-Version: 2']), ['Anthropic-Version: 2']);
  assert.deepEqual(sent([]), ['anthropic-version: 1']);
});

test('a translated request has the default, whatever the client says', () => {
  const exchange = identified(exchangeOf('POST /v1/chat/completions', ['anthropic-version: 2', 'anthropic-beta: b']));
  prepareRequestHeaders(exchange, 'via-us');
  const head = providerRequestHead(exchange, ENDPOINT, VERSIONED, { ...at('/v1/messages'), isTranslated: true });
  assert.match(head, /\r\nanthropic-version: 1\r\n/);
  assert.doesNotMatch(head, /anthropic-version: 2|anthropic-beta/);
});

test('of a field that is sent in part only that part travels, and none when nothing is left', () => {
  const sent = (fields: readonly string[]) =>
    provided(fields, VERSIONED).filter((line) => line.toLowerCase().startsWith('anthropic-beta'));
  assert.deepEqual(sent(['Anthropic-Beta: a-secret']), ['anthropic-beta: a-']);
  assert.deepEqual(sent(['anthropic-beta: secret']), []);
  assert.deepEqual(sent([]), []);
});
