// The fixed reply says what the configuration says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directResponse } from './direct-response.ts';
import { filterExchange } from './testing/filter-exchange.ts';

test('status, body and fields as configured; text is said to be text', async () => {
  const filter = directResponse.compile({ status: 503, body: 'Back at noon.' }, { clock: { now: () => 0 } });
  const reply = await filter.onRequest?.(filterExchange(['GET / HTTP/1.1', 'Host: a']));
  assert.equal(reply?.status, 503);
  assert.equal(String(reply?.body), 'Back at noon.');
  assert.equal(reply?.headers.get('content-type'), 'text/plain; charset=utf-8');
});

test('a content type of the author wins', async () => {
  const filter = directResponse.compile(
    { status: 200, body: '{}', headers: [{ name: 'Content-Type', value: 'application/json' }] },
    { clock: { now: () => 0 } },
  );
  const reply = await filter.onRequest?.(filterExchange(['GET / HTTP/1.1', 'Host: a']));
  assert.deepEqual(reply?.headers.getAll('content-type'), ['application/json']);
});
