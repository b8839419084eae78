// Every fault of the table over a real socket: what a gateway's upstream client would see.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { FAULT_NAMES, type FaultName } from './faults.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { dechunk, RawExchange } from './testing/raw-exchange.ts';
import { VirtualTime } from './testing/virtual-time.ts';

interface Lab {
  readonly time: VirtualTime;
  readonly simulator: Simulator;
  /** A chat request for this model; the simulator closes after a good answer. */
  chat(model: string, isStream: boolean): RawExchange;
}

const CLOSE = { connection: 'close' };

function chatBody(model: string, isStream: boolean): object {
  return { model, stream: isStream, messages: [{ role: 'user', content: 'one two three four' }] };
}

async function openLab(): Promise<Lab> {
  const time = new VirtualTime('passes');
  const simulator = await startSimulator({ port: 0, clock: time, timers: time });
  after(() => simulator.close());
  return {
    time,
    simulator,
    chat: (model, isStream) =>
      new RawExchange(simulator.port, {
        path: '/v1/chat/completions',
        body: chatBody(model, isStream),
        headers: CLOSE,
      }),
  };
}

function bodyOf(exchange: RawExchange): string {
  return exchange.text.slice(exchange.text.indexOf('\r\n\r\n') + 4);
}

function deltasIn(text: string): number {
  return text.match(/"delta":\{"content":"[^"]+/g)?.length ?? 0;
}

function declaredBytes(exchange: RawExchange): number {
  return Number(/content-length: (\d+)/.exec(exchange.text)?.[1]);
}

async function errorOf(lab: Lab, model: string): Promise<{ readonly head: string; readonly error: { code: string } }> {
  const exchange = lab.chat(model, true);
  await exchange.over();
  const [head] = exchange.text.split('\r\n\r\n', 1);
  return { head, error: JSON.parse(bodyOf(exchange)).error };
}

const CASES: Readonly<Record<FaultName, (lab: Lab) => Promise<void>>> = {
  async latency(lab) {
    await lab.chat('sim-latency-10m', false).over();
    assert.deepEqual(lab.time.delaysMs, [600_000]);
    assert.equal(lab.simulator.received()[0].endedAfterMs, 600_000);
  },
  async 'first-token'(lab) {
    await lab.chat('sim-first-token-500ms', true).over();
    assert.deepEqual(lab.time.delaysMs, [500]);
    await lab.chat('sim-first-token-700ms', false).over();
    assert.deepEqual(lab.time.delaysMs, [500, 700]);
  },
  async gap(lab) {
    const exchange = lab.chat('sim-gap-50ms', true);
    await exchange.over();
    assert.deepEqual(lab.time.delaysMs, Array(deltasIn(exchange.text) - 1).fill(50));
  },
  async slow(lab) {
    for (const isStream of [true, false]) {
      const before = lab.time.totalMs();
      const exchange = lab.chat('sim-slow-64kbps', isStream);
      await exchange.over();
      const bytes = isStream ? dechunk(exchange.text).length : declaredBytes(exchange);
      assert.ok(Math.abs(lab.time.totalMs() - before - (bytes * 8) / 64) < 1e-6);
    }
  },
  async hang(lab) {
    const exchange = lab.chat('sim-hang', false);
    await untilReceived(lab.simulator, (count) => count === 1);
    assert.equal(exchange.text, '');
    exchange.leave();
  },
  async 'reset-before-headers'(lab) {
    const exchange = lab.chat('sim-reset-before-headers', true);
    assert.equal(await exchange.over(), 'reset');
    assert.equal(exchange.text, '');
  },
  async 'reset-after-headers'(lab) {
    for (const isStream of [true, false]) {
      const exchange = lab.chat('sim-reset-after-headers', isStream);
      await exchange.until(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n/);
      assert.equal(await exchange.over(), 'reset');
      assert.equal(bodyOf(exchange), '');
    }
  },
  async cut(lab) {
    const stream = lab.chat('sim-cut-3', true);
    assert.equal(await stream.over(), 'fin');
    assert.equal(deltasIn(stream.text), 3);
    assert.doesNotMatch(stream.text, /\r\n0\r\n\r\n$/);
    const whole = lab.chat('sim-cut', false);
    assert.equal(await whole.over(), 'fin');
    assert.ok(bodyOf(whole).length > 0 && bodyOf(whole).length < declaredBytes(whole));
  },
  async stall(lab) {
    const exchange = lab.chat('sim-stall-3', true);
    await exchange.until(/ one"/);
    const [received] = lab.simulator.received();
    assert.deepEqual([received.eventsSent, received.outcome, lab.time.pending], [4, 'serving', 0]);
    exchange.leave();
  },
  async 'bad-chunk'(lab) {
    for (const isStream of [true, false]) {
      const exchange = lab.chat('sim-bad-chunk', isStream);
      assert.equal(await exchange.over(), 'fin');
      assert.match(exchange.text, /transfer-encoding: chunked/i);
      assert.match(exchange.text, /\}?\r\nXYZ\r\nnot a chunk\r\n$/);
    }
  },
  async close(lab) {
    const body = chatBody('sim-close', false);
    const exchange = new RawExchange(lab.simulator.port, { path: '/v1/chat/completions', body });
    assert.equal(await exchange.over(), 'fin');
    assert.match(exchange.text, /connection: close/i);
    assert.equal(JSON.parse(bodyOf(exchange)).object, 'chat.completion');
  },
  async 'bad-json'(lab) {
    const stream = lab.chat('sim-bad-json', true);
    await stream.over();
    const isValid = (event: string): boolean => {
      try {
        return JSON.parse(event.slice(6)) !== undefined;
      } catch {
        return false;
      }
    };
    const events = dechunk(stream.text)
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'));
    assert.equal(events.filter((event) => !isValid(event)).length, 1);
    assert.ok(!isValid(events[1]));
    const whole = lab.chat('sim-bad-json', false);
    await whole.over();
    assert.equal(bodyOf(whole).length, declaredBytes(whole));
    assert.throws(() => JSON.parse(bodyOf(whole)), SyntaxError);
  },
  async 'error-in-stream'(lab) {
    const stream = lab.chat('sim-error-in-stream-2', true);
    await stream.over();
    const body = dechunk(stream.text);
    assert.match(stream.text, /^HTTP\/1\.1 200 /);
    assert.equal(deltasIn(body), 2);
    assert.match(body, /data: \{"error":\{[^\n]*\}\}\n\n$/);
    const whole = await errorOf(lab, 'sim-error-in-stream').catch(() => undefined);
    assert.equal(whole, undefined, 'a stream is not a JSON document');
    const json = lab.chat('sim-error-in-stream', false);
    await json.over();
    assert.match(json.text, /^HTTP\/1\.1 200 /);
    assert.equal(JSON.parse(bodyOf(json)).error.type, 'server_error');
  },
  async 'no-done'(lab) {
    const exchange = lab.chat('sim-no-done', true);
    await exchange.over();
    assert.match(exchange.text, /"finish_reason":"stop"/);
    assert.doesNotMatch(exchange.text, /\[DONE\]/);
    assert.match(exchange.text, /\r\n0\r\n\r\n$/);
  },
  async 'duplicate-end'(lab) {
    const exchange = lab.chat('sim-duplicate-end', true);
    await exchange.over();
    assert.match(dechunk(exchange.text), /data: \[DONE\]\n\ndata: \[DONE\]\n\n$/);
    assert.match(exchange.text, /\r\n0\r\n\r\n$/);
  },
  async 'empty-stream'(lab) {
    const exchange = lab.chat('sim-empty-stream', true);
    await exchange.over();
    assert.match(exchange.text, /text\/event-stream/);
    assert.equal(bodyOf(exchange), '0\r\n\r\n');
    const whole = lab.chat('sim-empty-stream', false);
    await whole.over();
    assert.equal(declaredBytes(whole), 0);
  },
  async 'no-usage'(lab) {
    const exchange = lab.chat('sim-no-usage', false);
    await exchange.over();
    assert.equal(JSON.parse(bodyOf(exchange)).usage, undefined);
  },
  async split(lab) {
    const plain = lab.chat('sim-gap-0', true);
    const exchange = lab.chat('sim-split', true);
    await Promise.all([plain.over(), exchange.over()]);
    assert.equal(dechunk(exchange.text).match(/\[DONE\]/g)?.length, 1);
    const chunks = (text: string): number => text.match(/\r\n[0-9a-f]+\r\n/gi)?.length ?? 0;
    assert.equal(chunks(exchange.text) - 1, (chunks(plain.text) - 1) * 2);
    assert.equal(JSON.parse(dechunk(exchange.text).slice(6).split('\n\n')[0]).object, 'chat.completion.chunk');
  },
  async crlf(lab) {
    const exchange = lab.chat('sim-crlf', true);
    await exchange.over();
    const body = dechunk(exchange.text);
    assert.match(body, /data: \[DONE\]\r\n\r\n$/);
    assert.doesNotMatch(body, /[^\r]\n/);
  },
  async comments(lab) {
    const exchange = lab.chat('sim-comments', true);
    await exchange.over();
    const body = dechunk(exchange.text);
    assert.equal(body.match(/^: ping$/gm)?.length, body.match(/^data: /gm)?.length);
  },
  async status(lab) {
    for (const [status, code] of [
      [503, 'overloaded'],
      [404, 'model_not_found'],
      [500, null],
      [418, null],
    ]) {
      const { head, error } = await errorOf(lab, `sim-status-${status}`);
      assert.ok(head.startsWith(`HTTP/1.1 ${status} `));
      assert.equal(error.code, code);
    }
    assert.match((await errorOf(lab, 'sim-status-302')).head, /\r\nlocation: \/moved/);
  },
  async '429'(lab) {
    const { head, error } = await errorOf(lab, 'sim-429-1500ms');
    assert.match(head, /^HTTP\/1\.1 429 /);
    assert.match(head, /\r\nretry-after: 2\r\nretry-after-ms: 1500\r\n/);
    assert.match(head, /\r\nx-ratelimit-remaining-requests: 0\r\n/);
    assert.equal(error.code, 'rate_limit_exceeded');
    assert.match((await errorOf(lab, 'sim-429')).head, /\r\nretry-after: 1\r\n/);
  },
  async quota(lab) {
    const { head, error } = await errorOf(lab, 'sim-quota');
    assert.match(head, /^HTTP\/1\.1 429 /);
    assert.doesNotMatch(head, /retry-after/);
    assert.equal(error.code, 'insufficient_quota');
  },
  async 'context-window'(lab) {
    const { head, error } = await errorOf(lab, 'sim-context-window');
    assert.match(head, /^HTTP\/1\.1 400 /);
    assert.equal(error.code, 'context_length_exceeded');
  },
  async 'content-policy'(lab) {
    const { head, error } = await errorOf(lab, 'sim-content-policy');
    assert.match(head, /^HTTP\/1\.1 400 /);
    assert.equal(error.code, 'content_policy_violation');
  },
  async bytes(lab) {
    const whole = lab.chat('sim-bytes-1MB', false);
    await whole.over();
    assert.equal(JSON.parse(bodyOf(whole)).choices[0].message.content.length, 1_000_000);
    const stream = lab.chat('sim-bytes-1MB', true);
    await stream.over();
    const texts = [...dechunk(stream.text).matchAll(/"delta":\{"content":("(?:[^"\\]|\\.)*")/g)];
    assert.equal(
      texts.reduce((sum, [, text]) => sum + JSON.parse(text).length, 0),
      1_000_000,
    );
    const headers = { ...CLOSE, 'x-simulate': 'bytes-20KB' };
    const echo = new RawExchange(lab.simulator.port, { path: '/files', method: 'GET', headers });
    await echo.over();
    assert.equal(bodyOf(echo).length, 20_000);
  },
};

/** Each look is one round trip over HTTP, so that the simulator's loop turns in between. */
async function untilReceived(simulator: Simulator, isEnough: (count: number) => boolean): Promise<void> {
  for (let look = 0; look < 1000; look++) {
    const response = await fetch(`${simulator.url}/__simulator/received`);
    const { requests } = (await response.json()) as { requests: { body?: object }[] };
    if (isEnough(requests.filter(({ body }) => body !== undefined).length)) return;
  }
  assert.fail('the simulator never received the request');
}

describe('faults', () => {
  for (const name of FAULT_NAMES) test(name, async () => CASES[name](await openLab()));

  test('faults combine, and the header asks for them as well', async () => {
    const lab = await openLab();
    const exchange = lab.chat('gpt-4o-sim-latency-100ms+sim-cut-2', true);
    assert.equal(await exchange.over(), 'fin');
    assert.equal(deltasIn(exchange.text), 2);
    assert.deepEqual(lab.time.delaysMs, [100]);
    const headers = { 'x-simulate': 'cut-1' };
    const body = chatBody('sim-cut-2', true);
    const other = new RawExchange(lab.simulator.port, { path: '/v1/chat/completions', body, headers });
    await other.over();
    assert.equal(deltasIn(other.text), 1, 'the header wins over the model name');
    assert.deepEqual(
      lab.simulator.received().map(({ faults, outcome }) => [faults, outcome]),
      [
        ['latency=100+cut=2', 'interrupted'],
        ['cut=1', 'interrupted'],
      ],
    );
  });
});
