// Streams to chat clients: always a legal stream, which the official SDK understands as what it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import OpenAI, { APIError } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ReplyFrame } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { ChatRequest } from '../../request.ts';
import { createUsage } from '../../usage.ts';
import { ChatStreamDecoder } from './decode-stream.ts';
import { ChatStreamEncoder } from './encode-stream.ts';

const REQUEST: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'asked',
  stream: true,
  messages: [],
  parameters: {},
  wantsStreamUsage: false,
  rest: {},
};

function frameOf(request: Partial<ChatRequest> = {}): ReplyFrame {
  return { id: 'req-1', model: 'asked', createdSeconds: 1700000000, request: { ...REQUEST, ...request } };
}

function write(events: readonly LlmEvent[], frame = frameOf()): string {
  const encoder = new ChatStreamEncoder(frame);
  return events.map((event) => encoder.encode(event)).join('') + encoder.end();
}

/** Payloads of a stream of whole events. */
function payloadsOf(text: string): readonly string[] {
  assert.ok(text.endsWith('\n\n'));
  const events = text.slice(0, -2).split('\n\n');
  return events
    .filter((event) => !event.startsWith(':'))
    .map((event) => {
      assert.ok(event.startsWith('data: ') && !event.includes('\n'), event);
      return event.slice('data: '.length);
    });
}

function chunksOf(text: string): readonly ChatCompletionChunk[] {
  return payloadsOf(text)
    .filter((payload) => payload !== '[DONE]')
    .map((payload) => JSON.parse(payload) as ChatCompletionChunk);
}

const START: LlmEvent = { type: 'start', id: 'c-1', model: 'm', createdSeconds: 5, usage: undefined };
const STOP: LlmEvent = { type: 'finish', choice: 0, finish: { reason: 'stop' } };

test('the role comes first and alone, the end once', () => {
  const text = write([START, { type: 'text-delta', choice: 0, text: 'h"i\n' }, STOP]);
  assert.deepEqual(chunksOf(text), [
    {
      id: 'c-1',
      object: 'chat.completion.chunk',
      created: 5,
      model: 'm',
      choices: [
        { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
      ],
    },
    {
      id: 'c-1',
      object: 'chat.completion.chunk',
      created: 5,
      model: 'm',
      choices: [{ index: 0, delta: { content: 'h"i\n' }, logprobs: null, finish_reason: null }],
    },
    {
      id: 'c-1',
      object: 'chat.completion.chunk',
      created: 5,
      model: 'm',
      choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }],
    },
  ]);
  assert.equal(payloadsOf(text).at(-1), '[DONE]');
});

test('usage only for clients that asked: null before, counts in a chunk without choices', () => {
  const usage = createUsage({ input: 5, output: 2, cachedInput: 1 });
  const events: readonly LlmEvent[] = [START, { type: 'usage', usage }, STOP];
  assert.ok(!write(events).includes('usage'));
  const chunks = chunksOf(write(events, frameOf({ wantsStreamUsage: true })));
  assert.deepEqual(
    chunks.map((chunk) => chunk.usage?.total_tokens ?? null),
    [null, null, 7],
  );
  assert.ok(chunks.every((chunk) => 'usage' in chunk));
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.equal(chunks.at(-1)?.usage?.prompt_tokens_details?.cached_tokens, 1);
});

test('counts of the start stand until others come', () => {
  const start: LlmEvent = { ...START, usage: createUsage({ input: 9 }) };
  const last = chunksOf(write([start, STOP], frameOf({ wantsStreamUsage: true }))).at(-1);
  assert.equal(last?.usage?.prompt_tokens, 9);
});

test('what the provider does not say is said by the gateway', () => {
  const [first] = chunksOf(write([{ ...START, id: undefined, model: undefined, createdSeconds: undefined }, STOP]));
  assert.deepEqual([first.id, first.model, first.created], ['chatcmpl-req-1', 'asked', 1700000000]);
});

test('thoughts, signatures and images in the words of those who have them', () => {
  const text = write([
    START,
    { type: 'reasoning-delta', choice: 0, text: 'hm' },
    { type: 'reasoning-signature', choice: 0, signature: 's' },
    { type: 'reasoning-redacted', choice: 0, data: 'x' },
    { type: 'image', choice: 0, mediaType: 'image/png', data: 'AAAA' },
    { type: 'citation', choice: 0, citation: { type: 'page_location' } },
    STOP,
  ]);
  assert.deepEqual(
    chunksOf(text)
      .slice(1, -1)
      .map((chunk) => chunk.choices[0].delta),
    [
      { reasoning_content: 'hm' },
      { reasoning_details: [{ type: 'reasoning.text', signature: 's' }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] },
      { images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
    ],
  );
});

test('clients of old are called as they were', () => {
  const text = write(
    [
      START,
      { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f' },
      { type: 'tool-call-delta', choice: 0, call: 0, text: '{}' },
      { type: 'finish', choice: 0, finish: { reason: 'tool-calls' } },
    ],
    frameOf({ usesLegacyFunctions: true }),
  );
  const [, begun, more, end] = chunksOf(text).map((chunk) => chunk.choices[0]);
  assert.deepEqual(begun.delta, { function_call: { name: 'f', arguments: '' } });
  assert.deepEqual(more.delta, { function_call: { arguments: '{}' } });
  assert.equal(end.finish_reason, 'function_call');
});

test('heartbeats are comments', () => {
  const encoder = new ChatStreamEncoder(frameOf());
  assert.match(encoder.heartbeat(), /^:[^\n]*\n\n$/);
  assert.match(encoder.encode({ type: 'ping' }), /^:[^\n]*\n\n$/);
});

/** A client of the official SDK that is answered with this text. */
function clientOf(text: string): OpenAI {
  const headers = { 'content-type': 'text/event-stream' };
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: () => Promise.resolve(new Response(text, { headers })) });
}

test('the official SDK throws at a failure, with what the provider said', async () => {
  const encoder = new ChatStreamEncoder(frameOf());
  const text =
    encoder.encode(START) +
    encoder.encode({ type: 'text-delta', choice: 0, text: 'hi' }) +
    encoder.fail({ status: 529, type: 'overloaded_error', code: 'overloaded', message: 'too busy', param: undefined });
  const stream = await clientOf(text).chat.completions.create({ model: 'm', messages: [], stream: true });
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const chunk of stream) seen.push(chunk.choices[0].delta.content ?? '');
    },
    (error) => error instanceof APIError && error.message.includes('too busy') && error.code === 'overloaded',
  );
  assert.deepEqual(seen, ['', 'hi']);
});

test('the official SDK puts calls, several answers and usage together', async () => {
  const text = write(
    [
      START,
      { type: 'tool-call-start', choice: 0, call: 0, id: 'a', name: 'f' },
      { type: 'tool-call-start', choice: 0, call: 1, id: 'b', name: 'g' },
      { type: 'tool-call-delta', choice: 0, call: 1, text: '{"y":' },
      { type: 'tool-call-delta', choice: 0, call: 0, text: '{}' },
      { type: 'tool-call-delta', choice: 0, call: 1, text: '2}' },
      { type: 'text-delta', choice: 1, text: 'other' },
      { type: 'ping' },
      { type: 'usage', usage: createUsage({ input: 4, output: 6 }) },
      { type: 'finish', choice: 0, finish: { reason: 'tool-calls' } },
      { type: 'finish', choice: 1, finish: { reason: 'stop' } },
    ],
    frameOf({ wantsStreamUsage: true }),
  );
  const client = clientOf(text);
  const completion = await client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
  const [first, second] = completion.choices;
  const written = first.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments);
  assert.deepEqual(written, ['{}', '{"y":2}']);
  assert.equal(first.finish_reason, 'tool_calls');
  assert.equal(second.message.content, 'other');
  assert.equal(completion.usage?.total_tokens, 10);
});

const text = fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' });

/** Any legal order: one start, then pieces of several answers, then usage and the ends. */
const events: fc.Arbitrary<readonly LlmEvent[]> = fc
  .array(fc.record({ choice: fc.nat({ max: 2 }), kind: fc.nat({ max: 6 }), call: fc.nat({ max: 2 }), text }), {
    maxLength: 20,
  })
  .map((steps) => {
    const calls = new Map<number, number>();
    const body = steps.flatMap(({ choice, kind, call, text: said }): readonly LlmEvent[] => {
      const open = calls.get(choice) ?? 0;
      if (kind === 0) return [{ type: 'text-delta', choice, text: said }];
      if (kind === 1) return [{ type: 'reasoning-delta', choice, text: said }];
      if (kind === 2) return [{ type: 'refusal-delta', choice, text: said }];
      if (kind === 3) return [{ type: 'reasoning-signature', choice, signature: said }];
      if (kind === 4) return [{ type: 'text-delta', choice, text: said, logprobs: { content: [{ token: said }] } }];
      if (kind === 5 && open > 0) return [{ type: 'tool-call-delta', choice, call: call % open, text: said }];
      calls.set(choice, open + 1);
      return [{ type: 'tool-call-start', choice, call: open, id: `c${choice}_${open}`, name: said }];
    });
    const choices = new Set([0, ...steps.map(({ choice }) => choice)]);
    const ends = [...choices].toSorted().map((choice): LlmEvent => {
      const isCalls = (calls.get(choice) ?? 0) > 0;
      const finish = isCalls ? { reason: 'tool-calls', raw: 'tool_calls' } : { reason: 'length', raw: 'length' };
      return { type: 'finish', choice, finish: finish as Extract<LlmEvent, { type: 'finish' }>['finish'] };
    });
    return [START, ...body, { type: 'usage', usage: createUsage({ input: 3, output: 4 }) }, ...ends];
  });

test('decode(encode(events)) is the events, whatever their order', () => {
  fc.assert(
    fc.property(events, (given) => {
      const stream = write(given, frameOf({ wantsStreamUsage: true }));
      const decoder = new ChatStreamDecoder();
      const decoded: LlmEvent[] = [];
      for (const payload of payloadsOf(stream)) decoder.decode('', payload, decoded);
      assert.equal(decoder.end(decoded), true);
      const byKind = (all: readonly LlmEvent[]): readonly LlmEvent[] => [
        ...all.filter(({ type }) => type !== 'finish'),
        ...all.filter(({ type }) => type === 'finish').toSorted((a, b) => choiceOf(a) - choiceOf(b)),
      ];
      assert.deepEqual(byKind(decoded), byKind(given));
    }),
    { seed: 29, numRuns: 1000 },
  );
});

function choiceOf(event: LlmEvent): number {
  return 'choice' in event ? event.choice : -1;
}

test('every chunk is of one stream, and every choice begins with its role', () => {
  fc.assert(
    fc.property(events, (given) => {
      const begun = new Set<number>();
      for (const { id, object, choices } of chunksOf(write(given))) {
        assert.deepEqual([id, object], ['c-1', 'chat.completion.chunk']);
        for (const { index, delta } of choices) {
          assert.equal(delta.role === 'assistant', !begun.has(index));
          begun.add(index);
        }
      }
    }),
    { seed: 31, numRuns: 300 },
  );
});
