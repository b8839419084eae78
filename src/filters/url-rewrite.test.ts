// A rewrite changes what is sent, not what was matched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterExchange } from './testing/filter-exchange.ts';
import { urlRewrite } from './url-rewrite.ts';

test('path and host change for the endpoint, what was matched does not', async () => {
  const exchange = filterExchange(['GET /api/users?x=1 HTTP/1.1', 'Host: a.example']);
  await urlRewrite
    .compile({ prefix: '/v2', prefixFrom: '/api', host: 'b.example' }, { clock: { now: () => 0 } })
    .onRequest?.(exchange);
  assert.equal(exchange.path, '/v2/users');
  assert.equal(exchange.rewrittenHost, 'b.example');
  assert.equal(exchange.host, 'a.example');
  assert.equal(exchange.query, 'x=1');
});
