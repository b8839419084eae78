// Kept answers: found by the same request and no other, never those that must not be kept, bounded, and marked as what they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../pipeline/exchange.ts';
import { KeepingTap, mayKeep } from './keeping-tap.ts';
import { type KeptAnswer, KeptAnswers, keyOf } from './kept-answers.ts';
import { answerOf, exchangeOf, TextSink } from './testing/exchanges.ts';

const NOW = 1_700_000_000_000;
const ANSWER: KeptAnswer = { fields: [], body: Buffer.from('kept'), storedAtMs: NOW, freshUntilMs: NOW };

function withBody(exchange: Exchange, body: string): Exchange {
  exchange.body.setWhole(Buffer.from(body), 0, body.length);
  return exchange;
}

function aiExchange(body: string, fields: readonly string[] = []): Exchange {
  const exchange = withBody(exchangeOf('POST /v1/chat/completions', fields), body);
  exchange.genAi = { streaming: false, requestModel: 'm' } as Exchange['genAi'];
  return exchange;
}

function routed(exchange: Exchange, name: string): Exchange {
  exchange.routeName = name;
  return exchange;
}

test('requests that differ in anything that may change the answer have different keys', () => {
  const same = () => exchangeOf('GET /a?b=1', ['Authorization: Bearer one', 'Accept: text/html', 'X-Other: 1']);
  const others = [
    exchangeOf('GET /a?b=2', ['Authorization: Bearer one', 'Accept: text/html']),
    exchangeOf('GET /A?b=1', ['Authorization: Bearer one', 'Accept: text/html']),
    exchangeOf('HEAD /a?b=1', ['Authorization: Bearer one', 'Accept: text/html']),
    exchangeOf('GET /a?b=1', ['Authorization: Bearer two', 'Accept: text/html']),
    exchangeOf('GET /a?b=1', ['X-Api-Key: Bearer one', 'Accept: text/html']),
    exchangeOf('GET /a?b=1', ['Authorization: Bearer one', 'Cookie: a=1', 'Accept: text/html']),
    exchangeOf('GET /a?b=1', ['Accept: text/html']),
    exchangeOf('GET /a?b=1', ['Authorization: Bearer one', 'Accept: text/plain']),
    routed(same(), 'other-route'),
    withBody(same(), 'x'),
  ];
  assert.equal(keyOf(same()), keyOf(exchangeOf('GET /a?b=1', ['authorization: Bearer one', 'accept: text/html'])));
  assert.equal(new Set([same(), ...others].map(keyOf)).size, others.length + 1);
});

test('a credential that was taken out of the request still tells requests apart', () => {
  const [one, two] = ['one', 'two'].map((token) => exchangeOf('GET /a', [`Authorization: Bearer ${token}`]));
  for (const exchange of [one, two]) exchange.headers.delete('authorization');
  assert.notEqual(keyOf(one), keyOf(two));
});

test('answers that must not be kept are not', () => {
  const get = () => exchangeOf('GET /a');
  const ok = (...fields: string[]) => answerOf('GET', ['HTTP/1.1 200 OK', 'content-length: 1', ...fields]);
  assert.equal(mayKeep(get(), ok()), true);
  assert.equal(mayKeep(get(), ok('Vary: Accept-Encoding, Origin, Authorization', 'Cache-Control: max-age=5')), true);
  for (const field of [
    'Set-Cookie: a=1',
    'Cache-Control: no-store',
    'Cache-Control: max-age=5, must-revalidate',
    'Cache-Control: private',
    'Vary: *',
    'Vary: accept, x-region',
  ])
    assert.equal(mayKeep(get(), ok(field)), false, field);
  assert.equal(mayKeep(get(), answerOf('GET', ['HTTP/1.1 404 Not Found', 'content-length: 1'])), false);
  assert.equal(mayKeep(get(), answerOf('GET', ['HTTP/1.1 200 OK', 'content-length: 300000'])), false);
  for (const exchange of [
    exchangeOf('POST /a'),
    exchangeOf('GET /a', ['Range: bytes=0-1']),
    exchangeOf('GET /a', ['Cache-Control: no-store']),
    withBody(exchangeOf('GET /a'), 'x'),
  ])
    assert.equal(mayKeep(exchange, ok()), false);
  assert.equal(mayKeep(aiExchange('{}'), ok()), true);
  const streaming = aiExchange('{}');
  streaming.genAi = { streaming: true, requestModel: 'm' } as Exchange['genAi'];
  assert.equal(mayKeep(streaming, ok()), false);
});

function kept(store: KeptAnswers, exchange: Exchange, lines: readonly string[], pieces: readonly string[]): string {
  const sink = new TextSink();
  const tap = new KeepingTap({ inner: undefined, store, exchange }, answerOf(exchange.method, lines), NOW);
  for (const piece of pieces) tap.push(Buffer.from(piece), 0, piece.length, sink);
  tap.end(sink);
  return sink.text;
}

test('an answer passes unchanged, and comes back stale with its age', () => {
  const store = new KeptAnswers();
  const lines = [
    'HTTP/1.1 200 OK',
    'content-type: text/plain',
    'date: x',
    'x-a: 1',
    'cache-control: max-age=60',
    'x-auth-token: s',
  ];
  assert.equal(kept(store, exchangeOf('GET /a'), lines, ['good ', 'answer']), 'good answer');
  assert.equal(store.find(exchangeOf('GET /b'), NOW), undefined);
  const fresh = store.find(exchangeOf('GET /a'), NOW + 5000);
  assert.equal(fresh?.headers.get('cache-status'), 'switchyard; hit; ttl=55; detail=circuit-open');
  assert.equal(fresh.headers.has('warning'), false);
  const stale = store.find(exchangeOf('GET /a'), NOW + 90_000);
  assert.equal(String(stale?.body), 'good answer');
  assert.deepEqual(Object.fromEntries(stale?.headers.entries() ?? []), {
    'content-type': 'text/plain',
    'x-a': '1',
    'cache-control': 'max-age=60',
    age: '90',
    'cache-status': 'switchyard; hit; ttl=-30; detail=circuit-open',
    warning: '110 - "Response is Stale"',
  });
  assert.equal(store.find(exchangeOf('GET /a'), NOW + 25 * 3600 * 1000), undefined, 'a day is the most');
});

test('an answer that grows too large on its way is not kept, nor one that is cut', () => {
  const store = new KeptAnswers();
  const lines = ['HTTP/1.1 200 OK', 'transfer-encoding: chunked'];
  kept(store, exchangeOf('GET /a'), lines, new Array(5).fill('x'.repeat(60_000)));
  assert.equal(store.find(exchangeOf('GET /a'), NOW), undefined);
  const tap = new KeepingTap({ inner: undefined, store, exchange: exchangeOf('GET /a') }, answerOf('GET', lines), NOW);
  tap.push(Buffer.from('half'), 0, 4, new TextSink());
  assert.equal(tap.cut(new TextSink(), 'upstream-cut'), undefined);
  assert.equal(store.find(exchangeOf('GET /a'), NOW), undefined);
});

test('the store is bounded: the answers longest out of use go first', () => {
  const store = new KeptAnswers();
  const body = Buffer.alloc(255 * 1024);
  const at = (index: number) => exchangeOf(`GET /${index}`);
  for (let index = 0; index < 64; index++) {
    store.keep(keyOf(at(index)), { ...ANSWER, body });
    store.find(at(0), NOW);
  }
  store.keep(keyOf(at(64)), { ...ANSWER, body });
  store.keep(keyOf(at(64)), { ...ANSWER, body });
  assert.ok(store.find(at(0), NOW) !== undefined, 'used all the time');
  assert.equal(store.find(at(1), NOW), undefined);
  assert.ok(store.find(at(2), NOW) !== undefined);
});
