// Streams for clients of the Responses API: their order, and what the official SDK makes of them.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import OpenAI, { APIError } from 'openai';
import type { ReplyFrame } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { decodeResponsesRequest } from './decode-request.ts';
import { encodeResponsesAnswer } from './encode-response.ts';
import { createResponsesStream } from './encode-stream.ts';

const BODY = { model: 'fast', input: 'hi' };
const decoded = decodeResponsesRequest(BODY, { model: undefined, stream: undefined });
assert.ok(decoded.ok);
const FRAME: ReplyFrame = { id: 'x1', model: 'fast', createdSeconds: 1_700_000_000, request: decoded.value };

const START: LlmEvent = { type: 'start', id: 'up_1', model: 'claude', createdSeconds: 5, usage: undefined };
const USAGE = createUsage({ input: 10, output: 5, reasoning: 1 });

function finish(reason: FinishReason): LlmEvent {
  return { type: 'finish', choice: 0, finish: { reason } };
}

function encoded(events: readonly LlmEvent[]): string {
  const stream = createResponsesStream(FRAME);
  return events.map((event) => stream.encode(event)).join('') + stream.end();
}

interface Event extends JsonObject {
  readonly type: string;
  readonly sequence_number: number;
}

function eventsOf(text: string): readonly Event[] {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => {
    const [name, data] = block.split('\n');
    const event = JSON.parse(data.slice('data: '.length)) as Event;
    assert.equal(name, `event: ${event.type}`);
    return event;
  });
}

const TALK: readonly LlmEvent[] = [
  START,
  { type: 'reasoning-delta', choice: 0, text: 'h' },
  { type: 'reasoning-delta', choice: 0, text: 'm' },
  { type: 'reasoning-signature', choice: 0, signature: 'sig' },
  { type: 'ping' },
  { type: 'text-delta', choice: 0, text: '' },
  { type: 'text-delta', choice: 0, text: 'One' },
  { type: 'text-delta', choice: 0, text: ' two' },
  { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f' },
  { type: 'tool-call-start', choice: 0, call: 1, id: 'b', name: 'g' },
  { type: 'tool-call-delta', choice: 0, call: 1, text: '{"x":' },
  { type: 'tool-call-delta', choice: 0, call: 0, text: '{}' },
  { type: 'tool-call-delta', choice: 0, call: 1, text: '1}' },
  finish('tool-calls'),
  { type: 'usage', usage: USAGE },
];

const TALK_PARTS: readonly AssistantPart[] = [
  { type: 'reasoning', text: 'hm', signature: 'sig' },
  { type: 'text', text: 'One two' },
  { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
  { type: 'tool-call', id: 'b', name: 'g', arguments: '{"x":1}' },
];

test('events come in the order of the API', () => {
  const events = eventsOf(encoded(TALK));
  assert.deepEqual(
    events.map(({ type, output_index }) => `${type}${output_index === undefined ? '' : ` ${output_index}`}`),
    [
      'response.created',
      'response.in_progress',
      'response.output_item.added 0',
      'response.reasoning_summary_part.added 0',
      'response.reasoning_summary_text.delta 0',
      'response.reasoning_summary_text.delta 0',
      'response.reasoning_summary_text.done 0',
      'response.reasoning_summary_part.done 0',
      'response.output_item.done 0',
      'response.output_item.added 1',
      'response.content_part.added 1',
      'response.output_text.delta 1',
      'response.output_text.delta 1',
      'response.output_text.done 1',
      'response.content_part.done 1',
      'response.output_item.done 1',
      'response.output_item.added 2',
      'response.output_item.added 3',
      'response.function_call_arguments.delta 3',
      'response.function_call_arguments.delta 2',
      'response.function_call_arguments.delta 3',
      'response.function_call_arguments.done 2',
      'response.output_item.done 2',
      'response.function_call_arguments.done 3',
      'response.output_item.done 3',
      'response.completed',
    ],
  );
  assert.deepEqual(
    events.map(({ sequence_number }) => sequence_number),
    events.map((_, index) => index),
  );
});

test('the last event holds the same answer as one that was not streamed', () => {
  const last = eventsOf(encoded(TALK)).at(-1);
  const choice = { index: 0, content: TALK_PARTS, finish: { reason: 'tool-calls' as const } };
  const whole = { id: 'up_1', model: 'claude', createdSeconds: 5, choices: [choice], usage: USAGE };
  assert.deepEqual(last?.response, encodeResponsesAnswer(whole, FRAME));
});

test('refusals, citations and images', () => {
  const citation = { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 0, end_index: 1 };
  const events = eventsOf(
    encoded([
      START,
      { type: 'text-delta', choice: 0, text: 'a', logprobs: { content: [{ token: 'a', logprob: -1 }] } },
      { type: 'citation', choice: 0, citation },
      { type: 'citation', choice: 0, citation: { type: 'page_location' } },
      { type: 'refusal-delta', choice: 0, text: 'No.' },
      { type: 'image', choice: 0, mediaType: 'image/png', data: 'AA' },
      { type: 'reasoning-redacted', choice: 0, data: 'dark' },
      { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f', signature: 'g' },
      finish('stop'),
    ]),
  );
  const response = events.at(-1)?.response as JsonObject;
  const status = 'completed';
  const text = { type: 'output_text', text: 'a', annotations: [citation], logprobs: [{ token: 'a', logprob: -1 }] };
  const content = [text, { type: 'refusal', refusal: 'No.' }];
  assert.deepEqual(response.output, [
    { id: 'msg_x1_0', type: 'message', status, role: 'assistant', content },
    { id: 'ig_x1_1', type: 'image_generation_call', status, result: 'AA' },
    { id: 'rs_x1_2', type: 'reasoning', status, summary: [], encrypted_content: 'sy-redacted:dark' },
    { id: 'rs_x1_3', type: 'reasoning', status, summary: [], encrypted_content: 'sy-call:g' },
    { id: 'fc_x1_4', type: 'function_call', status, arguments: '', call_id: 'a', name: 'f' },
  ]);
  const annotations = events.filter(({ type }) => type === 'response.output_text.annotation.added');
  assert.deepEqual(
    annotations.map(({ annotation, annotation_index, content_index }) => [annotation, annotation_index, content_index]),
    [[citation, 0, 0]],
  );
  assert.equal(events.filter(({ type }) => type === 'response.refusal.done').length, 1);
});

const ENDS: readonly (readonly [FinishReason, string])[] = [
  ['stop', 'response.completed'],
  ['length', 'response.incomplete'],
  ['content-filter', 'response.incomplete'],
  ['error', 'response.failed'],
];

for (const [reason, type] of ENDS)
  test(`finish ${reason} ends with ${type}`, () => {
    const events = eventsOf(encoded([START, { type: 'text-delta', choice: 0, text: 'a' }, finish(reason)]));
    assert.equal(events.at(-1)?.type, type);
    assert.equal(events.filter(({ type: name }) => /completed|incomplete|failed/.test(name)).length, 1);
  });

test('usage told at the start counts until another is', () => {
  const [last] = eventsOf(encoded([{ ...START, usage: createUsage({ input: 3 }) }])).slice(-1);
  const { usage } = last.response as JsonObject;
  assert.equal((usage as JsonObject).input_tokens, 3);
});

const ERROR = { status: 529, type: 'overloaded_error', code: undefined, message: 'Overloaded', param: undefined };

/** Answers one request with the pieces, each a write of its own, and gives what the client makes of it. */
async function served<T>(pieces: readonly string[], use: (client: OpenAI) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use(new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 }));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("the SDK's stream comes to the answer that was encoded", async () => {
  const stream = createResponsesStream(FRAME);
  const pieces = [...TALK.map((event) => stream.encode(event)).filter((text) => text !== ''), stream.end()];
  const final = await served(pieces, (client) => client.responses.stream(BODY).finalResponse());
  assert.equal(final.output_text, 'One two');
  assert.equal(final.id, 'up_1');
  assert.deepEqual(
    final.output.map((item) => (item.type === 'function_call' ? item.arguments : item.type)),
    ['reasoning', 'message', '{}', '{"x":1}'],
  );
  assert.equal(final.usage?.total_tokens, 15);
});

test('the SDK throws what a failed stream tells', async () => {
  const stream = createResponsesStream(FRAME);
  const text = stream.encode(START) + stream.encode({ type: 'text-delta', choice: 0, text: 'a' }) + stream.fail(ERROR);
  const use = (client: OpenAI) => client.responses.stream(BODY).finalResponse();
  await assert.rejects(served([text], use), (error) => {
    assert.ok(error instanceof APIError);
    assert.match(error.message, /Overloaded/);
    return true;
  });
  const [last] = eventsOf(text).slice(-1);
  assert.deepEqual(last, {
    type: 'error',
    sequence_number: 5,
    code: 'overloaded_error',
    message: 'Overloaded',
    param: null,
  });
});

const text = fc.string({ maxLength: 5 });
const bodyEvent: fc.Arbitrary<LlmEvent> = fc.oneof(
  text.map((value): LlmEvent => ({ type: 'text-delta', choice: 0, text: value })),
  text.map((value): LlmEvent => ({ type: 'refusal-delta', choice: 0, text: value })),
  text.map((value): LlmEvent => ({ type: 'reasoning-delta', choice: 0, text: value })),
  text.map((value): LlmEvent => ({ type: 'reasoning-signature', choice: 0, signature: value })),
  text.map((value): LlmEvent => ({ type: 'reasoning-redacted', choice: 0, data: value })),
  text.map((value): LlmEvent => ({ type: 'text-delta', choice: 1, text: value })),
  fc.nat(3).map((call): LlmEvent => ({ type: 'tool-call-delta', choice: 0, call, text: '{' })),
  fc.nat(3).map((call): LlmEvent => ({ type: 'tool-call-start', choice: 0, call, id: `c${call}`, name: 'f' })),
  fc.constant<LlmEvent>({ type: 'image', choice: 0, mediaType: 'image/png', data: 'AA' }),
  fc.constant<LlmEvent>({ type: 'ping' }),
  fc.constant<LlmEvent>({ type: 'usage', usage: USAGE }),
  fc.constant<LlmEvent>({ type: 'citation', choice: 0, citation: { type: 'url_citation', url: 'u' } }),
);

/** A call begins once, and its pieces come behind that. */
function legal(events: readonly LlmEvent[]): readonly LlmEvent[] {
  const begun = new Set<number>();
  return events.filter((event) => {
    if (event.type === 'tool-call-delta') return begun.has(event.call);
    if (event.type !== 'tool-call-start') return true;
    const isNew = !begun.has(event.call);
    begun.add(event.call);
    return isNew;
  });
}

test('whatever comes in whatever order, the SDK accepts the stream and comes to its last event', async () => {
  const reasons = fc.constantFrom<FinishReason>('stop', 'length', 'tool-calls', 'content-filter');
  const property = fc.asyncProperty(fc.array(bodyEvent, { maxLength: 30 }), reasons, async (events, reason) => {
    const stream = encoded([START, ...legal(events), finish(reason)]);
    const fetch = () => Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } }));
    const client = new OpenAI({ apiKey: 'k', fetch, maxRetries: 0 });
    const final = await client.responses.stream(BODY).finalResponse();
    const last = eventsOf(stream).at(-1)?.response as JsonObject;
    const texts = (last.output as readonly JsonObject[]).map(({ id }) => id);
    assert.deepEqual(
      final.output.map((item) => ('id' in item ? item.id : undefined)),
      texts,
    );
    assert.equal(final.status, last.status);
    const said = legal(events).map((event) => (event.type === 'text-delta' && event.choice === 0 ? event.text : ''));
    assert.equal(final.output_text, said.join(''));
  });
  await fc.assert(property, { seed: 7, numRuns: 150 });
});
