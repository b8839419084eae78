// Bodies over the limit are refused, declared or not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../errors/codes.ts';
import { requestSizeLimit } from './request-size-limit.ts';
import { filterExchange } from './testing/filter-exchange.ts';

const filter = requestSizeLimit.compile({ maxBytes: 10 }, { clock: { now: () => 0 } });

test('a declared length over the limit is refused before the body is read', async () => {
  const reply = await filter.onRequest?.(filterExchange(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 11']));
  assert.equal(reply?.error?.code, 'request.too-large');
});

test('exactly the limit passes', async () => {
  assert.equal(
    await filter.onRequest?.(filterExchange(['POST / HTTP/1.1', 'Host: a', 'Content-Length: 10'])),
    undefined,
  );
});

test('a body of unknown length fails when it passes the limit', async () => {
  const exchange = filterExchange(['POST / HTTP/1.1', 'Host: a']);
  exchange.body.setIncoming(-1, { demandBody() {}, pauseBody() {}, resumeBody() {} });
  assert.equal(await filter.onRequest?.(exchange), undefined);
  const failures: ErrorCode[] = [];
  exchange.body.stream({ onBodyChunk() {}, onBodyEnd() {}, onBodyFailure: (code) => failures.push(code) });
  exchange.body.push(Buffer.alloc(10));
  assert.deepEqual(failures, []);
  exchange.body.push(Buffer.alloc(1));
  assert.deepEqual(failures, ['request.too-large']);
});
