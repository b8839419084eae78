// Every way a provider can fail, through the gateway: what the client must see, how the log and the metrics name it, and that the
// gateway is well afterwards. A broken stream never ends as if it were whole.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import OpenAI from 'openai';
import { aiConfig, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { until } from './support/gateway.ts';

const ai = await startAiGateway(FILE_SCOPE, {
  args: ['--workers', '2'],
  config: (url) => {
    const config = aiConfig(url);
    const [ai, plain] = config.routes as readonly object[];
    return { ...config, routes: [{ ...ai, timeout: { first_byte: '400ms', idle: '300ms' } }, plain] };
  },
});
const WORDS = 'one two three four five six';
let requests = 0;

type Kind = 'chat' | 'responses' | 'json';

interface Seen {
  readonly status: number;
  readonly text: string;
  /** The connection broke before the answer was complete as HTTP. */
  readonly isBroken: boolean;
  readonly line: Awaited<ReturnType<typeof ai.line>>;
}

const PATHS: Readonly<Record<Kind, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  json: '/v1/chat/completions',
};

async function ask(kind: Kind, fault: string): Promise<Seen> {
  const requestId = `fault-${requests++}`;
  const input = kind === 'responses' ? { input: WORDS } : { messages: [{ role: 'user', content: WORDS }] };
  const body = JSON.stringify({ model: fault, stream: kind !== 'json', ...input });
  const response = await ai.post(PATHS[kind], body, { 'x-request-id': requestId });
  let text = '';
  let isBroken = false;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
  } catch {
    isBroken = true;
  }
  return { status: response.status, text, isBroken, line: await ai.line(requestId) };
}

interface Case {
  readonly kind: Kind;
  readonly fault: string;
  readonly status?: number;
  readonly end: string | undefined;
  readonly code?: string;
  /** What the client's text must hold, and what it must not. */
  readonly has?: readonly RegExp[];
  readonly lacks?: readonly RegExp[];
  readonly isBroken?: true;
}

const DONE = /data: \[DONE\]/;
const CUT_EVENT =
  /\ndata: \{"error":\{"message":"[^"]+","type":"server_error","param":null,"code":"upstream\.cut"\}\}\n\n$/;
const CUT_TYPED =
  /\nevent: error\ndata: \{"type":"error","code":"upstream\.cut","message":"[^"]+","param":null,"sequence_number":\d+\}\n\n$/;

const CASES: readonly Case[] = [
  // What only looks odd is no failure.
  { kind: 'chat', fault: 'sim-latency-50ms', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-first-token-100ms', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-gap-20ms', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-slow-1mbps', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-split', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-crlf', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-comments', end: 'complete', has: [DONE, /: ping/] },
  { kind: 'chat', fault: 'sim-close', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-no-usage', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-bytes-300KB', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-bad-json', end: 'complete', has: [DONE] },
  { kind: 'chat', fault: 'sim-no-done', end: 'complete', has: [/"finish_reason":"stop"/, DONE], lacks: [/"error"/] },
  { kind: 'json', fault: 'sim-slow-1mbps', end: 'complete', has: [/"finish_reason":"stop"/] },
  { kind: 'json', fault: 'sim-close', end: 'complete', has: [/"finish_reason":"stop"/] },
  { kind: 'json', fault: 'sim-bad-json', end: 'complete' },
  { kind: 'responses', fault: 'sim-split+crlf+comments', end: 'complete', has: [/event: response\.completed/] },
  // Before the head: the gateway answers.
  { kind: 'chat', fault: 'sim-reset-before-headers', status: 502, end: undefined, code: 'upstream.reset' },
  { kind: 'json', fault: 'sim-reset-before-headers', status: 502, end: undefined, code: 'upstream.reset' },
  { kind: 'chat', fault: 'sim-hang', status: 504, end: undefined, code: 'upstream.first-byte-timeout' },
  // A refusal passes as it is.
  { kind: 'chat', fault: 'sim-status-500', status: 500, end: 'complete', has: [/"type":"server_error"/] },
  { kind: 'chat', fault: 'sim-429', status: 429, end: 'complete', has: [/rate_limit_exceeded/] },
  { kind: 'chat', fault: 'sim-context-window', status: 400, end: 'complete', has: [/context_length_exceeded/] },
  // In the middle of a stream: an error event in the client's protocol, never a clean end.
  {
    kind: 'chat',
    fault: 'sim-reset-after-headers',
    end: 'upstream-cut',
    has: [/"code":"upstream\.cut"/],
    lacks: [DONE],
  },
  { kind: 'chat', fault: 'sim-cut-3', end: 'upstream-cut', has: [/said/, CUT_EVENT], lacks: [DONE] },
  { kind: 'chat', fault: 'sim-cut-3+crlf+split', end: 'upstream-cut', has: [/said/, CUT_EVENT], lacks: [DONE] },
  { kind: 'chat', fault: 'sim-bad-chunk-2', end: 'upstream-cut', has: [/said/, CUT_EVENT], lacks: [DONE] },
  { kind: 'chat', fault: 'sim-empty-stream', end: 'upstream-cut', has: [/"code":"upstream\.cut"/], lacks: [DONE] },
  {
    kind: 'chat',
    fault: 'sim-stall-2',
    end: 'idle-timeout',
    code: 'upstream.idle-timeout',
    has: [/said/, /"code":"upstream\.idle-timeout"\}\}\n\n$/],
    lacks: [DONE],
  },
  {
    kind: 'chat',
    fault: 'sim-error-in-stream-2',
    end: 'in-band-error',
    has: [/said/, /data: \{"error":\{"message":"The server had an error/],
    lacks: [DONE],
  },
  { kind: 'responses', fault: 'sim-cut-3', end: 'upstream-cut', has: [/said/, CUT_TYPED], lacks: [/completed/] },
  { kind: 'responses', fault: 'sim-no-done', end: 'upstream-cut', has: [CUT_TYPED], lacks: [/response\.completed/] },
  {
    kind: 'responses',
    fault: 'sim-stall-2',
    end: 'idle-timeout',
    code: 'upstream.idle-timeout',
    has: [/event: error\ndata: \{"type":"error","code":"upstream\.idle-timeout"/],
  },
  { kind: 'responses', fault: 'sim-error-in-stream-1', end: 'in-band-error', has: [/event: error/] },
  // A JSON answer has no way to say that it broke off: the connection must.
  // Nothing of a whole answer was told yet: its client gets a proper error.
  { kind: 'json', fault: 'sim-cut', status: 502, end: undefined, code: 'upstream.cut' },
  { kind: 'json', fault: 'sim-reset-after-headers', status: 502, end: undefined, code: 'upstream.cut' },
  { kind: 'json', fault: 'sim-stall', status: 504, end: undefined, code: 'upstream.idle-timeout' },
  { kind: 'json', fault: 'sim-error-in-stream', end: 'in-band-error', has: [/"error"/] },
];

const expectedEnds = new Map<string, number>();

for (const { kind, fault, status = 200, end, code, has = [], lacks = [], isBroken = false } of CASES) {
  test(`${kind} ${fault}: ${end ?? code}`, async () => {
    const seen = await ask(kind, fault);
    assert.equal(seen.status, status, seen.text);
    assert.equal(seen.isBroken, isBroken, 'whether the connection broke');
    for (const pattern of has) assert.match(seen.text, pattern);
    for (const pattern of lacks) assert.doesNotMatch(seen.text, pattern);
    assert.equal(seen.line.stream_end, end);
    if (code !== undefined) assert.equal(seen.line.error?.code, code);
    if (status >= 500 && end === undefined) assert.equal(JSON.parse(seen.text).error.code, code);
    if (end === 'complete') assert.equal(seen.line.error, undefined);
    else assert.ok(seen.line.error !== undefined, 'a failed answer is no success in the log');
    if (end !== undefined) expectedEnds.set(end, (expectedEnds.get(end) ?? 0) + 1);
  });
}

test('the official client throws on each of them', async () => {
  const read = async (model: string): Promise<unknown> => {
    const messages = [{ role: 'user' as const, content: WORDS }];
    return Array.fromAsync(await ai.client.chat.completions.create({ model, messages, stream: true }));
  };
  for (const fault of ['sim-cut-3', 'sim-stall-2', 'sim-bad-chunk-2', 'sim-empty-stream', 'sim-error-in-stream-2']) {
    await assert.rejects(read(fault), OpenAI.APIError, fault);
  }
  const responses = ai.client.responses.stream({ model: 'sim-cut-3', input: WORDS });
  await assert.rejects(Array.fromAsync(responses), OpenAI.APIError);
});

test('stream ends are counted by cause, and the gateway is well afterwards', async () => {
  await until('nothing is active', async () => metricSum(await ai.metrics(), 'gateway_active_requests') === 0);
  const metrics = await ai.metrics();
  for (const [cause, count] of expectedEnds) {
    const counted = metricSum(metrics, 'gateway_stream_end_total', { route: 'ai', cause });
    assert.ok(counted >= count, `${cause}: ${counted} counted, at least ${count} expected`);
  }
  assert.equal(metricSum(metrics, 'gateway_worker_restarts_total'), 0);
  assert.equal(metricSum(metrics, 'gateway_upstream_pending'), 0);
  for (let request = 0; request < 20; request++)
    assert.equal((await ask('chat', 'gpt-4o')).line.stream_end, 'complete');
});

after(() => {
  assert.doesNotMatch(ai.gateway.stderr, /bug|unexpected/i);
});
