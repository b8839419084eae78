// Ids of an exchange: kept when they can be trusted to be ids, made otherwise; and requests that come back to us.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../pipeline/exchange.ts';
import { identify } from './identify.ts';
import { takeForward } from './max-forwards.ts';
import { exchangeOf } from './testing/exchanges.ts';
import { threadResources } from './testing/gateway-model.ts';

const resources = threadResources();
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-00`;

function identified(...fields: readonly string[]): Exchange {
  const exchange = exchangeOf('GET /', fields);
  assert.ok(identify(exchange, resources));
  return exchange;
}

test('every exchange has ids of its own', () => {
  const [one, two] = [identified(), identified()];
  for (const exchange of [one, two]) {
    assert.match(exchange.traceId, /^[0-9a-f]{32}$/);
    assert.match(exchange.spanId, /^[0-9a-f]{16}$/);
    assert.equal(exchange.requestId, exchange.traceId);
    assert.equal(exchange.traceFlags, '01');
  }
  assert.notEqual(one.traceId, two.traceId);
  assert.notEqual(one.spanId, two.spanId);
});

test('a client’s request id is kept when it is one', () => {
  assert.equal(identified('X-Request-Id: order-42').requestId, 'order-42');
  assert.match(identified('X-Request-Id: a b').requestId, /^[0-9a-f]{32}$/);
  assert.equal(identified('X-Request-Id: first', 'X-Request-Id: second').requestId, 'first');
});

test('a trace is continued; two parents are none', () => {
  const continued = identified(`Traceparent: ${PARENT}`, 'Tracestate: a=1');
  assert.equal(continued.traceId, TRACE);
  assert.equal(continued.traceFlags, '00');
  assert.equal(continued.headers.get('tracestate'), 'a=1');
  const doubled = identified(`Traceparent: ${PARENT}`, `Traceparent: ${PARENT}`, 'Tracestate: a=1');
  assert.notEqual(doubled.traceId, TRACE);
  assert.equal(doubled.headers.get('tracestate'), undefined);
  assert.equal(identified('Tracestate: a=1').headers.get('tracestate'), undefined);
});

test('a request that passed this gateway is a loop', () => {
  assert.equal(identify(exchangeOf('GET /', [`Via: 1.1 other, 1.1 ${resources.via}`]), resources), false);
  assert.equal(identify(exchangeOf('GET /', ['Via: 1.1 other']), resources), true);
});

test('Max-Forwards: the last hop answers, others count down, nonsense passes', () => {
  const last = takeForward(exchangeOf('OPTIONS /', ['Max-Forwards: 0']));
  assert.equal(last?.status, 204);
  assert.match(last?.headers.get('allow') ?? '', /GET/);
  const passing = exchangeOf('OPTIONS /', ['Max-Forwards: 3']);
  assert.equal(takeForward(passing), undefined);
  assert.equal(passing.headers.get('max-forwards'), '2');
  const odd = exchangeOf('OPTIONS /', ['Max-Forwards: -1']);
  assert.equal(takeForward(odd), undefined);
  assert.equal(odd.headers.get('max-forwards'), '-1');
  assert.equal(takeForward(exchangeOf('OPTIONS /')), undefined);
});
