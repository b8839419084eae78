// Header changes on requests and replies: order, case, and nothing that could split a head.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReply } from '../pipeline/reply.ts';
import { requestHeaderModify } from './request-header-modify.ts';
import { responseHeaderModify } from './response-header-modify.ts';
import { filterExchange } from './testing/filter-exchange.ts';

const deps = { clock: { now: () => 0 } };

test('request: set replaces whatever case, add keeps, remove takes all, case of the author stays', async () => {
  const exchange = filterExchange([
    'GET / HTTP/1.1',
    'Host: a',
    'x-env: old',
    'X-ENV: older',
    'x-keep: 1',
    'Cookie: a=b',
  ]);
  const filter = requestHeaderModify.compile(
    { set: [{ name: 'X-Env', value: 'dev' }], add: [{ name: 'X-Keep', value: '2' }], remove: ['COOKIE'] },
    deps,
  );
  assert.equal(await filter.onRequest?.(exchange), undefined);
  assert.deepEqual(exchange.headers.getAll('x-env'), ['dev']);
  assert.deepEqual(exchange.headers.getAll('x-keep'), ['1', '2']);
  assert.equal(exchange.headers.has('cookie'), false);
  assert.match(exchange.headers.lines(), /^X-Env: dev\r$/m);
});

test('reply: the same, on a reply of ours', async () => {
  const filter = responseHeaderModify.compile(
    { set: [{ name: 'X-AB-Variant', value: 'B' }], remove: ['server'] },
    deps,
  );
  const reply = createReply(200, [['server', 'x']], 'ok');
  const changed = await filter.onReply?.(filterExchange(['GET / HTTP/1.1', 'Host: a']), reply);
  assert.equal(changed?.headers.lines(), 'X-AB-Variant: B\r\n');
});

test('a value that would split the head is not written', async () => {
  const exchange = filterExchange(['GET / HTTP/1.1', 'Host: a']);
  const filter = requestHeaderModify.compile({ set: [{ name: 'x-a', value: 'b\r\nx-evil: 1' }] }, deps);
  await filter.onRequest?.(exchange);
  assert.doesNotMatch(exchange.headers.lines(), /evil/);
});
