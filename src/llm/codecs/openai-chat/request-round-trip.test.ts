// What is encoded for a provider of this wire and decoded as a client's request is what it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AssistantPart, Message, UserPart } from '../../message.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { decodeRequest } from './decode-request.ts';
import { createOpenaiChatTarget } from './openai-chat.ts';

const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const data = fc.constantFrom('AAAA', 'AQID', 'JVBERg==');

const text = word.map((value) => ({ type: 'text' as const, text: value }));
const image = fc.oneof(
  fc.record({
    type: fc.constant('image' as const),
    source: fc.record({ kind: fc.constant('base64' as const), mediaType: fc.constant('image/png'), data }),
    detail: fc.constantFrom('low' as const, 'original' as const),
  }),
  fc.constant({ type: 'image' as const, source: { kind: 'url' as const, url: 'https://a.example/x.png' } }),
);
const file = fc.constantFrom<UserPart>(
  { type: 'file', source: { kind: 'stored', id: 'file-1' } },
  { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, name: 'a.pdf' },
);
const audio = data.map(
  (value): UserPart => ({
    type: 'audio',
    source: { kind: 'base64', mediaType: 'audio/mpeg', data: value },
  }),
);
const named = fc.option(
  word.map((name) => ({ name })),
  { nil: {} },
);

const system = fc.tuple(fc.array(text, { minLength: 1, maxLength: 3 }), named);
const user = fc.tuple(fc.array(fc.oneof(text, image, file, audio), { minLength: 1, maxLength: 4 }), named);

/** An assistant's turn, and the results of all its calls. */
const turn = fc
  .record({
    said: fc.array(text, { maxLength: 2 }),
    thought: fc.option(word),
    refusal: fc.option(word),
    calls: fc.array(word, { maxLength: 3 }),
    back: fc.array(text, { maxLength: 2 }),
  })
  .map(({ said, thought, refusal, calls, back }) => ({ said, thought, refusal, calls, back }));

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

function messagesOf({ said, thought, refusal, calls, back }: Turn, index: number): readonly Message[] {
  const parts: AssistantPart[] = [
    ...(thought === null ? [] : [{ type: 'reasoning' as const, text: thought }]),
    ...said,
    ...(refusal === null ? [] : [{ type: 'refusal' as const, text: refusal }]),
    ...calls.map((name, call) => ({ type: 'tool-call' as const, id: `c${index}_${call}`, name, arguments: '{"a":1}' })),
  ];
  const results: UserPart[] = calls.map((name, call) => ({
    type: 'tool-result',
    callId: `c${index}_${call}`,
    name,
    content: back,
    isError: false,
  }));
  return [
    { role: 'assistant', content: parts },
    ...(results.length > 0 ? [{ role: 'user', content: results } as const] : []),
  ];
}

const messages = fc
  .tuple(
    fc.array(
      fc.oneof(
        system.map((value) => ['system', value] as const),
        turn.map((value) => ['turn', value] as const),
      ),
      { maxLength: 4 },
    ),
    user,
  )
  .map(([steps, [content, name]]): readonly Message[] => {
    const all = steps.flatMap((step, index): readonly Message[] =>
      step[0] === 'system' ? [{ role: 'system', content: step[1][0], ...step[1][1] }] : messagesOf(step[1], index),
    );
    // Behind results a user's words stand in their message: another speaks between.
    return [...all, { role: 'system', content: [{ type: 'text', text: 'next' }] }, { role: 'user', content, ...name }];
  });

const parameters: fc.Arbitrary<ChatParameters> = fc.record(
  {
    maxOutputTokens: fc.nat(),
    temperature: fc.constantFrom(0, 0.5, 2),
    topP: fc.constantFrom(0.1, 1),
    frequencyPenalty: fc.constantFrom(-1, 0.5),
    presencePenalty: fc.constantFrom(-1, 0.5),
    stop: fc.array(word, { minLength: 1, maxLength: 4 }),
    seed: fc.integer(),
    n: fc.integer({ min: 2, max: 5 }),
    logprobs: fc.record({ top: fc.nat({ max: 20 }) }),
    logitBias: fc.constant({ '50256': -100 }),
    parallelToolCalls: fc.boolean(),
    reasoning: fc.record({ effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max') }),
    responseFormat: fc.constantFrom(
      { kind: 'json' },
      { kind: 'json-schema', name: 's', schema: { type: 'object' }, strict: true, description: 'd' },
    ),
    user: word,
    metadata: fc.constant({ a: 'b' }),
    serviceTier: word,
    store: fc.boolean(),
    verbosity: word,
    modalities: fc.constant(['text']),
    prediction: fc.constant({ type: 'content', content: 'x' }),
    webSearch: fc.constant({ search_context_size: 'low' }),
    promptCacheKey: word,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<ChatParameters>;

const tools = fc.constantFrom<ChatParameters>(
  {},
  { tools: [{ kind: 'function', name: 'f', parameters: { type: 'object' }, strict: false }] },
  { tools: [{ kind: 'function', name: 'f' }], toolChoice: { kind: 'tool', name: 'f' } },
  { tools: [{ kind: 'function', name: 'f', description: 'd' }], toolChoice: { kind: 'required' } },
  { tools: [{ kind: 'provider', wire: 'openai-chat', raw: { type: 'custom', custom: { name: 'c' } } }] },
);

const request: fc.Arbitrary<ChatRequest> = fc
  .record({ messages, parameters, tools, stream: fc.boolean() })
  .map((given) => ({
    operation: 'chat',
    wire: 'openai-chat',
    model: 'm',
    stream: given.stream,
    messages: given.messages,
    parameters: { ...given.parameters, ...given.tools },
    wantsStreamUsage: given.stream,
    rest: { provider: { order: ['a'] } },
  }));

test('decode(encode(request)) is the request', () => {
  const target = createOpenaiChatTarget({ reasoningField: 'reasoning_content' });
  fc.assert(
    fc.property(request, (made) => {
      const given = structuredClone(made); // without the generator's prototypes
      const body = JSON.parse(JSON.stringify(target.encodeRequest(given)));
      assert.deepEqual(decodeRequest(body), { ok: true, value: given });
    }),
    { seed: 23, numRuns: 1000 },
  );
});
