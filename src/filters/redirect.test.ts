// Locations of redirects: scheme, host, port, path and query.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirect } from './redirect.ts';
import { filterExchange } from './testing/filter-exchange.ts';

type Config = Parameters<typeof redirect.compile>[0];

async function locationOf(config: Config, host: string, isTls = false): Promise<string | undefined> {
  const exchange = filterExchange(['GET /a/b?q=1 HTTP/1.1', `Host: ${host}`], { isTls });
  const reply = await redirect.compile(config, { clock: { now: () => 0 } }).onRequest?.(exchange);
  assert.equal(reply?.status, config.status);
  return reply?.headers.get('location');
}

test('to https: the port of http is not carried over, the query is', async () => {
  assert.equal(await locationOf({ scheme: 'https', status: 301 }, 'example.com:8080'), 'https://example.com/a/b?q=1');
});

test('same scheme: the port of the request stays, a default one is left out', async () => {
  assert.equal(await locationOf({ path: '/c', status: 302 }, 'example.com:8080'), 'http://example.com:8080/c?q=1');
  assert.equal(await locationOf({ path: '/c', status: 302 }, 'example.com:443', true), 'https://example.com/c?q=1');
});

test('host, port and prefix', async () => {
  assert.equal(
    await locationOf({ host: 'b.org', port: 8443, prefix: '/x', prefixFrom: '/a', status: 308 }, 'a.org'),
    'http://b.org:8443/x/b?q=1',
  );
});
