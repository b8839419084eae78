// Streams as OpenAI and its imitators write them, quirk by quirk.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import { createUsage } from '../../usage.ts';
import { ChatStreamDecoder } from './decode-stream.ts';

interface Run {
  readonly events: readonly LlmEvent[];
  readonly isWhole: boolean;
}

function run(payloads: readonly (JsonObject | string)[]): Run {
  const decoder = new ChatStreamDecoder();
  const events: LlmEvent[] = [];
  for (const payload of payloads)
    decoder.decode('', typeof payload === 'string' ? payload : JSON.stringify(payload), events);
  const isWhole = decoder.end(events);
  return { events, isWhole };
}

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, model: 'm' };

function chunk(delta: JsonObject, choice: JsonObject = {}): JsonObject {
  return { ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...choice }] };
}

function end(reason = 'stop', more: JsonObject = {}): JsonObject {
  return { ...chunk({}, { finish_reason: reason }), ...more };
}

const USAGE = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
const START = { type: 'start', id: 'chatcmpl-1', model: 'm', createdSeconds: 1700000000, usage: undefined } as const;
const HI = { type: 'text-delta', choice: 0, text: 'hi' } as const;
const STOP = { type: 'finish', choice: 0, finish: { reason: 'stop', raw: 'stop' } } as const;
const COUNTS = { type: 'usage', usage: createUsage({ input: 5, output: 2 }) } as const;
const TAIL = { ...HEAD, choices: [], usage: USAGE };

function call(index: number | undefined, id: string | undefined, name: string | undefined, text: unknown): JsonObject {
  const named = { ...(name !== undefined && { name }), arguments: text as string };
  return chunk({
    tool_calls: [{ ...(index !== undefined && { index }), ...(id !== undefined && { id }), function: named }],
  });
}

function begun(number: number, id: string, name: string): LlmEvent {
  return { type: 'tool-call-start', choice: 0, call: number, id, name };
}

function piece(number: number, text: string): LlmEvent {
  return { type: 'tool-call-delta', choice: 0, call: number, text };
}

const CALLED = { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'tool_calls' } } as const;

const WHOLE: readonly (readonly [
  title: string,
  payloads: readonly (JsonObject | string)[],
  events: readonly LlmEvent[],
])[] = [
  [
    'OpenAI: the role first, usage in a chunk of its own',
    [chunk({ role: 'assistant', content: '', refusal: null }), chunk({ content: 'hi' }), end(), TAIL, '[DONE]'],
    [START, HI, COUNTS, STOP],
  ],
  [
    'usage on the last chunk of the choice',
    [chunk({ content: 'hi' }), end('stop', { usage: USAGE }), '[DONE]'],
    [START, HI, COUNTS, STOP],
  ],
  [
    'usage on every chunk',
    [{ ...chunk({ content: 'hi' }), usage: { prompt_tokens: 5, completion_tokens: 0 } }, end('stop', { usage: USAGE })],
    [START, HI, { type: 'usage', usage: createUsage({ input: 5 }) }, COUNTS, STOP].toSpliced(1, 0) as LlmEvent[],
  ],
  [
    "Groq's usage",
    [chunk({ content: 'hi' }), end('stop', { x_groq: { id: 'r', usage: USAGE } })],
    [START, HI, COUNTS, STOP],
  ],
  [
    "Azure's first chunk",
    [{ id: '', model: '', choices: [], prompt_filter_results: [{}] }, chunk({ content: 'hi' }), end(), '[DONE]'],
    [START, HI, STOP],
  ],
  ['no [DONE], but a finish', [chunk({ content: 'hi' }), end()], [START, HI, STOP]],
  ['[DONE] without a finish', [chunk({ content: 'hi' }), '[DONE]'], [START, HI, STOP]],
  [
    '[DONE] twice, and junk behind it',
    [chunk({ content: 'hi' }), end(), '[DONE]', '[DONE]', 'junk'],
    [START, HI, STOP],
  ],
  [
    'a finish on every chunk',
    [end('stop', { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] }), end()],
    [START, HI, STOP],
  ],
  [
    'a null usage',
    [
      { ...chunk({ content: 'hi' }), usage: null },
      { ...end(), usage: null },
    ],
    [START, HI, STOP],
  ],
  [
    'thoughts in both spellings',
    [
      chunk({ reasoning_content: 'hm' }),
      chunk({ reasoning: 'so', reasoning_content: 'so' }),
      chunk({ content: 'hi' }),
      end(),
    ],
    [
      START,
      { type: 'reasoning-delta', choice: 0, text: 'hm' },
      { type: 'reasoning-delta', choice: 0, text: 'so' },
      HI,
      STOP,
    ],
  ],
  [
    "OpenRouter's details",
    [
      chunk({ reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 's' }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }),
      chunk({ content: 'hi' }),
      end(),
    ],
    [
      START,
      { type: 'reasoning-delta', choice: 0, text: 'hm' },
      { type: 'reasoning-signature', choice: 0, signature: 's' },
      { type: 'reasoning-redacted', choice: 0, data: 'x' },
      HI,
      STOP,
    ],
  ],
  [
    "Mistral's thinking",
    [
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }),
      chunk({ content: 'hi' }),
      end(),
    ],
    [START, { type: 'reasoning-delta', choice: 0, text: 'hm' }, HI, STOP],
  ],
  ['a refusal', [chunk({ refusal: 'no' }), end()], [START, { type: 'refusal-delta', choice: 0, text: 'no' }, STOP]],
  [
    'logprobs',
    [chunk({ content: 'hi' }, { logprobs: { content: [{ token: 'hi' }] } }), end()],
    [START, { ...HI, logprobs: { content: [{ token: 'hi' }] } }, STOP],
  ],
  [
    'sources and images',
    [
      chunk({
        content: 'hi',
        annotations: [{ type: 'url_citation' }],
        images: [{ image_url: { url: 'data:image/png;base64,AAAA' } }],
      }),
      end(),
    ],
    [
      START,
      HI,
      { type: 'citation', choice: 0, citation: { type: 'url_citation' } },
      { type: 'image', choice: 0, mediaType: 'image/png', data: 'AAAA' },
      STOP,
    ],
  ],
  [
    'calls: id and name in the first piece alone, arguments in pieces, empty ones too',
    [
      call(0, 'a', 'f', ''),
      call(0, undefined, undefined, '{"x"'),
      call(0, undefined, undefined, ''),
      call(0, undefined, undefined, ':1}'),
      end('tool_calls'),
    ],
    [START, begun(0, 'a', 'f'), piece(0, '{"x"'), piece(0, ':1}'), CALLED],
  ],
  [
    'calls interleaved',
    [
      call(0, 'a', 'f', ''),
      call(1, 'b', 'g', ''),
      call(0, undefined, undefined, '1'),
      call(1, undefined, undefined, '2'),
      call(0, undefined, undefined, '3'),
      end('tool_calls'),
    ],
    [START, begun(0, 'a', 'f'), begun(1, 'b', 'g'), piece(0, '1'), piece(1, '2'), piece(0, '3'), CALLED],
  ],
  [
    'calls without index',
    [
      call(undefined, 'a', 'f', '1'),
      call(undefined, undefined, undefined, '2'),
      call(undefined, 'b', 'g', '3'),
      call(undefined, 'a', undefined, '4'),
      end('tool_calls'),
    ],
    [START, begun(0, 'a', 'f'), piece(0, '1'), piece(0, '2'), begun(1, 'b', 'g'), piece(1, '3'), piece(0, '4'), CALLED],
  ],
  [
    'calls that all have the index 0',
    [call(0, 'a', 'f', '1'), call(0, 'b', 'g', '2'), call(0, undefined, undefined, '3'), end('tool_calls')],
    [START, begun(0, 'a', 'f'), piece(0, '1'), begun(1, 'b', 'g'), piece(1, '2'), piece(1, '3'), CALLED],
  ],
  [
    'id and name in every piece',
    [call(0, 'a', 'f', '1'), call(0, 'a', 'f', '2'), end('tool_calls')],
    [START, begun(0, 'a', 'f'), piece(0, '1'), piece(0, '2'), CALLED],
  ],
  [
    'whole calls without id and index, arguments as objects, ended by stop',
    [call(undefined, undefined, 'f', { x: 1 }), call(undefined, undefined, 'f', null), end('stop')],
    [
      START,
      begun(0, 'call_chatcmpl-1_0_0', 'f'),
      piece(0, '{"x":1}'),
      begun(1, 'call_chatcmpl-1_0_1', 'f'),
      { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'stop' } },
    ],
  ],
  [
    'arguments before the name',
    [call(0, 'a', undefined, '1'), call(0, undefined, 'f', '2'), end('tool_calls')],
    [START, begun(0, 'a', 'f'), piece(0, '12'), CALLED],
  ],
  [
    'a call of old',
    [
      chunk({ function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      end('function_call'),
    ],
    [
      START,
      begun(0, 'call_chatcmpl-1_0_0', 'f'),
      piece(0, '{}'),
      { type: 'finish', choice: 0, finish: { reason: 'tool-calls', raw: 'function_call' } },
    ],
  ],
  [
    'several answers',
    [
      { ...HEAD, choices: [{ index: 1, delta: { content: 'b' } }] },
      { ...HEAD, choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] },
      { ...HEAD, choices: [{ index: 1, delta: {}, finish_reason: 'length' }] },
      '[DONE]',
    ],
    [
      START,
      { type: 'text-delta', choice: 1, text: 'b' },
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'finish', choice: 1, finish: { reason: 'length', raw: 'length' } },
      STOP,
    ],
  ],
  [
    'a whole message from a server that does not stream',
    [{ ...HEAD, choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }],
    [START, HI, STOP],
  ],
];

for (const [title, payloads, events] of WHOLE)
  test(`whole: ${title}`, () => assert.deepEqual(run(payloads), { events, isWhole: true }));

for (const [title, payloads] of [
  ['nothing', []],
  ['[DONE] alone', ['[DONE]']],
  ['the role alone', [chunk({ role: 'assistant', content: '' })]],
  ['text alone', [chunk({ content: 'hi' })]],
  ['text and usage', [{ ...chunk({ content: 'hi' }), usage: USAGE }]],
  ['one of two answers', [end(), { ...HEAD, choices: [{ index: 1, delta: { content: 'b' } }] }]],
] as const)
  test(`cut: ${title}`, () => {
    const { events, isWhole } = run(payloads);
    assert.equal(isWhole, false);
    assert.ok(events.every(({ type }) => type !== 'finish' && type !== 'error'));
  });

for (const [title, payload, status, message] of [
  ['an error object', { error: { message: 'no', type: 'server_error', code: null } }, 502, 'no'],
  ['OpenRouter, with a choice', { ...end('error'), error: { code: 503, message: 'down' } }, 503, 'down'],
  ['vLLM', { object: 'error', message: 'bad', type: 'BadRequestError', code: 400 }, 400, 'bad'],
  ['bare text', { error: 'broken' }, 502, 'broken'],
  ['an end by failure', end('error'), 502, 'The provider ended the answer with "error"'],
  ['no JSON', '{"id":', 502, 'The provider sent an event that is not JSON'],
  ['no object', '5', 502, 'The provider sent an event that is not JSON'],
] as const)
  test(`failed: ${title}`, () => {
    const { events, isWhole } = run([chunk({ content: 'hi' }), payload, chunk({ content: 'more' }), end(), '[DONE]']);
    assert.equal(isWhole, false);
    const last = events.at(-1);
    assert.equal(last?.type === 'error' && last.error.status, status);
    assert.equal(last?.type === 'error' && last.error.message, message);
    assert.deepEqual(events.slice(0, -1), [START, HI]);
  });

test('an event named error is a failure, whatever is in it', () => {
  const events: LlmEvent[] = [];
  new ChatStreamDecoder().decode('error', '{"message":"gone","code":529}', events);
  assert.equal(events[0].type === 'error' && events[0].error.message, 'gone');
});

test('nothing that is JSON makes it throw, and what comes is a legal order of events', () => {
  const json = fc.jsonValue();
  const delta = fc.record(
    {
      content: fc.oneof(json, fc.string()),
      reasoning_details: json,
      tool_calls: fc.oneof(
        json,
        fc.array(
          fc.record(
            {
              index: fc.oneof(fc.nat({ max: 2 }), json),
              id: fc.constantFrom('a', 'b', ''),
              function: fc.record({ name: fc.constantFrom('f', ''), arguments: fc.oneof(fc.string(), json) }),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      function_call: json,
      audio: json,
      images: json,
    },
    { requiredKeys: [] },
  );
  const choice = fc.record(
    { index: fc.nat({ max: 2 }), delta, finish_reason: fc.constantFrom(null, 'stop', 'tool_calls'), logprobs: json },
    { requiredKeys: ['delta'] },
  );
  const payload = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ choices: fc.array(choice, { maxLength: 2 }), usage: json }, { requiredKeys: ['choices'] }),
    },
    json,
    fc.constant('[DONE]'),
  );
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 12 }), (payloads) => {
      const { events, isWhole } = run(payloads as (JsonObject | string)[]);
      assertLegal(events, isWhole);
    }),
    { seed: 17, numRuns: 2000 },
  );
});

/** The promises of event.ts. */
function assertLegal(events: readonly LlmEvent[], isWhole: boolean): void {
  const calls = new Set<string>();
  const finished = new Set<number>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'error') assert.equal(index, events.length - 1);
    else assert.equal(event.type === 'start', index === 0);
    if ('choice' in event) assert.ok(!finished.has(event.choice));
    if (event.type === 'finish') finished.add(event.choice);
    if (event.type === 'tool-call-start') calls.add(`${event.choice}/${event.call}`);
    if (event.type === 'tool-call-delta') assert.ok(calls.has(`${event.choice}/${event.call}`));
  }
  assert.equal(isWhole, finished.size > 0 && events.at(-1)?.type !== 'error');
}
