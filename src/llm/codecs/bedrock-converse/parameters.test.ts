// One case per row of the table: what is mapped stands in the body under its name, what is dropped or refused never gets there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { AssistantPart, Message, UserPart } from '../../message.ts';
import type { ChatField } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { MODEL_FAMILIES, type ModelFamily } from './model-family.ts';
import { parametersOf } from './parameters.ts';
import { createConverseTarget } from './target.ts';

const HI: Message = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const PNG = { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } as const;
const TOOL = { kind: 'function', name: 'f', parameters: { type: 'object' } } as const;

interface Case {
  readonly parameters?: ChatParameters;
  readonly messages?: readonly Message[];
  /** Of a Claude: where it stands in the body, and what stands there. Undefined = it is not mapped. */
  readonly at?: readonly [path: string, value: JsonValue];
}

const user = (...content: UserPart[]): readonly Message[] => [{ role: 'user', content }];
const answered = (...content: AssistantPart[]): readonly Message[] => [HI, { role: 'assistant', content }, HI];
const toolTurn = (result: Partial<Extract<UserPart, { type: 'tool-result' }>>): Case => ({
  parameters: { tools: [TOOL] },
  messages: [
    HI,
    { role: 'assistant', content: [{ type: 'tool-call', id: 'c1', name: 'f', arguments: '{}' }] },
    ...user({ type: 'tool-result', callId: 'c1', name: 'f', content: [], isError: false, ...result }),
  ],
});

const CASES: Readonly<Record<ChatField, Case>> = {
  maxOutputTokens: { parameters: { maxOutputTokens: 9 }, at: ['inferenceConfig.maxTokens', 9] },
  temperature: { parameters: { temperature: 0.5 }, at: ['inferenceConfig.temperature', 0.5] },
  topP: { parameters: { topP: 0.5 }, at: ['inferenceConfig.topP', 0.5] },
  topK: { parameters: { topK: 5 }, at: ['additionalModelRequestFields.top_k', 5] },
  minP: { parameters: { minP: 0.1 } },
  frequencyPenalty: { parameters: { frequencyPenalty: 1 } },
  presencePenalty: { parameters: { presencePenalty: 1 } },
  repetitionPenalty: { parameters: { repetitionPenalty: 1 } },
  stop: { parameters: { stop: ['x'] }, at: ['inferenceConfig.stopSequences', ['x']] },
  seed: { parameters: { seed: 1 } },
  n: { parameters: { n: 2 } },
  logprobs: { parameters: { logprobs: { top: 2 } } },
  logitBias: { parameters: { logitBias: { 5: 1 } } },
  tools: {
    parameters: { tools: [TOOL] },
    at: ['toolConfig.tools', [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }]],
  },
  toolChoice: {
    parameters: { tools: [TOOL], toolChoice: { kind: 'tool', name: 'f' } },
    at: ['toolConfig.toolChoice', { tool: { name: 'f' } }],
  },
  parallelToolCalls: { parameters: { parallelToolCalls: false } },
  responseFormat: {
    parameters: {
      responseFormat: { kind: 'json-schema', name: 's', schema: { type: 'object' }, strict: true, description: 'd' },
    },
    at: [
      'outputConfig.textFormat',
      { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}', name: 's', description: 'd' } } },
    ],
  },
  reasoning: {
    parameters: { reasoning: { budgetTokens: 2000 } },
    at: ['additionalModelRequestFields.thinking', { type: 'enabled', budget_tokens: 2000 }],
  },
  user: { parameters: { user: 'u' } },
  metadata: { parameters: { metadata: { team: 'a' } }, at: ['requestMetadata', { team: 'a' }] },
  serviceTier: { parameters: { serviceTier: 'flex' }, at: ['serviceTier', { type: 'flex' }] },
  store: { parameters: { store: true } },
  verbosity: { parameters: { verbosity: 'low' } },
  modalities: { parameters: { modalities: ['audio'] } },
  audioOutput: { parameters: { audioOutput: {} } },
  prediction: { parameters: { prediction: {} } },
  webSearch: { parameters: { webSearch: {} } },
  promptCacheKey: { parameters: { promptCacheKey: 'k' } },
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
    messages: [{ role: 'system', content: [{ type: 'text', text: 'be brief' }] }, HI],
    at: ['system', [{ text: 'be brief' }]],
  },
  laterSystemMessage: {
    messages: [HI, { role: 'system', content: [{ type: 'text', text: 'be brief' }] }],
    at: ['system', [{ text: 'be brief' }]],
  },
  messageName: { messages: [{ ...HI, name: 'ada' } as Message] },
  imageBase64: {
    messages: user({ type: 'image', source: PNG }),
    at: ['messages.0.content.0.image', { format: 'png', source: { bytes: 'aGk=' } }],
  },
  imageUrl: { messages: user({ type: 'image', source: { kind: 'url', url: 'https://x.test/i.png' } }) },
  imageDetail: { messages: user({ type: 'image', source: PNG, detail: 'low' }) },
  fileBase64: {
    messages: user({
      type: 'file',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'eA==' },
      name: 'a_b.pdf',
    }),
    at: ['messages.0.content.0.document', { format: 'pdf', name: 'a-b', source: { bytes: 'eA==' } }],
  },
  fileUrl: { messages: user({ type: 'file', source: { kind: 'url', url: 'https://x.test/i.pdf' } }) },
  fileText: {
    messages: user({ type: 'file', source: { kind: 'text', text: 'hi' } }),
    at: ['messages.0.content.0.document', { format: 'txt', name: 'document', source: { bytes: 'aGk=' } }],
  },
  storedFile: { messages: user({ type: 'file', source: { kind: 'stored', id: 'f1' } }) },
  audioInput: {
    messages: user({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'eA==' } }),
    at: ['messages.0.content.0.audio', { format: 'mp3', source: { bytes: 'eA==' } }],
  },
  toolResultImage: {
    ...toolTurn({ content: [{ type: 'image', source: PNG }] }),
    at: ['messages.2.content.0.toolResult.content', [{ image: { format: 'png', source: { bytes: 'aGk=' } } }]],
  },
  toolResultFile: {
    ...toolTurn({ content: [{ type: 'file', source: { kind: 'text', text: 'hi' } }] }),
    at: ['messages.2.content.0.toolResult.content.0.document.format', 'txt'],
  },
  toolError: { ...toolTurn({ isError: true }), at: ['messages.2.content.0.toolResult.status', 'error'] },
  reasoningText: {
    messages: answered({ type: 'reasoning', text: 'hm', signature: 's' }),
    at: ['messages.1.content.0.reasoningContent.reasoningText.text', 'hm'],
  },
  reasoningSignature: {
    messages: answered({ type: 'reasoning', text: 'hm', signature: 's' }),
    at: ['messages.1.content.0.reasoningContent.reasoningText.signature', 's'],
  },
  redactedReasoning: {
    messages: answered({ type: 'reasoning', text: '', redacted: 'eA==' }),
    at: ['messages.1.content.0.reasoningContent.redactedContent', 'eA=='],
  },
  refusalText: {
    messages: answered({ type: 'refusal', text: 'no' }),
    at: ['messages.1.content', [{ text: 'no' }]],
  },
  cacheMark: {
    messages: user({ type: 'text', text: 'long', cache: { ttl: '1h' } }),
    at: ['messages.0.content.1', { cachePoint: { type: 'default', ttl: '1h' } }],
  },
  providerTool: { parameters: { tools: [{ kind: 'provider', wire: 'gemini', raw: {} }] } },
  citations: { messages: answered({ type: 'text', text: 't', citations: [{}] }) },
  assistantPrefill: {
    messages: [HI, { role: 'assistant', content: [{ type: 'text', text: '{' }] }],
    at: ['messages.1', { role: 'assistant', content: [{ text: '{' }] }],
  },
};

function requestOf(
  { parameters = {}, messages = [HI] }: Case,
  model = 'anthropic.claude-sonnet-4-20250514-v1:0',
): ChatRequest {
  return {
    operation: 'chat',
    wire: 'openai-chat',
    model,
    stream: false,
    messages,
    parameters,
    wantsStreamUsage: false,
    rest: {},
  };
}

function standingAt(body: JsonObject, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
}

const BASELINE = JSON.stringify(createConverseTarget({ family: 'anthropic' }).encodeRequest(requestOf({})));

for (const [name, row] of Object.entries(CASES)) {
  const field = name as ChatField;
  const { treatment } = parametersOf('anthropic')[field];

  test(`${field} is ${treatment}`, () => {
    const target = createConverseTarget({ family: 'anthropic' });
    const outcome = applyParameterTable(requestOf(row), target, 'lenient');
    if (treatment === 'refused') {
      assert.deepEqual(outcome, { kind: 'refused', field });
      return;
    }
    assert.equal(outcome.kind, 'fits');
    if (outcome.kind !== 'fits') return;
    const body = target.encodeRequest(outcome.request);
    if (treatment === 'mapped') {
      assert.deepEqual(outcome.dropped, []);
      assert.ok(row.at !== undefined);
      assert.deepEqual(standingAt(body, row.at[0]), row.at[1]);
    } else {
      assert.equal(row.at, undefined);
      assert.deepEqual(outcome.dropped, [field]);
      if (row.messages === undefined) assert.equal(JSON.stringify(body), BASELINE);
    }
  });
}

/** Rows in which the makers differ: what stands there, or how it is treated. */
const DIFFERENCES: readonly (readonly [
  ModelFamily,
  string,
  ChatField,
  readonly [string, JsonValue] | 'dropped' | 'refused',
])[] = [
  ['nova', 'amazon.nova-pro-v1:0', 'topK', ['additionalModelRequestFields.inferenceConfig.topK', 5]],
  ['cohere', 'cohere.command-r-v1:0', 'topK', ['additionalModelRequestFields.k', 5]],
  ['mistral', 'mistral.mistral-large-2407-v1:0', 'topK', ['additionalModelRequestFields.top_k', 5]],
  ['openai', 'openai.gpt-oss-120b-1:0', 'topK', 'dropped'],
  ['other', 'meta.llama3-70b', 'topK', 'dropped'],
  [
    'nova',
    'us.amazon.nova-2-lite-v1:0',
    'reasoning',
    ['additionalModelRequestFields.reasoningConfig', { type: 'enabled', maxReasoningEffort: 'low' }],
  ],
  ['openai', 'openai.gpt-oss-120b-1:0', 'reasoning', ['additionalModelRequestFields.reasoning_effort', 'low']],
  ['cohere', 'cohere.command-r-v1:0', 'reasoning', 'dropped'],
  ['mistral', 'mistral.mistral-large-2407-v1:0', 'reasoning', 'dropped'],
  ['other', 'meta.llama3-70b', 'reasoning', 'dropped'],
  [
    'nova',
    'amazon.nova-pro-v1:0',
    'cacheMark',
    ['messages.0.content.1', { cachePoint: { type: 'default', ttl: '1h' } }],
  ],
  ['cohere', 'cohere.command-r-v1:0', 'cacheMark', 'dropped'],
  ['nova', 'amazon.nova-pro-v1:0', 'assistantPrefill', ['messages.1.content', [{ text: '{' }]]],
  ['mistral', 'mistral.mistral-large-2407-v1:0', 'assistantPrefill', 'refused'],
  ['other', 'meta.llama3-70b', 'assistantPrefill', 'refused'],
];

for (const [family, model, field, expected] of DIFFERENCES)
  test(`${field} of ${family}`, () => {
    const target = createConverseTarget({ family });
    const outcome = applyParameterTable(requestOf(CASES[field], model), target, 'lenient');
    if (expected === 'refused') assert.deepEqual(outcome, { kind: 'refused', field });
    else if (outcome.kind !== 'fits') assert.fail(outcome.kind);
    else if (expected === 'dropped') assert.deepEqual(outcome.dropped, [field]);
    else assert.deepEqual(standingAt(target.encodeRequest(outcome.request), expected[0]), expected[1]);
  });

test('every row names what it is mapped to, or says why not', () => {
  for (const family of MODEL_FAMILIES)
    for (const [field, { treatment, as, note }] of Object.entries(parametersOf(family)))
      assert.ok(treatment === 'mapped' ? as !== undefined : note !== undefined, `${family} ${field}`);
});
