// One test for each cell of Google's parameter table: what is asked, and what Google is told of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { AssistantPart, Message, UserPart } from '../../message.ts';
import type { ChatField } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { geminiTarget } from './gemini.ts';
import { geminiParameters } from './parameters.ts';

const HELLO: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };

function requestOf(
  parameters: ChatParameters,
  messages: readonly Message[] = [HELLO],
  model = 'gemini-2.5-flash',
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

const user = (...content: readonly UserPart[]): readonly Message[] => [{ role: 'user', content }];
const assistant = (...content: readonly AssistantPart[]): readonly Message[] => [
  HELLO,
  { role: 'assistant', content },
  HELLO,
];
const CALL: AssistantPart = { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{"at":1}' };
const result = (content: UserPart): readonly Message[] => [
  HELLO,
  { role: 'assistant', content: [CALL] },
  ...user(content),
];
const IMAGE = { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } as const;
const ANSWER = { type: 'tool-result', callId: 'call_1', name: 'look', isError: false } as const;

interface Cell {
  readonly request: ChatRequest;
  /** What of the body says it; undefined = nothing does. */
  readonly at?: readonly (string | number)[];
  readonly is?: JsonValue;
}

const TEXT = ['contents', 0, 'parts', 0];
const MODEL_PARTS = ['contents', 1, 'parts'];
const RESULT = ['contents', 2, 'parts', 0, 'functionResponse'];
const config = (name: string): readonly string[] => ['generationConfig', name];
const SCHEMA = { type: 'object', properties: { a: { const: 1 } } };

const CELLS: Readonly<Record<ChatField, Cell>> = {
  maxOutputTokens: { request: requestOf({ maxOutputTokens: 5 }), at: config('maxOutputTokens'), is: 5 },
  temperature: { request: requestOf({ temperature: 0.5 }), at: config('temperature'), is: 0.5 },
  topP: { request: requestOf({ topP: 0.5 }), at: config('topP'), is: 0.5 },
  topK: { request: requestOf({ topK: 3 }), at: config('topK'), is: 3 },
  minP: { request: requestOf({ minP: 0.5 }) },
  frequencyPenalty: { request: requestOf({ frequencyPenalty: 1 }), at: config('frequencyPenalty'), is: 1 },
  presencePenalty: { request: requestOf({ presencePenalty: 1 }), at: config('presencePenalty'), is: 1 },
  repetitionPenalty: { request: requestOf({ repetitionPenalty: 1 }) },
  stop: { request: requestOf({ stop: ['END'] }), at: config('stopSequences'), is: ['END'] },
  seed: { request: requestOf({ seed: 2 ** 31 + 7 }), at: config('seed'), is: 7 },
  n: { request: requestOf({ n: 2 }), at: config('candidateCount'), is: 2 },
  logprobs: { request: requestOf({ logprobs: { top: 3 } }), at: config('logprobs'), is: 3 },
  logitBias: { request: requestOf({ logitBias: { 5: 1 } }) },
  tools: {
    request: requestOf({ tools: [{ kind: 'function', name: 'look', description: 'Looks.', parameters: SCHEMA }] }),
    at: ['tools', 0, 'functionDeclarations', 0],
    is: {
      name: 'look',
      description: 'Looks.',
      parametersJsonSchema: { type: 'object', properties: { a: { enum: [1] } } },
    },
  },
  toolChoice: {
    request: requestOf({ toolChoice: { kind: 'tool', name: 'look' } }),
    at: ['toolConfig', 'functionCallingConfig'],
    is: { mode: 'ANY', allowedFunctionNames: ['look'] },
  },
  parallelToolCalls: {
    request: requestOf({ parallelToolCalls: true, tools: [{ kind: 'function', name: 'look' }] }),
    at: ['tools', 0, 'functionDeclarations', 0],
    is: { name: 'look' },
  },
  responseFormat: {
    request: requestOf({
      responseFormat: { kind: 'json-schema', name: 'a', schema: SCHEMA, strict: true, description: undefined },
    }),
    at: ['generationConfig'],
    is: {
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { a: { enum: [1] } } },
    },
  },
  reasoning: {
    request: requestOf({ reasoning: { effort: 'medium', summary: 'auto' } }),
    at: config('thinkingConfig'),
    is: { thinkingBudget: 8192, includeThoughts: true },
  },
  user: { request: requestOf({ user: 'u' }) },
  metadata: { request: requestOf({ metadata: { a: 'b' } }) },
  serviceTier: { request: requestOf({ serviceTier: 'default' }), at: ['serviceTier'], is: 'standard' },
  store: { request: requestOf({ store: false }) },
  verbosity: { request: requestOf({ verbosity: 'low' }) },
  modalities: {
    request: requestOf({ modalities: ['text', 'image'] }),
    at: config('responseModalities'),
    is: ['TEXT', 'IMAGE'],
  },
  audioOutput: { request: requestOf({ audioOutput: { voice: 'alloy' } }) },
  prediction: { request: requestOf({ prediction: { type: 'content' } }) },
  webSearch: { request: requestOf({ webSearch: {} }), at: ['tools', 0], is: { googleSearch: {} } },
  promptCacheKey: { request: requestOf({ promptCacheKey: 'k' }) },
  safetySettings: {
    request: requestOf({ safetySettings: [{ category: 'C', threshold: 'T' }] }),
    at: ['safetySettings', 0, 'category'],
    is: 'C',
  },
  cachedContent: {
    request: requestOf({ cachedContent: 'cachedContents/1' }),
    at: ['cachedContent'],
    is: 'cachedContents/1',
  },
  previousResponseId: { request: requestOf({ previousResponseId: 'r' }) },
  conversation: { request: requestOf({ conversation: 'c' }) },
  background: { request: requestOf({ background: true }) },
  truncation: { request: requestOf({ truncation: 'auto' }) },
  suffix: { request: requestOf({ suffix: 's' }) },
  echo: { request: requestOf({ echo: true }) },
  bestOf: { request: requestOf({ bestOf: 2 }) },
  systemMessage: {
    request: requestOf({}, [{ role: 'system', content: [{ type: 'text', text: 'Be brief.' }] }, HELLO]),
    at: ['systemInstruction'],
    is: { parts: [{ text: 'Be brief.' }] },
  },
  laterSystemMessage: {
    request: requestOf({}, [HELLO, { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] }, HELLO]),
    at: ['systemInstruction'],
    is: { parts: [{ text: 'Be brief.' }] },
  },
  messageName: { request: requestOf({}, [{ ...HELLO, name: 'ann' }]) },
  imageBase64: {
    request: requestOf({}, user({ type: 'image', source: IMAGE })),
    at: TEXT,
    is: { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
  },
  imageUrl: {
    request: requestOf({}, user({ type: 'image', source: { kind: 'url', url: 'https://a.test/b.webp?c' } })),
    at: TEXT,
    is: { fileData: { mimeType: 'image/webp', fileUri: 'https://a.test/b.webp?c' } },
  },
  imageDetail: { request: requestOf({}, user({ type: 'image', source: IMAGE, detail: 'low' })) },
  fileBase64: {
    request: requestOf({}, user({ type: 'file', source: { ...IMAGE, mediaType: 'application/pdf' } })),
    at: TEXT,
    is: { inlineData: { mimeType: 'application/pdf', data: 'aGk=' } },
  },
  fileUrl: {
    request: requestOf({}, user({ type: 'file', source: { kind: 'url', url: 'https://a.test/b' } })),
    at: TEXT,
    is: { fileData: { fileUri: 'https://a.test/b' } },
  },
  fileText: {
    request: requestOf({}, user({ type: 'file', source: { kind: 'text', text: 'hi' } })),
    at: TEXT,
    is: { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
  },
  storedFile: { request: requestOf({}, user({ type: 'file', source: { kind: 'stored', id: 'file-1' } })) },
  audioInput: {
    request: requestOf({}, user({ type: 'audio', source: { ...IMAGE, mediaType: 'audio/wav' } })),
    at: TEXT,
    is: { inlineData: { mimeType: 'audio/wav', data: 'aGk=' } },
  },
  toolResultImage: {
    request: requestOf({}, result({ ...ANSWER, content: [{ type: 'image', source: IMAGE }] })),
    at: [...RESULT, 'parts'],
    is: [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }],
  },
  toolResultFile: {
    request: requestOf({}, result({ ...ANSWER, content: [{ type: 'file', source: { kind: 'text', text: 'hi' } }] })),
    at: [...RESULT, 'parts'],
    is: [{ inlineData: { mimeType: 'text/plain', data: 'aGk=' } }],
  },
  toolError: {
    request: requestOf({}, result({ ...ANSWER, content: [{ type: 'text', text: 'no' }], isError: true })),
    at: RESULT,
    is: { id: 'call_1', name: 'look', response: { error: 'no' } },
  },
  reasoningText: {
    request: requestOf({}, assistant({ type: 'reasoning', text: 'hm' })),
    at: MODEL_PARTS,
    is: [{ text: 'hm', thought: true }],
  },
  reasoningSignature: {
    request: requestOf({}, assistant({ type: 'reasoning', text: 'hm', signature: 'gemini:c2ln' })),
    at: MODEL_PARTS,
    is: [{ text: 'hm', thought: true, thoughtSignature: 'c2ln' }],
  },
  redactedReasoning: { request: requestOf({}, assistant({ type: 'reasoning', text: '', redacted: 'xyz' })) },
  refusalText: {
    request: requestOf({}, assistant({ type: 'refusal', text: 'I will not.' })),
    at: MODEL_PARTS,
    is: [{ text: 'I will not.' }],
  },
  cacheMark: { request: requestOf({}, user({ type: 'text', text: 'a', cache: { ttl: '1h' } })) },
  providerTool: { request: requestOf({ tools: [{ kind: 'provider', wire: 'openai-responses', raw: { type: 'x' } }] }) },
  citations: { request: requestOf({}, assistant({ type: 'text', text: 'a', citations: [{ url: 'u' }] })) },
  assistantPrefill: {
    request: requestOf({}, [HELLO, { role: 'assistant', content: [{ type: 'text', text: '{' }] }]),
    at: ['contents', 1],
    is: { role: 'model', parts: [{ text: '{' }] },
  },
};

function memberAt(body: JsonValue | undefined, path: readonly (string | number)[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((value, name) => (value as JsonObject | undefined)?.[name], body);
}

for (const [name, cell] of Object.entries(CELLS)) {
  const field = name as ChatField;
  const { treatment } = geminiParameters[field];
  test(`${field} is ${treatment}`, () => {
    const lenient = applyParameterTable(cell.request, geminiTarget, 'lenient');
    const strict = applyParameterTable(cell.request, geminiTarget, 'strict');
    assert.equal(strict.kind, treatment === 'mapped' ? 'fits' : 'refused');
    if (treatment === 'refused') {
      assert.deepEqual(lenient, { kind: 'refused', field });
      return;
    }
    assert.ok(lenient.kind === 'fits');
    assert.deepEqual(lenient.dropped, treatment === 'dropped' ? [field] : []);
    const body = geminiTarget.encodeRequest(lenient.request);
    assert.equal(cell.at === undefined, treatment === 'dropped');
    if (cell.at !== undefined) assert.deepEqual(memberAt(JSON.parse(JSON.stringify(body)), cell.at), cell.is);
  });
}

test('another provider’s signatures are left out and named; a step of calls of newer models carries Google’s own word', () => {
  const foreign = requestOf({}, assistant({ type: 'reasoning', text: 'hm', signature: 'EqQB' }, CALL), 'gemini-3-pro');
  const outcome = applyParameterTable(foreign, geminiTarget, 'lenient');
  assert.ok(outcome.kind === 'fits');
  assert.deepEqual(outcome.dropped, ['reasoningSignature']);
  const parts = memberAt(geminiTarget.encodeRequest(outcome.request), MODEL_PARTS);
  assert.deepEqual(parts, [
    { text: 'hm', thought: true },
    {
      functionCall: { id: 'call_1', name: 'look', args: { at: 1 } },
      thoughtSignature: 'skip_thought_signature_validator',
    },
  ]);
});

test('of parallel calls only the first needs a signature, and a true one stays', () => {
  const signed: AssistantPart = { ...CALL, signature: 'gemini:c2ln' } as AssistantPart;
  const body = geminiTarget.encodeRequest(requestOf({}, assistant(signed, CALL), 'gemini-3-flash'));
  const parts = memberAt(body, MODEL_PARTS) as readonly JsonObject[];
  assert.deepEqual(
    parts.map((part) => part.thoughtSignature),
    ['c2ln', undefined],
  );
});

test('models before Gemini 3 get no word for a missing signature', () => {
  const body = geminiTarget.encodeRequest(requestOf({}, assistant(CALL), 'gemini-2.5-pro'));
  assert.equal(JSON.stringify(body).includes('thoughtSignature'), false);
});

test('a tier that Google has no word for is dropped, auto is said by saying nothing', () => {
  const scale = applyParameterTable(requestOf({ serviceTier: 'scale' }), geminiTarget, 'lenient');
  assert.ok(scale.kind === 'fits');
  assert.deepEqual(scale.dropped, ['serviceTier']);
  const auto = applyParameterTable(requestOf({ serviceTier: 'auto' }), geminiTarget, 'lenient');
  assert.ok(auto.kind === 'fits');
  assert.deepEqual([auto.dropped, geminiTarget.encodeRequest(auto.request).serviceTier], [[], undefined]);
});

const EFFORTS = [
  ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
  ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }],
  ['gemini-2.5-pro', 'high', { thinkingBudget: 24576 }],
  ['gemini-3-flash', 'none', { thinkingLevel: 'MINIMAL' }],
  ['gemini-3-flash', 'medium', { thinkingLevel: 'MEDIUM' }],
  ['gemini-3-pro', 'minimal', { thinkingLevel: 'LOW' }],
  ['gemini-3-pro', 'max', { thinkingLevel: 'HIGH' }],
] as const;

for (const [model, effort, thinkingConfig] of EFFORTS) {
  test(`effort ${effort} of ${model}`, () => {
    const body = geminiTarget.encodeRequest(requestOf({ reasoning: { effort } }, [HELLO], model));
    assert.deepEqual(memberAt(body, config('thinkingConfig')), thinkingConfig);
  });
}

test('a budget is more exact than an effort, and the model’s own choice is -1', () => {
  const budget = geminiTarget.encodeRequest(requestOf({ reasoning: { effort: 'low', budgetTokens: 300 } }));
  assert.deepEqual(memberAt(budget, config('thinkingConfig')), { thinkingBudget: 300 });
  const adaptive = geminiTarget.encodeRequest(requestOf({ reasoning: { isAdaptive: true, summary: 'none' } }));
  assert.deepEqual(memberAt(adaptive, config('thinkingConfig')), { thinkingBudget: -1, includeThoughts: false });
});

test('neighbours of one role are joined, and results that are JSON stay JSON', () => {
  const messages = [...result({ ...ANSWER, content: [{ type: 'text', text: '{"ok":true}' }] }), HELLO];
  const body = geminiTarget.encodeRequest(requestOf({}, messages));
  assert.deepEqual(body.contents, [
    { role: 'user', parts: [{ text: 'Hello' }] },
    { role: 'model', parts: [{ functionCall: { id: 'call_1', name: 'look', args: { at: 1 } } }] },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_1', name: 'look', response: { output: { ok: true } } } },
        { text: 'Hello' },
      ],
    },
  ]);
});

test('one call at a time cannot be asked for: dropped, and refused in strict mode', () => {
  const request = requestOf({ parallelToolCalls: false });
  const outcome = applyParameterTable(request, geminiTarget, 'lenient');
  assert.ok(outcome.kind === 'fits');
  assert.deepEqual(outcome.dropped, ['parallelToolCalls']);
  assert.deepEqual(applyParameterTable(request, geminiTarget, 'strict'), {
    kind: 'refused',
    field: 'parallelToolCalls',
  });
});
