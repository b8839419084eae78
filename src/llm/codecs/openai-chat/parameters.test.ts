// One test for each cell of the table: what is mapped arrives in the body, what is dropped is named and leaves no trace, what is
// refused refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart, Message, ToolResultContent, UserPart } from '../../message.ts';
import type { ChatField } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { createOpenaiChatTarget } from './openai-chat.ts';
import { type OpenaiChatQuirks, openaiChatParameters } from './parameters.ts';

const TEXT = { type: 'text', text: 'hello' } as const;
const HELLO: Message = { role: 'user', content: [TEXT] };

const BASE: ChatRequest = {
  operation: 'chat',
  wire: 'anthropic-messages',
  model: 'm',
  stream: false,
  messages: [HELLO],
  parameters: {},
  wantsStreamUsage: true,
  rest: { only_there: 1 },
};

interface Cell {
  readonly parameters?: ChatParameters;
  readonly messages?: readonly Message[];
  /** Members of the body; for cells that are not mapped what stays of the request. */
  readonly body?: JsonObject;
  /** What goes with it. */
  readonly alsoDropped?: ChatField;
}

function user(...parts: readonly UserPart[]): Cell {
  return { messages: [{ role: 'user', content: parts }] };
}

function assistant(...parts: readonly AssistantPart[]): readonly Message[] {
  return [{ role: 'assistant', content: [...parts, TEXT] }, HELLO];
}

function result(...content: readonly ToolResultContent[]): readonly Message[] {
  return [
    { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }] },
    { role: 'user', content: [{ type: 'tool-result', callId: 'c', name: 'f', content, isError: false }] },
  ];
}

const CALL = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
const CALLED = { role: 'assistant', content: null, tool_calls: [CALL] };
const ANSWERED = {
  messages: [
    { role: 'assistant', content: 'hello' },
    { role: 'user', content: 'hello' },
  ],
};
const PNG = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const;
const PDF = { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' } as const;
const PNG_PART = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const PDF_PART = { type: 'file', file: { filename: 'file.pdf', file_data: 'data:application/pdf;base64,JVBE' } };

function said(...content: readonly JsonObject[]): JsonObject {
  return { messages: [{ role: 'user', content }] };
}

const CELLS: Readonly<Record<ChatField, Cell>> = {
  maxOutputTokens: { parameters: { maxOutputTokens: 9 }, body: { max_completion_tokens: 9 } },
  temperature: { parameters: { temperature: 0 }, body: { temperature: 0 } },
  topP: { parameters: { topP: 0.5 }, body: { top_p: 0.5 } },
  topK: { parameters: { topK: 5 } },
  minP: { parameters: { minP: 0.1 } },
  frequencyPenalty: { parameters: { frequencyPenalty: 1 }, body: { frequency_penalty: 1 } },
  presencePenalty: { parameters: { presencePenalty: -1 }, body: { presence_penalty: -1 } },
  repetitionPenalty: { parameters: { repetitionPenalty: 1.1 } },
  stop: { parameters: { stop: ['x'] }, body: { stop: ['x'] } },
  seed: { parameters: { seed: 0 }, body: { seed: 0 } },
  n: { parameters: { n: 2 }, body: { n: 2 } },
  logprobs: { parameters: { logprobs: { top: 3 } }, body: { logprobs: true, top_logprobs: 3 } },
  logitBias: { parameters: { logitBias: { '5': 1 } }, body: { logit_bias: { '5': 1 } } },
  tools: {
    parameters: {
      tools: [{ kind: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
    },
    body: {
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
      ],
    },
  },
  toolChoice: {
    parameters: { tools: [{ kind: 'function', name: 'f' }], toolChoice: { kind: 'tool', name: 'f' } },
    body: { tool_choice: { type: 'function', function: { name: 'f' } } },
  },
  parallelToolCalls: { parameters: { parallelToolCalls: false }, body: { parallel_tool_calls: false } },
  responseFormat: {
    parameters: {
      responseFormat: { kind: 'json-schema', name: 's', schema: {}, strict: true, description: 'd' },
    },
    body: {
      response_format: { type: 'json_schema', json_schema: { name: 's', description: 'd', schema: {}, strict: true } },
    },
  },
  reasoning: { parameters: { reasoning: { effort: 'high' } }, body: { reasoning_effort: 'high' } },
  user: { parameters: { user: 'u' }, body: { user: 'u' } },
  metadata: { parameters: { metadata: { a: 'b' } }, body: { metadata: { a: 'b' } } },
  serviceTier: { parameters: { serviceTier: 'flex' }, body: { service_tier: 'flex' } },
  store: { parameters: { store: false }, body: { store: false } },
  verbosity: { parameters: { verbosity: 'low' }, body: { verbosity: 'low' } },
  modalities: { parameters: { modalities: ['text'] }, body: { modalities: ['text'] } },
  audioOutput: { parameters: { audioOutput: { voice: 'a' } } },
  prediction: { parameters: { prediction: { type: 'content' } }, body: { prediction: { type: 'content' } } },
  webSearch: { parameters: { webSearch: {} }, body: { web_search_options: {} } },
  promptCacheKey: { parameters: { promptCacheKey: 'k' }, body: { prompt_cache_key: 'k' } },
  safetySettings: { parameters: { safetySettings: [{}] } },
  cachedContent: { parameters: { cachedContent: 'c' } },
  previousResponseId: { parameters: { previousResponseId: 'r' } },
  conversation: { parameters: { conversation: 'c' } },
  background: { parameters: { background: true } },
  truncation: { parameters: { truncation: 'auto' } },
  suffix: { parameters: { suffix: 's' } },
  echo: { parameters: { echo: true } },
  bestOf: { parameters: { bestOf: 2 } },
  systemMessage: {
    messages: [{ role: 'system', content: [{ type: 'text', text: 'be kind' }] }, HELLO],
    body: {
      messages: [
        { role: 'system', content: 'be kind' },
        { role: 'user', content: 'hello' },
      ],
    },
  },
  laterSystemMessage: {
    messages: [HELLO, { role: 'system', content: [TEXT, TEXT] }],
    body: {
      messages: [
        { role: 'user', content: 'hello' },
        { role: 'system', content: [TEXT, TEXT] },
      ],
    },
  },
  messageName: {
    messages: [{ ...HELLO, name: 'ada' }],
    body: { messages: [{ role: 'user', content: 'hello', name: 'ada' }] },
  },
  imageBase64: { ...user({ type: 'image', source: PNG }), body: said(PNG_PART) },
  imageUrl: {
    ...user({ type: 'image', source: { kind: 'url', url: 'https://a.example/x' } }),
    body: said({ type: 'image_url', image_url: { url: 'https://a.example/x' } }),
  },
  imageDetail: {
    ...user({ type: 'image', source: { kind: 'url', url: 'https://a.example/x' }, detail: 'low' }),
    body: said({ type: 'image_url', image_url: { url: 'https://a.example/x', detail: 'low' } }),
  },
  fileBase64: { ...user({ type: 'file', source: PDF }), body: said(PDF_PART) },
  fileUrl: user({ type: 'file', source: { kind: 'url', url: 'https://a.example/x.pdf' } }),
  fileText: {
    ...user({ type: 'file', source: { kind: 'text', text: 'notes' } }),
    body: said({ type: 'text', text: 'notes' }),
  },
  storedFile: {
    ...user({ type: 'file', source: { kind: 'stored', id: 'file-1' } }),
    body: said({ type: 'file', file: { file_id: 'file-1' } }),
  },
  audioInput: {
    ...user({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } }),
    body: said({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }),
  },
  toolResultImage: {
    messages: result(TEXT, { type: 'image', source: PNG }),
    body: {
      messages: [CALLED, { role: 'tool', tool_call_id: 'c', content: 'hello' }, { role: 'user', content: [PNG_PART] }],
    },
  },
  toolResultFile: {
    messages: result({ type: 'file', source: PDF }),
    body: {
      messages: [CALLED, { role: 'tool', tool_call_id: 'c', content: '' }, { role: 'user', content: [PDF_PART] }],
    },
  },
  toolError: {
    messages: [
      ...result().slice(0, 1),
      { role: 'user', content: [{ type: 'tool-result', callId: 'c', name: 'f', content: [TEXT], isError: true }] },
    ],
    body: { messages: [CALLED, { role: 'tool', tool_call_id: 'c', content: 'hello' }] },
  },
  reasoningText: { messages: assistant({ type: 'reasoning', text: 'hm' }), body: ANSWERED },
  reasoningSignature: {
    messages: assistant({ type: 'reasoning', text: 'hm', signature: 's' }),
    body: ANSWERED,
    alsoDropped: 'reasoningText',
  },
  redactedReasoning: { messages: assistant({ type: 'reasoning', text: '', redacted: 'x' }), body: ANSWERED },
  refusalText: {
    messages: [{ role: 'assistant', content: [{ type: 'refusal', text: 'no' }] }, HELLO],
    body: {
      messages: [
        { role: 'assistant', content: null, refusal: 'no' },
        { role: 'user', content: 'hello' },
      ],
    },
  },
  cacheMark: { ...user({ ...TEXT, cache: { ttl: '5m' } }), body: { messages: [{ role: 'user', content: 'hello' }] } },
  providerTool: {
    parameters: { tools: [{ kind: 'provider', wire: 'anthropic-messages', raw: { type: 'web_search' } }] },
    body: {},
  },
  citations: {
    messages: [{ role: 'assistant', content: [{ ...TEXT, citations: [{}] }] }, HELLO],
    body: ANSWERED,
  },
  assistantPrefill: { messages: [HELLO, { role: 'assistant', content: [TEXT] }] },
};

const PLAIN = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

for (const field of Object.keys(openaiChatParameters) as ChatField[]) {
  const { treatment } = openaiChatParameters[field];

  test(`${field} is ${treatment}`, () => {
    const { body: expected, alsoDropped, ...cell } = CELLS[field];
    const target = createOpenaiChatTarget();
    const outcome = applyParameterTable({ ...BASE, ...cell }, target, 'lenient');
    if (treatment === 'refused') {
      assert.equal(outcome.kind === 'refused' && outcome.field, field);
      return;
    }
    if (outcome.kind === 'refused') return assert.fail(outcome.field);
    const body = target.encodeRequest(outcome.request);
    if (treatment === 'dropped') {
      assert.deepEqual(new Set(outcome.dropped), new Set([field, alsoDropped ?? field]));
      assert.deepEqual(body, { ...PLAIN, ...expected });
      return;
    }
    assert.deepEqual(outcome.dropped, []);
    for (const [key, value] of Object.entries(expected ?? assert.fail())) assert.deepEqual(body[key], value);
  });
}

test('nothing of another wire’s rest is sent; that of the same wire is', () => {
  const target = createOpenaiChatTarget();
  assert.equal(target.encodeRequest(BASE).only_there, undefined);
  assert.equal(target.encodeRequest({ ...BASE, wire: 'openai-chat' }).only_there, 1);
});

test('usage of streams is asked for, unless it may not be', () => {
  const streamed = { ...BASE, stream: true };
  assert.deepEqual(createOpenaiChatTarget().encodeRequest(streamed), {
    ...PLAIN,
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.deepEqual(createOpenaiChatTarget({ asksUsage: false }).encodeRequest(streamed), { ...PLAIN, stream: true });
  const own = { ...streamed, wire: 'openai-chat', rest: { stream_options: { include_obfuscation: false } } } as const;
  assert.deepEqual(createOpenaiChatTarget().encodeRequest(own).stream_options, {
    include_obfuscation: false,
    include_usage: true,
  });
});

const REASONING: readonly (readonly [ChatParameters['reasoning'], JsonObject, JsonObject])[] = [
  [{ effort: 'none' }, { reasoning_effort: 'none' }, { reasoning: { effort: 'none' } }],
  [{ budgetTokens: 0 }, { reasoning_effort: 'none' }, { reasoning: { max_tokens: 0 } }],
  [{ budgetTokens: 1024 }, { reasoning_effort: 'low' }, { reasoning: { max_tokens: 1024 } }],
  [{ budgetTokens: 4096 }, { reasoning_effort: 'medium' }, { reasoning: { max_tokens: 4096 } }],
  [{ budgetTokens: 32000 }, { reasoning_effort: 'high' }, { reasoning: { max_tokens: 32000 } }],
  [{ budgetTokens: 99, effort: 'max' }, { reasoning_effort: 'max' }, { reasoning: { max_tokens: 99 } }],
  [{ isAdaptive: true }, {}, { reasoning: { enabled: true } }],
  [{ summary: 'none' }, {}, { reasoning: { exclude: true } }],
  [{ summary: 'auto' }, {}, {}],
];

for (const [wish, effort, object] of REASONING)
  test(`thought as ${JSON.stringify(wish)}`, () => {
    const request = { ...BASE, parameters: { reasoning: wish } };
    assert.deepEqual(createOpenaiChatTarget().encodeRequest(request), { ...PLAIN, ...effort });
    const quirks: OpenaiChatQuirks = { reasoningWish: 'object' };
    assert.deepEqual(createOpenaiChatTarget(quirks).encodeRequest(request), { ...PLAIN, ...object });
  });

test('the table says what the quirks change', () => {
  const { parameters } = createOpenaiChatTarget({
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning_content',
    returnsReasoningDetails: true,
    takesCacheControl: true,
    prefill: 'plain',
    parameters: { topK: { treatment: 'mapped', as: 'top_k' } },
  });
  assert.equal(parameters.maxOutputTokens.as, 'max_tokens');
  for (const field of [
    'reasoningText',
    'reasoningSignature',
    'redactedReasoning',
    'cacheMark',
    'assistantPrefill',
    'topK',
  ] as const)
    assert.equal(parameters[field].treatment, 'mapped', field);
});

test('choices among tools in every form', () => {
  const tools = [
    { kind: 'function', name: 'f' },
    { kind: 'provider', wire: 'openai-chat', raw: { type: 'custom', custom: { name: 'c' } } },
  ] as const;
  const target = createOpenaiChatTarget();
  const choose = (toolChoice: ChatParameters['toolChoice']) =>
    target.encodeRequest({ ...BASE, parameters: { tools, toolChoice } }).tool_choice;
  assert.equal(choose({ kind: 'auto' }), 'auto');
  assert.equal(choose({ kind: 'none' }), 'none');
  assert.equal(choose({ kind: 'required' }), 'required');
  assert.deepEqual(choose({ kind: 'tool', name: 'c' }), { type: 'custom', custom: { name: 'c' } });
});

test('formats in every form', () => {
  const target = createOpenaiChatTarget();
  const format = (responseFormat: ChatParameters['responseFormat']) =>
    target.encodeRequest({ ...BASE, parameters: { responseFormat } }).response_format;
  assert.deepEqual(format({ kind: 'json' }), { type: 'json_object' });
  assert.deepEqual(format({ kind: 'text' }), { type: 'text' });
});
