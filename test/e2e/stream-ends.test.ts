// Exactly one end on every path: each client wire in front of each provider, each fault of a stream. What the client's bytes say,
// what the log says and what is counted must agree, and before the first useful part another target gives the whole answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_SCOPE, type LogLine, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { PROVIDER_KINDS } from './matrix/providers.ts';
import { until } from './support/gateway.ts';
import {
  readChat,
  readGeminiArray,
  readGeminiEvents,
  readMessages,
  readResponses,
  type Terminals,
} from './support/stream-terminals.ts';

interface Client {
  readonly name: string;
  path(model: string): string;
  body(model: string): object;
  read(body: string): Terminals;
}

const PROMPT = 'one two three';
const messages = [{ role: 'user', content: PROMPT }];
const contents = [{ role: 'user', parts: [{ text: PROMPT }] }];
const google = (model: string): string => `/v1beta/models/${model}:streamGenerateContent`;

const CLIENTS: readonly Client[] = [
  {
    name: 'chat',
    path: () => '/v1/chat/completions',
    body: (model) => ({ model, stream: true, messages }),
    read: readChat,
  },
  {
    name: 'completions',
    path: () => '/v1/completions',
    body: (model) => ({ model, stream: true, prompt: PROMPT }),
    read: readChat,
  },
  {
    name: 'responses',
    path: () => '/v1/responses',
    body: (model) => ({ model, stream: true, input: PROMPT }),
    read: readResponses,
  },
  {
    name: 'messages',
    path: () => '/v1/messages',
    body: (model) => ({ model, stream: true, max_tokens: 1000, messages }),
    read: readMessages,
  },
  {
    name: 'gemini events',
    path: (model) => `${google(model)}?alt=sse`,
    body: () => ({ contents }),
    read: readGeminiEvents,
  },
  { name: 'gemini array', path: google, body: () => ({ contents }), read: readGeminiArray },
];
const PROVIDERS = PROVIDER_KINDS.filter(({ name }) => ['openai', 'anthropic', 'google', 'bedrock'].includes(name));
const FIELD = 'x-test-target';

/** A limit for silence that a busy machine does not reach by itself. */
const route = (name: string, backends: readonly object[]) => ({
  name,
  match: { path: '/*', headers: { [FIELD]: name } },
  backends,
  timeout: { idle: '2s' },
});

const ai = await startAiGateway(FILE_SCOPE, {
  config: (url) => ({
    backends: Object.fromEntries(
      PROVIDERS.flatMap(({ name, provider, backend }) => [
        [name, { provider, ...backend(url) }],
        [`${name}-good`, { provider, ...backend(url), model: 'good' }],
      ]),
    ),
    routes: PROVIDERS.flatMap(({ name }) => [
      route(name, [{ backend: name }]),
      route(`${name}-rescued`, [
        { backend: name, tier: 0 },
        { backend: `${name}-good`, tier: 1 },
      ]),
    ]),
  }),
});

interface Case {
  readonly client: Client;
  readonly provider: string;
  readonly fault: string;
  /** Of the log; undefined = a refusal before any stream would do as well. */
  readonly end: string;
  readonly isRescued: boolean;
}

interface Seen {
  readonly requestId: string;
  readonly status: number;
  readonly body: string;
  readonly isBroken: boolean;
}

let requests = 0;

async function ask({ client, provider, fault, isRescued }: Case): Promise<Seen> {
  const requestId = `end-${requests++}`;
  const model = fault === '' ? 'm' : `sim-${fault}`;
  const headers = { [FIELD]: isRescued ? `${provider}-rescued` : provider, 'x-request-id': requestId };
  const response = await ai.post(client.path(model), JSON.stringify(client.body(model)), headers);
  let body = '';
  let isBroken = false;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) body += decoder.decode(piece, { stream: true });
  } catch {
    isBroken = true;
  }
  return { requestId, status: response.status, body, isBroken };
}

/** Upstreams that tell the finish before their last event. */
function endsWithoutLast(client: Client, provider: string): boolean {
  return provider === 'anthropic' || (provider === 'openai' && client.name !== 'responses');
}

/** Deltas after which a fault strikes: at the first, amid them, and behind the last. */
const PLACES = [0, 1, 3, 1000];
const AT_START = ['cut-0', 'bad-chunk-0', 'error-in-stream-0', 'stall-0', 'empty-stream', 'reset-before-headers'];

function casesOf(client: Client, provider: string): readonly Case[] {
  const one = (fault: string, end: string, isRescued = false): Case => ({ client, provider, fault, end, isRescued });
  return [
    ...['', 'split', 'close', 'duplicate-end', 'duplicate-end+split', 'crlf+comments'].map((fault) =>
      one(fault, 'complete'),
    ),
    one('no-done', endsWithoutLast(client, provider) ? 'complete' : 'upstream-cut'),
    one('empty-stream', 'upstream-cut'),
    one('reset-after-headers', 'upstream-cut'),
    ...PLACES.flatMap((place) => [
      one(`cut-${place}`, 'upstream-cut'),
      one(`bad-chunk-${place}`, 'upstream-cut'),
      one(`error-in-stream-${place}`, 'in-band-error'),
      one(`stall-${place}`, 'idle-timeout'),
    ]),
    ...AT_START.map((fault) => one(fault, 'complete', true)),
  ];
}

async function inParallel<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await run(items[at]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** What is wrong with what the client and the log were told; undefined = nothing. */
function faultOf({ client, end, isRescued }: Case, seen: Seen, line: LogLine, whole: string): string | undefined {
  if (seen.isBroken) return 'the connection broke';
  if (seen.status !== 200) return `status ${seen.status}: ${seen.body}`;
  const { told, isFollowed, text } = client.read(seen.body);
  if (told.length !== 1) return `${told.length} ends: ${JSON.stringify(told)}`;
  if (isFollowed) return 'something follows the end';
  if ((told[0] === 'end') !== (end === 'complete')) return `the client was told "${told[0]}"`;
  if (line.stream_end !== end) return `the log says ${line.stream_end}`;
  if ((line.error === undefined) !== (end === 'complete')) return `the log's error is ${line.error?.code}`;
  const code = { 'upstream-cut': 'upstream.cut', 'idle-timeout': 'upstream.idle-timeout' }[end];
  if (end === 'in-band-error' && line.error?.code !== 'upstream.in-band-error') return `code ${line.error?.code}`;
  if (end === 'idle-timeout' && line.error?.code !== code) return `code ${line.error?.code}`;
  if (end === 'complete' && text !== whole) return `"${text}" is not the whole answer "${whole}"`;
  if (isRescued && line.attempts.length !== 2) return `${line.attempts.length} attempts`;
  return undefined;
}

test('every client, provider and fault: one end, the same for the client, the log and the metrics', async () => {
  const cases = CLIENTS.flatMap((client) => PROVIDERS.flatMap(({ name }) => casesOf(client, name)));
  const seen = await inParallel(cases, 64, ask);
  const lines = await until('every log line', () => {
    const found = new Map((ai.gateway.accessLog as unknown as readonly LogLine[]).map((at) => [at.request_id, at]));
    return found.size >= cases.length ? found : undefined;
  });
  const wrong: string[] = [];
  const ends = new Map<string, number>();
  let whole = '';
  for (const [index, one] of cases.entries()) {
    const line = lines.get(seen[index].requestId);
    assert.ok(line !== undefined);
    if (one.fault === '') whole = one.client.read(seen[index].body).text;
    assert.ok(whole.includes('three'), `${one.client.name} to ${one.provider}: ${seen[index].body}`);
    const problem = faultOf(one, seen[index], line, whole);
    if (problem !== undefined)
      wrong.push(`${one.client.name} to ${one.provider}${one.isRescued ? ' rescued' : ''}, ${one.fault}: ${problem}`);
    if (line.stream_end !== undefined) ends.set(line.stream_end, (ends.get(line.stream_end) ?? 0) + 1);
  }
  assert.deepEqual(wrong, []);
  const metrics = await ai.metrics();
  for (const [cause, count] of ends) assert.equal(metricSum(metrics, 'gateway_stream_end_total', { cause }), count);
  const counted = [...ends].map(([cause, count]) => `${cause} ${count}`).join(', ');
  console.log(
    `stream ends: ${cases.length} requests, ${CLIENTS.length} clients × ${PROVIDERS.length} providers, ${counted}`,
  );
});
