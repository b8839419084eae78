// Every fault of a stream on every wire, struck at every event: what a gateway's upstream client would see, read by plain rules.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dechunk, RawExchange } from './testing/raw-exchange.ts';
import { open } from './testing/send.ts';

interface WireCase {
  readonly name: string;
  path(model: string): string;
  body(model: string): object;
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces of content in what was sent. */
  readonly delta: RegExp;
  /** The proper end, and the wire's own words of failure. */
  readonly end: RegExp;
  readonly error: RegExp;
  readonly contentType: string;
}

const PROMPT = 'one two three';
const chat = (model: string): object => ({ model, stream: true, messages: [{ role: 'user', content: PROMPT }] });
const gemini = (): object => ({ contents: [{ parts: [{ text: PROMPT }] }] });
const google = { delta: /"text":"[^"]/g, end: /"finishReason":"STOP"/g, error: /"status":"UNAVAILABLE"/, headers: {} };

const WIRES: readonly WireCase[] = [
  {
    name: 'openai',
    path: () => '/v1/chat/completions',
    body: chat,
    headers: {},
    delta: /"delta":\{"content":"[^"]/g,
    end: /data: \[DONE\]/g,
    error: /data: \{"error":\{/,
    contentType: 'text/event-stream',
  },
  {
    name: 'openai responses',
    path: () => '/v1/responses',
    body: (model) => ({ model, stream: true, input: PROMPT }),
    headers: {},
    delta: /^event: response\.output_text\.delta$/gm,
    end: /^event: response\.completed$/gm,
    error: /^event: error$/m,
    contentType: 'text/event-stream',
  },
  {
    name: 'azure',
    path: (model) => `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`,
    body: chat,
    headers: {},
    delta: /"delta":\{"content":"[^"]/g,
    end: /data: \[DONE\]/g,
    error: /data: \{"error":\{/,
    contentType: 'text/event-stream',
  },
  {
    name: 'anthropic',
    path: () => '/v1/messages',
    body: (model) => ({ ...chat(model), max_tokens: 1000 }),
    headers: { 'anthropic-version': '2023-06-01' },
    delta: /^event: content_block_delta$/gm,
    end: /^event: message_stop$/gm,
    error: /^event: error\ndata: .*"overloaded_error"/m,
    contentType: 'text/event-stream',
  },
  {
    name: 'gemini as events',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: gemini,
    contentType: 'text/event-stream',
    ...google,
  },
  {
    name: 'gemini as an array',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent`,
    body: gemini,
    contentType: 'application/json',
    ...google,
  },
  {
    name: 'bedrock',
    path: (model) => `/model/${model}/converse-stream`,
    body: () => ({ messages: [{ role: 'user', content: [{ text: PROMPT }] }] }),
    headers: { authorization: 'Bearer k' },
    delta: /:event-type\x07\x00\x11contentBlockDelta/g,
    end: /:event-type\x07\x00\x0bmessageStop/g,
    error: /:exception-type\x07\x00\x19modelStreamErrorException/,
    contentType: 'application/vnd.amazon.eventstream',
  },
];

const simulator = await open();

interface Seen {
  readonly head: string;
  readonly body: string;
  readonly text: string;
}

async function ask(wire: WireCase, model: string): Promise<Seen> {
  const headers = { connection: 'close', ...wire.headers };
  const exchange = new RawExchange(simulator.port, { path: wire.path(model), body: wire.body(model), headers });
  await exchange.over();
  return { head: exchange.text.split('\r\n\r\n', 1)[0], body: dechunk(exchange.text), text: exchange.text };
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

for (const wire of WIRES) {
  describe(wire.name, () => {
    test('a whole stream has content, one end, and the right type', async () => {
      const { head, body } = await ask(wire, 'm');
      assert.ok(head.includes(`content-type: ${wire.contentType}`), head);
      assert.ok(count(body, wire.delta) > 10);
      assert.equal(count(body, wire.end), 1);
      assert.doesNotMatch(body, wire.error);
    });

    test('cut, broken chunk and error after every number of deltas', async () => {
      const all = count((await ask(wire, 'm')).body, wire.delta);
      for (let deltas = 0; deltas <= all; deltas++) {
        const cut = await ask(wire, `sim-cut-${deltas}`);
        assert.deepEqual([count(cut.body, wire.delta), count(cut.body, wire.end)], [deltas, 0], `cut-${deltas}`);
        assert.doesNotMatch(cut.text, /\r\n0\r\n\r\n$/);
        const bad = await ask(wire, `sim-bad-chunk-${deltas}`);
        assert.match(bad.text, /XYZ\r\nnot a chunk\r\n$/);
        assert.equal(count(bad.body, wire.delta), deltas, `bad-chunk-${deltas}`);
        const failed = await ask(wire, `sim-error-in-stream-${deltas}`);
        assert.deepEqual([count(failed.body, wire.delta), count(failed.body, wire.end)], [deltas, 0]);
        assert.match(failed.body, wire.error);
        assert.match(failed.text, /\r\n0\r\n\r\n$/);
      }
    });

    test('stall after every number of deltas', async () => {
      const all = count((await ask(wire, 'm')).body, wire.delta);
      for (let deltas = 1; deltas <= all; deltas++) {
        const model = `sim-stall-${deltas}`;
        const exchange = new RawExchange(simulator.port, {
          path: wire.path(model),
          body: wire.body(model),
          headers: wire.headers,
        });
        await exchange.until(
          new RegExp(`(?:${wire.delta.source}[\\s\\S]*?){${deltas}}`, wire.delta.flags.replace('g', '')),
        );
        assert.equal(exchange.end, undefined);
        exchange.leave();
      }
    });

    test('no end, two ends, nothing, half a JSON', async () => {
      assert.equal(count((await ask(wire, 'sim-no-done')).body, wire.end), 0);
      assert.equal(count((await ask(wire, 'sim-duplicate-end')).body, wire.end), 2);
      const { head, body } = await ask(wire, 'sim-empty-stream');
      assert.match(head, /^HTTP\/1\.1 200 /);
      assert.equal(body, '');
      const broken = (await ask(wire, 'sim-bad-json')).body;
      assert.equal(count(broken, wire.end), 1);
      assert.doesNotMatch(
        (await ask(wire, 'sim-no-usage')).body,
        /"total_?tokens"|"totalTokenCount"|"output_?tokens":\d\d/i,
      );
    });

    test('429 says when to come back; other statuses come with an error of the wire', async () => {
      const limited = await ask(wire, 'sim-429-3s');
      assert.match(limited.head, /^HTTP\/1\.1 429 /);
      assert.match(limited.text, /retry-after: 3|"retryDelay":"3s"/);
      for (const status of [400, 401, 403, 404, 500, 503, 529]) {
        const refused = await ask(wire, `sim-status-${status}`);
        assert.ok(refused.head.startsWith(`HTTP/1.1 ${status} `));
        assert.match(refused.text, /"message":"[^"]+"/);
      }
    });

    test('latency is waited before the head', async () => {
      const { text } = await ask(wire, 'sim-latency-1ms');
      assert.match(text, /^HTTP\/1\.1 200 /);
      assert.equal(simulator.received().at(-1)?.faults, 'latency=1');
    });
  });
}
