// The table of raw requests through the whole data plane: what the endpoint receives, byte for byte, whichever path served the client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { transcript } from '../../support/raw-client.ts';
import { answerEach, OK, RawEndpoint, type ReceivedRequest, requestsIn } from '../../support/raw-endpoint.ts';
import { REQUEST_CASES } from './request-cases.ts';

const SENTINEL = 'GET /sentinel HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n';
const OPENING = 'POST /first HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

let endpoint: RawEndpoint;
let gateway: TestGateway;

before(async () => {
  endpoint = await RawEndpoint.start(answerEach((head) => (head.startsWith('HEAD') ? OK.slice(0, -2) : OK)));
  // One connection: its text is the order of what the gateway sent.
  gateway = await startGateway({ url: endpoint.url, pool: { maxConnections: 1 } });
});
after(() => {
  gateway.close();
  endpoint.close();
  assert.deepEqual(gateway.bugs, []);
});

/** What no two requests share. */
function withoutIds(text: string): string {
  return text
    .replace(/x-request-id: [0-9a-f]+/g, 'x-request-id: -')
    .replace(/traceparent: [0-9a-f-]+/g, 'traceparent: -')
    .replace(/"urn:request:[0-9a-f]+"/g, '"-"')
    .replace(/date: [^\r]+/g, 'date: -')
    .replace(/:[ \t]*([^\r\n]*?)[ \t]*\r\n/g, ':$1\r\n');
}

async function exchange(bytes: string): Promise<{ reply: string; received: readonly ReceivedRequest[] }> {
  const before = endpoint.connections.map((connection) => connection.text.length);
  const reply = withoutIds(await transcript(gateway.port, bytes));
  const text = endpoint.connections.map((connection, index) => connection.text.slice(before[index] ?? 0)).join('');
  // A sentinel behind a refusal may be on its way when the connection closes: whether and when it arrives is chance.
  const received = requestsIn(text)
    .filter(({ head }) => !head.startsWith('GET /sentinel '))
    .map(({ head, body }) => ({ head: withoutIds(head), body }));
  return { reply: reply.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', ''), received };
}

describe('raw requests through the data plane', () => {
  for (const each of REQUEST_CASES) {
    test(`${each.name} (RFC ${each.rfc})`, async () => {
      const fresh = await exchange(each.bytes + SENTINEL);
      const { verdict } = each;
      const [first] = fresh.received;
      if (verdict.kind === 'accept') {
        assert.match(fresh.reply, /^HTTP\/1\.1 200 OK\r\n/);
        assert.equal(first.head.slice(0, first.head.indexOf('\r\n')), `${verdict.method} ${verdict.target} HTTP/1.1`);
        assert.equal(first.body, verdict.body);
      } else {
        assert.match(fresh.reply, new RegExp(`^HTTP/1\\.1 ${verdict.status} `));
        assert.match(fresh.reply, /content-type:application\/problem\+json/);
        assert.deepEqual(fresh.received, [], 'nothing of a refused request is forwarded');
      }
      const handed = await exchange(OPENING + each.bytes + SENTINEL);
      assert.match(handed.reply, /^HTTP\/1\.1 200 OK\r\n/);
      if (each.handedOff !== undefined) return;
      assert.deepEqual(handed.received.slice(1), fresh.received);
      assert.equal(handed.reply.slice(handed.reply.indexOf('\r\n\r\n') + 6), fresh.reply);
    });
  }
});
