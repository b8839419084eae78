// Which part of a request a key is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur3 } from '../base/murmur3.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { RequestKeySource } from '../upstream/balancer.ts';
import { HeaderList } from '../wire/header-list.ts';
import { parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import { compileRequestKey } from './request-key.ts';

function exchangeWith(fields: string, parts: object = {}): Exchange {
  const head = new RequestHead();
  const bytes = Buffer.from(`GET /a?user=u%31&b HTTP/1.1\r\nhost: h.test:81\r\n${fields}\r\n`, 'latin1');
  const limits = { maxHeadBytes: 4096, maxTargetBytes: 1024, maxHeaders: 20 };
  assert.ok(parseRequestHead(bytes, 0, bytes.length, limits, head) > 0);
  const client = { ip: '192.0.2.1', isTrusted: false };
  const own = { headers: head.headers, path: '/a', query: 'user=u%31&b', host: 'h.test', client };
  return { ...own, ...parts } as unknown as Exchange;
}

function keyOf(source: RequestKeySource, exchange: Exchange): number {
  return compileRequestKey(source)(exchange);
}

test('every kind of part', () => {
  const exchange = exchangeWith('X-User: u1\r\ncookie: a=b; sid=s1\r\n', {
    genAi: { requestModel: 'gpt' },
    model: 'm',
  });
  assert.equal(keyOf([{ kind: 'header', name: 'x-user' }], exchange), murmur3('u1'));
  assert.equal(keyOf([{ kind: 'header', name: 'host' }], exchange), murmur3('h.test'));
  assert.equal(keyOf([{ kind: 'cookie', name: 'sid' }], exchange), murmur3('s1'));
  assert.equal(keyOf([{ kind: 'query', name: 'user' }], exchange), murmur3('u1'));
  assert.equal(keyOf([{ kind: 'path' }], exchange), murmur3('/a'));
  assert.equal(keyOf([{ kind: 'model' }], exchange), murmur3('gpt'));
  assert.equal(keyOf([{ kind: 'client-ip' }], exchange), murmur3('192.0.2.1'));
});

test('of several the first that is there; none is -1', () => {
  const source: RequestKeySource = [
    { kind: 'header', name: 'x-user' },
    { kind: 'cookie', name: 'sid' },
    { kind: 'path' },
  ];
  assert.equal(keyOf(source, exchangeWith('')), murmur3('/a'));
  assert.equal(keyOf(source.slice(0, 2), exchangeWith('X-User: \r\n')), -1);
  assert.equal(compileRequestKey(undefined)({ headers: new HeaderList() } as unknown as Exchange), -1);
});

test('the address behind a trusted proxy is what the proxy saw; nobody else is believed', () => {
  const chain = 'x-forwarded-for: 203.0.113.9, 198.51.100.7\r\n';
  const address: RequestKeySource = [{ kind: 'client-ip' }];
  assert.equal(keyOf(address, exchangeWith(chain)), murmur3('192.0.2.1'));
  const trusted = exchangeWith(chain, { client: { ip: '192.0.2.1', isTrusted: true } });
  assert.equal(keyOf(address, trusted), murmur3('198.51.100.7'));
});
