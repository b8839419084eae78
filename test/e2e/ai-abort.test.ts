// A client that leaves takes the upstream request with it within 100 ms, whatever the phase: waiting, streaming, stalled, queued.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import type { ReceivedRequest } from '../../src/simulator/received-log.ts';
import { aiConfig, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { arrival, assertPrompt, lateness } from '../support/lateness.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from './support/gateway.ts';

const ai = await startAiGateway(FILE_SCOPE);

function chat(model: string, stream: boolean): string {
  return JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hello there' }] });
}

const received = (requestId: string): Promise<ReceivedRequest> => arrival(ai.simulator, requestId);
const latenessOf = (requestId: string, leftAtMs: number): Promise<number> =>
  lateness(ai.simulator, requestId, leftAtMs);

interface Phase {
  readonly name: string;
  readonly model: string;
  readonly stream: boolean;
  /** What the client has seen when it leaves; undefined = it leaves as soon as the provider has the request. */
  readonly seen?: RegExp;
  readonly status: number;
}

const PHASES: readonly Phase[] = [
  { name: 'before the head of a stream', model: 'sim-hang', stream: true, status: 499 },
  { name: 'before the head of a JSON answer', model: 'sim-latency-30s', stream: false, status: 499 },
  {
    name: 'before the first token',
    model: 'sim-first-token-30s',
    stream: true,
    seen: /"role":"assistant"/,
    status: 200,
  },
  { name: 'in the middle of a stream', model: 'sim-gap-40ms+bytes-1KB', stream: true, seen: /said/, status: 200 },
  { name: 'in a stalled stream', model: 'sim-stall-2', stream: true, seen: /said/, status: 200 },
  { name: 'in the middle of a JSON answer', model: 'sim-slow-800bps', stream: false, seen: /"id"/, status: 200 },
];

/** Chunked framing is outside the fast path's subset: the same request then runs through node:http. */
function framed(body: string, path: 'fast' | 'handed-off'): string {
  return path === 'fast'
    ? `content-length: ${body.length}\r\n\r\n${body}`
    : `transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

function sendChat(requestId: string, framing: string): RawClient {
  const client = new RawClient(ai.gateway.port);
  client.send(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: ${requestId}\r\n${framing}`);
  return client;
}

for (const { name, model, stream, seen, status } of PHASES) {
  for (const path of ['fast', 'handed-off'] as const) {
    test(`the client leaves ${name} (${path})`, async () => {
      const requestId = await assertPrompt(async (id) => {
        const client = sendChat(id, framed(chat(model, stream), path));
        await received(id);
        if (seen !== undefined) await client.until((text) => seen.test(text));
        const leftAtMs = Date.now();
        client.close();
        return latenessOf(id, leftAtMs);
      });
      const line = await ai.line(requestId);
      assert.equal(line.status, status);
      assert.equal(line.error?.code, 'request.aborted');
      assert.equal(line.stream_end, 'client-gone');
    });
  }
}

test('the SDK’s abort before the first byte', async () => {
  await assertPrompt(async (id) => {
    const controller = new AbortController();
    const waiting = ai.client.chat.completions.create(
      { model: 'sim-hang', messages: [{ role: 'user', content: 'x' }] },
      { signal: controller.signal, headers: { 'x-request-id': id } },
    );
    await received(id);
    const leftAtMs = Date.now();
    controller.abort();
    await assert.rejects(waiting, OpenAI.APIUserAbortError);
    return latenessOf(id, leftAtMs);
  });
});

test('leaving the SDK’s stream in the middle', async () => {
  await assertPrompt(async (id) => {
    const stream = await ai.client.chat.completions.create(
      { model: 'sim-gap-50ms+bytes-1KB', messages: [{ role: 'user', content: 'x' }], stream: true },
      { headers: { 'x-request-id': id } },
    );
    for await (const chunk of stream) if (chunk.choices[0].delta.content === ' said:') break;
    return latenessOf(id, Date.now());
  });
});

test('a client that stopped reading and leaves: the held back stream is cancelled', async () => {
  await assertPrompt(async (id) => {
    const client = sendChat(id, framed(chat('sim-bytes-40MB', true), 'fast'));
    await client.until((text) => text.includes('said'));
    client.socket.pause();
    let before = -1;
    await until('the stream is held back', async () => {
      const now = (await received(id)).eventsSent;
      const isStill = now === before;
      before = now;
      return isStill;
    });
    const leftAtMs = Date.now();
    client.socket.resetAndDestroy();
    return latenessOf(id, leftAtMs);
  });
});

test('a request that waits for a connection never reaches the provider once its client is gone', async (context) => {
  const narrow = await startAiGateway(context, { config: (url) => aiConfig(url, { pool: { max_connections: 1 } }) });
  const send = (model: string, { signal }: AbortController): Promise<unknown> =>
    narrow.gateway.fetch('/v1/chat/completions', { method: 'POST', body: chat(model, false), signal });
  const [one, other] = [new AbortController(), new AbortController()];
  const first = send('sim-hang', one);
  await until('the first is at the provider', () => narrow.simulator.received().length === 1);
  const second = send('queued', other);
  await until('the second waits', async () => metricSum(await narrow.metrics(), 'gateway_upstream_pending') === 1);
  // Before the first: when that leaves, who waits in any worker may have its connection at once.
  other.abort();
  await assert.rejects(second);
  await until('nobody waits', async () => metricSum(await narrow.metrics(), 'gateway_upstream_pending') === 0);
  one.abort();
  await assert.rejects(first);
  const after = await narrow.post('/v1/chat/completions', chat('later', false));
  assert.equal(after.status, 200);
  assert.deepEqual(
    narrow.simulator.received().map((request) => request.body?.model),
    ['sim-hang', 'later'],
  );
});

test('an upload that its client breaks off is broken off upstream', async () => {
  await assertPrompt(async (id) => {
    const client = new RawClient(ai.gateway.port);
    client.send(
      `POST /plain/upload HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\ncontent-length: 1000000\r\n\r\nbegun`,
    );
    await received(id);
    const leftAtMs = Date.now();
    client.close();
    return latenessOf(id, leftAtMs);
  });
});

test('afterwards nothing is left open', async () => {
  await until('no request is active', async () => metricSum(await ai.metrics(), 'gateway_active_requests') === 0);
  const metrics = await ai.metrics();
  assert.equal(metricSum(metrics, 'gateway_worker_restarts_total'), 0);
  const gone = metricSum(metrics, 'gateway_stream_end_total', { cause: 'client-gone' });
  assert.ok(gone >= PHASES.length * 2, `${gone} streams counted as left`);
});
