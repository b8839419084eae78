// Completions of old onto conversations, and answers back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import OpenAI, { APIError } from 'openai';
import type { CompletionCreateParams } from 'openai/resources/completions';
import type { ReplyFrame } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { createUsage } from '../../usage.ts';
import { decodeRequest } from './decode-request.ts';
import { openaiCompletionsClient } from './openai-completions.ts';

function decode(body: Partial<CompletionCreateParams>): ChatRequest {
  const decoded = decodeRequest({ model: 'm', prompt: 'Once', ...body } as unknown as JsonObject);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.message);
  return decoded.value;
}

test('a prompt is what a user says', () => {
  const conversation = [{ role: 'user', content: [{ type: 'text', text: 'Once' }] }];
  assert.deepEqual(decode({}).messages, conversation);
  assert.deepEqual(decode({ prompt: ['Once'] }).messages, conversation);
  assert.equal(decode({}).wire, 'openai-completions');
});

const MAX = { maxOutputTokens: 16 };

const PARAMETERS: readonly (readonly [from: Partial<CompletionCreateParams>, to: ChatParameters])[] = [
  [{}, MAX],
  [{ max_tokens: 5 }, { maxOutputTokens: 5 }],
  [{ suffix: 'end' }, { ...MAX, suffix: 'end' }],
  [{ suffix: '', echo: false, best_of: 1, n: 1, stop: [], logit_bias: {}, frequency_penalty: 0 }, MAX],
  [{ echo: true }, { ...MAX, echo: true }],
  [
    { best_of: 3, n: 2 },
    { ...MAX, bestOf: 3, n: 2 },
  ],
  [{ logprobs: 0 }, { ...MAX, logprobs: { top: 0 } }],
  [{ logprobs: 5 }, { ...MAX, logprobs: { top: 5 } }],
  [{ stop: 'x' }, { ...MAX, stop: ['x'] }],
  [
    { temperature: 0, top_p: 0.5, seed: 3 },
    { ...MAX, temperature: 0, topP: 0.5, seed: 3 },
  ],
  [
    { presence_penalty: 1, logit_bias: { '1': 2 }, user: 'u' },
    { ...MAX, presencePenalty: 1, logitBias: { '1': 2 }, user: 'u' },
  ],
];

for (const [from, to] of PARAMETERS)
  test(`parameters: ${JSON.stringify(from)}`, () => assert.deepEqual(decode(from).parameters, to));

for (const [prompt, part] of [
  [['a', 'b'], 'holds 2 texts'],
  [[1, 2], 'given as tokens'],
  [[[1, 2]], 'given as tokens'],
  [[7], 'given as tokens'],
  ['', 'must be a text'],
  [null, 'must be a text'],
  [{}, 'must be a text'],
] as const)
  test(`refuses the prompt ${JSON.stringify(prompt)}: ${part}`, () => {
    const decoded = decodeRequest({ model: 'm', prompt });
    assert.ok(!decoded.ok && decoded.param === 'prompt' && decoded.message.includes(part));
  });

test('nothing that is JSON makes it throw', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('model', 'prompt', 'stop', 'n', 'echo', 'stream_options'), fc.jsonValue()),
      (body) => {
        decodeRequest(body as JsonObject);
      },
    ),
    { seed: 2 },
  );
});

function frameOf(wantsStreamUsage: boolean): ReplyFrame {
  return { id: 'req-1', model: 'asked', createdSeconds: 5, request: { ...decode({}), wantsStreamUsage } };
}

const ODDS = {
  content: [
    {
      token: 'Hi',
      logprob: -0.1,
      top_logprobs: [
        { token: 'Hi', logprob: -0.1 },
        { token: 'Ho', logprob: -2 },
      ],
    },
    { token: '!', logprob: -0.2, top_logprobs: [] },
  ],
};
const LEGACY_ODDS = {
  tokens: ['Hi', '!'],
  token_logprobs: [-0.1, -0.2],
  top_logprobs: [{ Hi: -0.1, Ho: -2 }, {}],
  text_offset: [0, 2],
};

test('an answer is its text, with odds in the old shape', () => {
  const response = {
    id: undefined,
    model: undefined,
    createdSeconds: undefined,
    choices: [
      {
        index: 0,
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'Hi!' },
        ] as const,
        finish: { reason: 'length' } as const,
        logprobs: ODDS,
      },
    ],
    usage: createUsage({ input: 1, output: 2 }),
  };
  const { usage, ...rest } = openaiCompletionsClient.encodeResponse(response, frameOf(false));
  assert.equal((usage as JsonObject).total_tokens, 3);
  assert.deepEqual(rest, {
    id: 'cmpl-req-1',
    object: 'text_completion',
    created: 5,
    model: 'asked',
    choices: [{ text: 'Hi!', index: 0, logprobs: LEGACY_ODDS, finish_reason: 'length' }],
  });
});

const EVENTS: readonly LlmEvent[] = [
  { type: 'start', id: 'c-1', model: 'm', createdSeconds: 7, usage: undefined },
  { type: 'reasoning-delta', choice: 0, text: 'hm' },
  { type: 'text-delta', choice: 0, text: 'On', logprobs: { content: [{ token: 'On', logprob: -1 }] } },
  { type: 'text-delta', choice: 0, text: 'ce', logprobs: { content: [{ token: 'ce', logprob: -2 }] } },
  { type: 'usage', usage: createUsage({ input: 1, output: 2 }) },
  { type: 'finish', choice: 0, finish: { reason: 'stop' } },
];

function clientOf(text: string): OpenAI {
  const headers = { 'content-type': 'text/event-stream' };
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: () => Promise.resolve(new Response(text, { headers })) });
}

test('the official SDK reads the stream', async () => {
  const encoder = openaiCompletionsClient.createStreamEncoder(frameOf(true));
  const text = EVENTS.map((event) => encoder.encode(event)).join('') + encoder.heartbeat() + encoder.end();
  const stream = await clientOf(text).completions.create({ model: 'm', prompt: 'x', stream: true });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks.map(({ choices }) => choices[0]?.text ?? '').join(''), 'Once');
  assert.deepEqual(
    chunks.map(({ choices }) => choices[0]?.finish_reason ?? null),
    [null, null, 'stop', null],
  );
  assert.deepEqual(chunks[1].choices[0].logprobs?.text_offset, [2]);
  assert.equal(chunks.at(-1)?.usage?.total_tokens, 3);
  assert.ok(chunks.every(({ id, object }) => id === 'c-1' && object === 'text_completion'));
});

test('usage stays hidden from those who did not ask', () => {
  const encoder = openaiCompletionsClient.createStreamEncoder(frameOf(false));
  const text = EVENTS.map((event) => encoder.encode(event)).join('') + encoder.end();
  assert.ok(!text.includes('usage'));
  assert.ok(text.endsWith('data: [DONE]\n\n'));
});

test('the official SDK throws at a failure', async () => {
  const encoder = openaiCompletionsClient.createStreamEncoder(frameOf(false));
  const failure = { status: 502, type: 'server_error', code: 'x', message: 'gone', param: undefined };
  const text =
    EVENTS.slice(0, 3)
      .map((event) => encoder.encode(event))
      .join('') + encoder.fail(failure);
  const stream = await clientOf(text).completions.create({ model: 'm', prompt: 'x', stream: true });
  await assert.rejects(
    async () => {
      for await (const _ of stream);
    },
    (error) => error instanceof APIError && error.message.includes('gone'),
  );
});
