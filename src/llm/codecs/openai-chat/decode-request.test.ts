// Requests of chat clients, in the types of the official SDK, as the canonical shape has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChatCompletionCreateParams, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { JsonObject } from '../../json-value.ts';
import type { Message } from '../../message.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { decodeRequest } from './decode-request.ts';

type Loose = Partial<ChatCompletionCreateParams> & { readonly [key: string]: unknown };

const HELLO: ChatCompletionMessageParam[] = [{ role: 'user', content: 'hello' }];

function decode(body: Loose): ChatRequest {
  const decoded = decodeRequest({ model: 'm', messages: HELLO, ...body } as unknown as JsonObject);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.message);
  return decoded.value;
}

function refusal(body: Loose): { readonly message: string; readonly param: string | undefined } {
  const decoded = decodeRequest({ model: 'm', messages: HELLO, ...body } as unknown as JsonObject);
  assert.equal(decoded.ok, false);
  return decoded.ok ? assert.fail() : decoded;
}

test('a bare request', () => {
  assert.deepEqual(decode({}), {
    operation: 'chat',
    wire: 'openai-chat',
    model: 'm',
    stream: false,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
    parameters: {},
    wantsStreamUsage: false,
    rest: {},
  });
});

const MESSAGES: readonly (readonly [title: string, from: readonly object[], to: readonly Message[]])[] = [
  [
    'system and developer messages, later ones and names',
    [
      { role: 'developer', content: 'one', name: 'ops' },
      { role: 'user', content: 'hi', name: 'ada' },
      { role: 'system', content: [{ type: 'text', text: 'two' }] },
    ],
    [
      { role: 'system', content: [{ type: 'text', text: 'one' }], name: 'ops' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }], name: 'ada' },
      { role: 'system', content: [{ type: 'text', text: 'two' }] },
    ],
  ],
  [
    'images by address and as data, with detail and cache marks',
    [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'image_url', image_url: { url: 'https://a.example/x.png', detail: 'low' } },
          {
            type: 'image_url',
            image_url: { url: 'data:image/png;base64,AAAA' },
            prompt_cache_breakpoint: { mode: 'explicit' },
          },
          { type: 'image_url', image_url: 'https://a.example/y.png' },
        ],
      },
    ],
    [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look', cache: { ttl: '1h' } },
          { type: 'image', source: { kind: 'url', url: 'https://a.example/x.png' }, detail: 'low' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, cache: { ttl: '1h' } },
          { type: 'image', source: { kind: 'url', url: 'https://a.example/y.png' } },
        ],
      },
    ],
  ],
  [
    'files and sound',
    [
      {
        role: 'user',
        content: [
          { type: 'file', file: { file_id: 'file-1' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
          { type: 'file', file: { filename: 'b.pdf', file_data: 'JVBE' } },
          { type: 'file', file: { file_data: 'https://a.example/c.pdf' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        ],
      },
    ],
    [
      {
        role: 'user',
        content: [
          { type: 'file', source: { kind: 'stored', id: 'file-1' } },
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, name: 'a.pdf' },
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, name: 'b.pdf' },
          { type: 'file', source: { kind: 'url', url: 'https://a.example/c.pdf' } },
          { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } },
        ],
      },
    ],
  ],
  [
    'calls and their results, which stand in one user message with what the user says next',
    [
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'g', arguments: '' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c2', content: 'two' },
      { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'one' }] },
      { role: 'user', content: 'go on' },
    ],
    [
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
          { type: 'tool-call', id: 'c2', name: 'g', arguments: '' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', callId: 'c2', name: 'g', content: [{ type: 'text', text: 'two' }], isError: false },
          { type: 'tool-result', callId: 'c1', name: 'f', content: [{ type: 'text', text: 'one' }], isError: false },
          { type: 'text', text: 'go on' },
        ],
      },
    ],
  ],
  [
    'functions of old',
    [
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'one' },
    ],
    [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'call_0', name: 'f', arguments: '{}' }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool-result',
            callId: 'call_0',
            name: 'f',
            content: [{ type: 'text', text: 'one' }],
            isError: false,
          },
        ],
      },
    ],
  ],
  [
    'thoughts in three spellings, refusals, sound of earlier answers',
    [
      { role: 'assistant', content: 'a', reasoning_content: 'hm' },
      { role: 'assistant', content: 'b', reasoning: 'so' },
      {
        role: 'assistant',
        content: 'c',
        reasoning_details: [
          { type: 'reasoning.text', text: 'ah', signature: 's' },
          { type: 'reasoning.encrypted', data: 'x' },
        ],
      },
      {
        role: 'assistant',
        content: 'd',
        reasoning: 'oh',
        reasoning_details: [{ type: 'reasoning.text', signature: 't' }],
      },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
      { role: 'assistant', refusal: 'never', audio: { id: 'audio_1' } },
    ],
    [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'a' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'so' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'ah', signature: 's' },
          { type: 'reasoning', text: '', redacted: 'x' },
          { type: 'text', text: 'c' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'oh', signature: 't' },
          { type: 'text', text: 'd' },
        ],
      },
      { role: 'assistant', content: [{ type: 'refusal', text: 'no' }] },
      {
        role: 'assistant',
        content: [
          { type: 'refusal', text: 'never' },
          { type: 'audio', source: { kind: 'stored', id: 'audio_1' } },
        ],
      },
    ],
  ],
  [
    "Google's signature of a call",
    [
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            extra_content: { google: { thought_signature: 'sig' } },
          },
        ],
      },
    ],
    [{ role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'sig' }] }],
  ],
  [
    'nothing said is no part',
    [
      { role: 'user', content: '' },
      { role: 'assistant', content: [{ type: 'text', text: '' }] },
    ],
    [
      { role: 'user', content: [] },
      { role: 'assistant', content: [] },
    ],
  ],
];

for (const [title, from, to] of MESSAGES)
  test(`messages: ${title}`, () => assert.deepEqual(decode({ messages: from as never }).messages, to));

const FUNCTION = { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true };
const TOOL = { kind: 'function', ...FUNCTION } as const;
const G = { type: 'function', function: { name: 'g' } } as const;

const PARAMETERS: readonly (readonly [title: string, from: Loose, to: ChatParameters])[] = [
  ['max_tokens', { max_tokens: 9 }, { maxOutputTokens: 9 }],
  ['max_completion_tokens wins', { max_tokens: 9, max_completion_tokens: 8 }, { maxOutputTokens: 8 }],
  ['temperature 0 is a wish', { temperature: 0 }, { temperature: 0 }],
  ['top_p', { top_p: 0.5 }, { topP: 0.5 }],
  [
    'sampling of imitators',
    { top_k: 4, min_p: 0.1, repetition_penalty: 1.2 },
    { topK: 4, minP: 0.1, repetitionPenalty: 1.2 },
  ],
  ['penalties', { frequency_penalty: 0.5, presence_penalty: -0.5 }, { frequencyPenalty: 0.5, presencePenalty: -0.5 }],
  ['stop as text', { stop: 'x' }, { stop: ['x'] }],
  ['stop as list', { stop: ['x', 'y'] }, { stop: ['x', 'y'] }],
  ['seed', { seed: 0 }, { seed: 0 }],
  ['n', { n: 2 }, { n: 2 }],
  ['logprobs', { logprobs: true, top_logprobs: 3 }, { logprobs: { top: 3 } }],
  ['logprobs alone', { logprobs: true }, { logprobs: { top: 0 } }],
  ['logit_bias', { logit_bias: { '5': -100 } }, { logitBias: { '5': -100 } }],
  ['tools', { tools: [{ type: 'function', function: FUNCTION }] }, { tools: [TOOL] }],
  [
    'tools of the wire alone',
    { tools: [{ type: 'custom', custom: { name: 'c' } }] },
    { tools: [{ kind: 'provider', wire: 'openai-chat', raw: { type: 'custom', custom: { name: 'c' } } }] },
  ],
  [
    'a choice of tools',
    { tools: [{ type: 'function', function: FUNCTION }], tool_choice: 'required', parallel_tool_calls: false },
    { tools: [TOOL], toolChoice: { kind: 'required' }, parallelToolCalls: false },
  ],
  [
    'a named tool',
    { tools: [G], tool_choice: { type: 'function', function: { name: 'g' } } },
    { tools: [{ kind: 'function', name: 'g' }], toolChoice: { kind: 'tool', name: 'g' } },
  ],
  [
    'allowed tools leave the others out',
    {
      tools: [{ type: 'function', function: FUNCTION }, G],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [G] } },
    },
    { tools: [{ kind: 'function', name: 'g' }], toolChoice: { kind: 'required' } },
  ],
  [
    'functions of old are called one at a time',
    { functions: [FUNCTION], function_call: { name: 'f' } },
    { tools: [TOOL], toolChoice: { kind: 'tool', name: 'f' }, parallelToolCalls: false },
  ],
  ['a choice without tools says nothing', { tool_choice: 'auto' }, {}],
  ['JSON', { response_format: { type: 'json_object' } }, { responseFormat: { kind: 'json' } }],
  [
    'a JSON schema',
    { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' }, strict: true } } },
    {
      responseFormat: {
        kind: 'json-schema',
        name: 's',
        schema: { type: 'object' },
        strict: true,
        description: undefined,
      },
    },
  ],
  ['reasoning_effort', { reasoning_effort: 'xhigh' }, { reasoning: { effort: 'xhigh' } }],
  [
    'a budget of thought',
    { reasoning: { max_tokens: 500, exclude: true } },
    { reasoning: { budgetTokens: 500, summary: 'none' } },
  ],
  ['thought off', { reasoning: { enabled: false } }, { reasoning: { effort: 'none' } }],
  ['thought on', { reasoning: { enabled: true } }, { reasoning: { isAdaptive: true } }],
  ['user', { user: 'u' }, { user: 'u' }],
  ['safety_identifier', { safety_identifier: 's' }, { user: 's' }],
  ['metadata', { metadata: { a: 'b' } }, { metadata: { a: 'b' } }],
  ['service_tier', { service_tier: 'flex' }, { serviceTier: 'flex' }],
  ['store', { store: false }, { store: false }],
  ['verbosity', { verbosity: 'low' }, { verbosity: 'low' }],
  [
    'modalities and audio',
    { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } },
    { modalities: ['text', 'audio'], audioOutput: { format: 'wav', voice: 'alloy' } },
  ],
  ['prediction', { prediction: { type: 'content', content: 'x' } }, { prediction: { type: 'content', content: 'x' } }],
  ['web search', { web_search_options: {} }, { webSearch: {} }],
  ['prompt_cache_key', { prompt_cache_key: 'k' }, { promptCacheKey: 'k' }],
  [
    'what says nothing is no wish',
    {
      n: 1,
      logprobs: false,
      top_logprobs: 2,
      frequency_penalty: 0,
      presence_penalty: 0,
      repetition_penalty: 1,
      stop: [],
      tools: [],
      logit_bias: {},
      response_format: { type: 'text' },
      reasoning: {},
      temperature: null,
      user: null as never,
    },
    {},
  ],
];

for (const [title, from, to] of PARAMETERS)
  test(`parameters: ${title}`, () => assert.deepEqual(decode(from).parameters, to));

test('members without a field are kept for the same wire', () => {
  const { rest } = decode({
    provider: { order: ['a'] },
    prompt_cache_retention: '24h',
    user: 'u',
    safety_identifier: 's',
    moderation: null,
    stream_options: { include_usage: true, include_obfuscation: false },
  });
  assert.deepEqual(rest, {
    provider: { order: ['a'] },
    prompt_cache_retention: '24h',
    safety_identifier: 's',
    stream_options: { include_obfuscation: false },
  });
});

test('streams, with usage for those who ask', () => {
  assert.equal(decode({ stream: true }).stream, true);
  assert.equal(decode({ stream: true }).wantsStreamUsage, false);
  assert.equal(decode({ stream: true, stream_options: { include_usage: true } }).wantsStreamUsage, true);
});

test('marks clients that speak of functions', () => {
  assert.equal(decode({ functions: [FUNCTION] }).usesLegacyFunctions, true);
  assert.equal(decode({ functions: [FUNCTION], tools: [G] }).usesLegacyFunctions, undefined);
});

for (const [body, param] of [
  [{ model: '' }, 'model'],
  [{ model: 5 }, 'model'],
  [{ messages: [] }, 'messages'],
  [{ messages: 'hi' }, 'messages'],
  [{ messages: [5] }, 'messages[0]'],
  [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
  [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
  [{ messages: [{ role: 'user', content: [{ type: 'video_url' }] }] }, 'messages[0].content[0].type'],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content[0].image_url.url'],
  [
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:x' } }] }] },
    'messages[0].content[0].image_url.url',
  ],
  [{ messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }, 'messages[0].content[0].file'],
  [
    { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }] },
    'messages[0].content',
  ],
  [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
  [
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: {} }] }] },
    'messages[0].tool_calls[0].type',
  ],
  [
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'c', function: {} }] }] },
    'messages[0].tool_calls[0].function.name',
  ],
  [{ temperature: 'hot' }, 'temperature'],
  [{ max_tokens: 1.5 }, 'max_tokens'],
  [{ stream: 'yes' }, 'stream'],
  [{ stop: [5] }, 'stop[0]'],
  [{ tools: [{ type: 'function' }] }, 'tools[0].function.name'],
  [{ tools: [G], tool_choice: 'maybe' }, 'tool_choice'],
  [{ response_format: { type: 'xml' } }, 'response_format.type'],
  [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema.name'],
  [{ reasoning_effort: 'extreme' }, 'reasoning_effort'],
  [{ metadata: { a: 5 } }, 'metadata.a'],
  [{ logit_bias: { a: 'b' } }, 'logit_bias.a'],
] as const)
  test(`says what is wrong at ${param}: ${JSON.stringify(body).slice(0, 60)}`, () => {
    const { param: found, message } = refusal(body as unknown as Loose);
    assert.equal(found, param);
    assert.ok(message.length > 0);
  });

test('an unknown message index is told even where a later one is right', () => {
  const messages = [...HELLO, { role: 'user', content: [{ type: 'text', text: 5 }] }] as never;
  assert.equal(refusal({ messages }).param, 'messages[1].content[0].text');
});

test('nothing that is JSON makes it throw', () => {
  const shape = fc.record(
    {
      model: fc.jsonValue(),
      messages: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record({
            role: fc.constantFrom('user', 'assistant', 'tool', 'function', 'system'),
            content: fc.jsonValue(),
            tool_calls: fc.jsonValue(),
            function_call: fc.jsonValue(),
            reasoning_details: fc.jsonValue(),
            name: fc.jsonValue(),
          }),
        ),
      ),
      tools: fc.jsonValue(),
      functions: fc.jsonValue(),
      tool_choice: fc.jsonValue(),
      response_format: fc.jsonValue(),
      reasoning: fc.jsonValue(),
      stop: fc.jsonValue(),
      stream_options: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(shape, (body) => {
      const decoded = decodeRequest(body as JsonObject);
      if (!decoded.ok) assert.ok(decoded.message.length > 0);
    }),
    { seed: 11, numRuns: 2000 },
  );
});

test('a megabyte and deep nesting are no matter', () => {
  const data = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
  assert.equal(
    decode({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: data } }] }] }).messages
      .length,
    1,
  );
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`) as JsonObject;
  assert.ok(
    decodeRequest({
      model: 'm',
      messages: HELLO as never,
      tools: [{ function: { name: 'f', parameters: deep } }],
      x: deep,
    }).ok,
  );
});
