// What clients of Google's API ask → the canonical request; and what is refused, with its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { decodeCountRequest, decodeGeminiRequest } from './decode-request.ts';
import { wrapRedacted } from './signatures.ts';

const ADDRESS = { model: 'gemini-2.5-flash', stream: false };

function decode(body: JsonObject): ChatRequest {
  const outcome = decodeGeminiRequest(body, ADDRESS);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome.value;
}

const say = (...parts: readonly JsonObject[]): JsonObject => ({ contents: [{ role: 'user', parts }] });
const HI = say({ text: 'Hi' });

test('reads model and stream wish from the address, and the system’s words as the first message', () => {
  const body = { ...HI, systemInstruction: { parts: [{ text: 'Be brief.' }] } };
  const outcome = decodeGeminiRequest(body, { model: 'gemini-2.5-pro', stream: true });
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.value, {
    operation: 'chat',
    wire: 'gemini',
    model: 'gemini-2.5-pro',
    stream: true,
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ],
    parameters: {},
    wantsStreamUsage: true,
    rest: {},
  });
});

test('reads snake_case beside camelCase', () => {
  const { messages, parameters } = decode({
    system_instruction: { parts: [{ text: 'S' }] },
    contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: 'aGk=' } }] }],
    generation_config: { max_output_tokens: '7', top_p: 0.5, stop_sequences: ['a'] },
    tool_config: { function_calling_config: { mode: 'ANY' } },
  });
  assert.equal(messages[0].role, 'system');
  assert.deepEqual(messages[1].content, [
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } },
  ]);
  assert.deepEqual(parameters, { maxOutputTokens: 7, topP: 0.5, stop: ['a'], toolChoice: { kind: 'required' } });
});

test('media become images, audio and files; Google’s own files are known only to it', () => {
  const [message] = decode(
    say(
      { inlineData: { mimeType: 'audio/wav', data: 'aa' } },
      { inlineData: { mimeType: 'application/pdf', data: 'aa', displayName: 'a.pdf' } },
      {
        fileData: { mimeType: 'image/png', fileUri: 'https://a.test/b.png' },
        mediaResolution: { level: 'MEDIA_RESOLUTION_LOW' },
      },
      { fileData: { fileUri: 'gs://bucket/a.mp4', mimeType: 'video/mp4' } },
    ),
  ).messages;
  assert.deepEqual(message.content, [
    { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'aa' } },
    { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'aa' }, name: 'a.pdf' },
    { type: 'image', source: { kind: 'url', url: 'https://a.test/b.png', mediaType: 'image/png' }, detail: 'low' },
    { type: 'file', source: { kind: 'stored', id: 'gs://bucket/a.mp4' } },
  ]);
});

const TURN: JsonObject = {
  contents: [
    { role: 'user', parts: [{ text: 'Weather?' }] },
    {
      role: 'model',
      parts: [
        { text: 'hm', thought: true, thoughtSignature: 'c2ln' },
        { functionCall: { name: 'weather', args: { city: 'Rome' } }, thoughtSignature: 'Y2FsbA==' },
        { functionCall: { name: 'weather', args: { city: 'Oslo' } } },
        { functionCall: { id: 'mine', name: 'time' } },
      ],
    },
    {
      role: 'user',
      parts: [
        { text: 'and' },
        { functionResponse: { name: 'weather', response: { output: 'sun' } } },
        { functionResponse: { name: 'weather', response: { temperature: 3 } } },
        { functionResponse: { id: 'mine', name: 'time', response: { error: 'no clock' } } },
      ],
    },
  ],
};

test('calls without ids get them from their place, and results find their calls by name and order', () => {
  const [, assistant, user] = decode(TURN).messages;
  assert.deepEqual(assistant.content, [
    { type: 'reasoning', text: 'hm', signature: 'c2ln' },
    { type: 'tool-call', id: 'call_1_1', name: 'weather', arguments: '{"city":"Rome"}', signature: 'Y2FsbA==' },
    { type: 'tool-call', id: 'call_1_2', name: 'weather', arguments: '{"city":"Oslo"}' },
    { type: 'tool-call', id: 'mine', name: 'time', arguments: '{}' },
  ]);
  const text = (value: string) => [{ type: 'text', text: value }];
  assert.deepEqual(user.content, [
    { type: 'tool-result', callId: 'call_1_1', name: 'weather', content: text('sun'), isError: false },
    { type: 'tool-result', callId: 'call_1_2', name: 'weather', content: text('{"temperature":3}'), isError: false },
    { type: 'tool-result', callId: 'mine', name: 'time', content: text('no clock'), isError: true },
    { type: 'text', text: 'and' },
  ]);
  assert.deepEqual(decode(TURN), decode(TURN));
});

test('thought that only its provider can read comes back as it was wrapped', () => {
  const parts = [{ text: '', thought: true, thoughtSignature: wrapRedacted('EmwK') }];
  const [message] = decode({ contents: [{ role: 'model', parts }] }).messages;
  assert.deepEqual(message.content, [{ type: 'reasoning', text: '', redacted: 'EmwK' }]);
});

test('a signature on a text stands behind it', () => {
  const parts = [{ text: 'Hello', thoughtSignature: 'c2ln' }];
  const [message] = decode({ contents: [{ role: 'model', parts }] }).messages;
  assert.deepEqual(message.content, [
    { type: 'text', text: 'Hello' },
    { type: 'reasoning', text: '', signature: 'c2ln' },
  ]);
});

test('the chunks of a streamed answer, kept one by one, are one turn again', () => {
  const model = (...parts: readonly JsonObject[]): JsonObject => ({ role: 'model', parts });
  const { messages } = decode({
    contents: [
      { parts: [{ text: 'Hi' }] },
      model({ text: 'h', thought: true }),
      model({ text: 'm', thought: true }),
      model({ text: '', thoughtSignature: 'c2ln' }),
      model({ text: 'again', thought: true }),
      model({ text: 'Hel' }),
      model({ text: 'lo' }),
      model({ functionCall: { name: 'a' } }),
      model({ text: '' }),
    ],
  });
  assert.deepEqual(messages.slice(1), [
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', signature: 'c2ln' },
        { type: 'reasoning', text: 'again' },
        { type: 'text', text: 'Hello' },
        { type: 'tool-call', id: 'call_7_0', name: 'a', arguments: '{}' },
      ],
    },
  ]);
});

test('code that Google ran is told as text', () => {
  const parts = [
    { executableCode: { language: 'PYTHON', code: 'print(1)' } },
    { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
  ];
  const [message] = decode({ contents: [{ role: 'model', parts }] }).messages;
  assert.deepEqual(
    message.content.map((part) => part.type === 'text' && part.text),
    ['```python\nprint(1)\n```\n```\n1\n```\n'],
  );
});

test('tools: declarations in both kinds of schema, and tools that Google runs', () => {
  const parameters = { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } };
  const { tools } = decode({
    ...HI,
    tools: [
      {
        functionDeclarations: [
          { name: 'one', description: 'First.', parameters },
          { name: 'two', parametersJsonSchema: { type: 'object' } },
          { name: 'three' },
        ],
      },
      { googleSearch: {}, urlContext: {} },
    ],
  }).parameters;
  assert.deepEqual(tools, [
    {
      kind: 'function',
      name: 'one',
      description: 'First.',
      parameters: { type: 'object', properties: { a: { type: ['string', 'null'] } } },
    },
    { kind: 'function', name: 'two', parameters: { type: 'object' } },
    { kind: 'function', name: 'three' },
    { kind: 'provider', wire: 'gemini', raw: { googleSearch: {} } },
    { kind: 'provider', wire: 'gemini', raw: { urlContext: {} } },
  ]);
});

test('of several functions that may be called, the others are not offered', () => {
  const declare = (name: string): JsonObject => ({ name });
  const { parameters } = decode({
    ...HI,
    tools: [{ functionDeclarations: [declare('a'), declare('b'), declare('c')] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['a', 'c'] } },
  });
  assert.deepEqual(parameters.toolChoice, { kind: 'required' });
  assert.deepEqual(
    parameters.tools?.map((tool) => tool.kind === 'function' && tool.name),
    ['a', 'c'],
  );
});

const CONFIGS: readonly (readonly [JsonObject, JsonObject])[] = [
  [
    { temperature: 1, topP: 0.5, topK: 4 },
    { temperature: 1, topP: 0.5, topK: 4 },
  ],
  [
    { candidateCount: 2, seed: 5 },
    { n: 2, seed: 5 },
  ],
  [
    { presencePenalty: 1, frequencyPenalty: -1 },
    { presencePenalty: 1, frequencyPenalty: -1 },
  ],
  [{ responseLogprobs: true, logprobs: 3 }, { logprobs: { top: 3 } }],
  [{ logprobs: 3 }, {}],
  [{ responseMimeType: 'application/json' }, { responseFormat: { kind: 'json' } }],
  [{ responseMimeType: 'text/plain' }, { responseFormat: { kind: 'text' } }],
  [{ responseModalities: ['TEXT', 'IMAGE'] }, { modalities: ['text', 'image'] }],
  [{ thinkingConfig: { thinkingBudget: 0 } }, { reasoning: { effort: 'none' } }],
  [{ thinkingConfig: { thinkingBudget: -1 } }, { reasoning: { isAdaptive: true } }],
  [
    { thinkingConfig: { thinkingBudget: 99, includeThoughts: true } },
    { reasoning: { budgetTokens: 99, summary: 'auto' } },
  ],
  [
    { thinkingConfig: { thinkingLevel: 'low', includeThoughts: false } },
    { reasoning: { effort: 'low', summary: 'none' } },
  ],
];

for (const [generationConfig, expected] of CONFIGS) {
  test(`generationConfig ${JSON.stringify(generationConfig)}`, () => {
    assert.deepEqual(decode({ ...HI, generationConfig }).parameters, expected);
  });
}

test('a schema for the answer, in either kind', () => {
  const expected = {
    kind: 'json-schema',
    name: 'response',
    schema: { type: 'object' },
    strict: undefined,
    description: undefined,
  };
  for (const schema of [{ responseSchema: { type: 'OBJECT' } }, { responseJsonSchema: { type: 'object' } }]) {
    const generationConfig = { responseMimeType: 'application/json', ...schema };
    assert.deepEqual(decode({ ...HI, generationConfig }).parameters.responseFormat, expected);
  }
});

test('settings beside the conversation', () => {
  const settings = {
    safetySettings: [{ category: 'C', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/1',
    serviceTier: 'flex',
    store: false,
  };
  assert.deepEqual(decode({ ...HI, ...settings, labels: { team: 'a' } }).parameters, {
    ...settings,
    metadata: { team: 'a' },
  });
});

test('what no field stands for is named by its place', () => {
  const { rest } = decode({
    contents: [{ parts: [{ text: 'a', partMetadata: { b: 1 } }] }],
    continuationToken: 't',
    generationConfig: { speechConfig: { languageCode: 'de' }, thinkingConfig: { odd: 1 } },
    toolConfig: { retrievalConfig: {}, functionCallingConfig: { mode: 'VALIDATED' } },
    tools: [{ functionDeclarations: [{ name: 'a', response: { type: 'STRING' } }] }],
  });
  assert.deepEqual(Object.keys(rest).sort(), [
    'contents[].parts[].partMetadata',
    'continuationToken',
    'generationConfig.speechConfig',
    'generationConfig.thinkingConfig.odd',
    'toolConfig.functionCallingConfig.mode',
    'toolConfig.retrievalConfig',
    'tools[].functionDeclarations[].response',
  ]);
});

const nested = (depth: number): JsonObject => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

const WRONG: readonly (readonly [string, JsonObject])[] = [
  ['contents', {}],
  ['contents', { contents: [] }],
  ['contents', { contents: 'Hi' }],
  ['contents[0]', { contents: ['Hi'] }],
  ['contents[0].role', { contents: [{ role: 'robot', parts: [{ text: 'a' }] }] }],
  ['contents[0].parts', { contents: [{ parts: {} }] }],
  ['contents[0].parts[0]', say({})],
  ['contents[0].parts[0].text', say({ text: 5 })],
  ['contents[0].parts[0].videoMetadata', say({ text: 'a', videoMetadata: { fps: 1 } })],
  ['contents[0].parts[0].inlineData.mimeType', say({ inlineData: { data: 'aa' } })],
  ['contents[0].parts[0].fileData.fileUri', say({ fileData: {} })],
  ['contents[0].parts[0]', say({ functionCall: { name: 'a' } })],
  ['contents[0].parts[0].functionResponse', say({ functionResponse: { name: 'a', response: {} } })],
  ['generationConfig.temperature', { ...HI, generationConfig: { temperature: 'warm' } }],
  ['generationConfig.responseMimeType', { ...HI, generationConfig: { responseMimeType: 'text/x.enum' } }],
  [
    'generationConfig.thinkingConfig.thinkingLevel',
    { ...HI, generationConfig: { thinkingConfig: { thinkingLevel: 'A' } } },
  ],
  ['tools[0].functionDeclarations[0].name', { ...HI, tools: [{ functionDeclarations: [{}] }] }],
  ['toolConfig.functionCallingConfig.mode', { ...HI, toolConfig: { functionCallingConfig: { mode: 'SOME' } } }],
  ['systemInstruction.parts[0]', { ...HI, systemInstruction: { parts: [{ inlineData: {} }] } }],
  ['labels.a', { ...HI, labels: { a: 1 } }],
  ['body', { ...HI, labels: nested(5000) }],
];

for (const [param, body] of WRONG) {
  test(`refuses ${JSON.stringify(body).slice(0, 80)} at ${param}`, () => {
    const outcome = decodeGeminiRequest(body, ADDRESS);
    assert.ok(!outcome.ok);
    assert.equal(outcome.param, param);
    assert.ok(outcome.message.startsWith(`${param}: `));
  });
}

test('a request without a model in path or body is refused', () => {
  const outcome = decodeGeminiRequest(HI, { model: undefined, stream: undefined });
  assert.ok(!outcome.ok && outcome.param === 'model');
  const named = decodeGeminiRequest({ ...HI, model: 'models/a' }, { model: undefined, stream: undefined });
  assert.ok(named.ok && named.value.model === 'a');
});

test('tokens are counted of contents alone and of a whole request', () => {
  const whole = { generateContentRequest: { model: 'models/a', ...HI, systemInstruction: { parts: [{ text: 'S' }] } } };
  for (const [body, messages] of [
    [HI, 1],
    [whole, 2],
  ] as const) {
    const outcome = decodeCountRequest(body, ADDRESS);
    assert.ok(outcome.ok);
    assert.deepEqual([outcome.value.operation, outcome.value.messages.length], ['count-tokens', messages]);
  }
});

test('nothing a client can send makes it throw', () => {
  const names = [
    'contents',
    'parts',
    'role',
    'text',
    'functionCall',
    'functionResponse',
    'inlineData',
    'args',
    'tools',
    'generationConfig',
    'functionDeclarations',
    'parameters',
    'properties',
    'propertyOrdering',
    'maxItems',
    'executableCode',
    'responseSchema',
    'responseMimeType',
    'name',
  ];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 0, -1, '', 'user', 'model', 'STRING'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, 'toString', 'valueOf'), tie('json'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), json, { maxKeys: 5 }), (body) => {
      const outcome = decodeGeminiRequest(body as JsonObject, ADDRESS);
      if (!outcome.ok) assert.ok(outcome.message.length > 0 && outcome.param !== undefined);
    }),
    { seed: 11, numRuns: 2000 },
  );
});

test('a text of a megabyte is read as it is', () => {
  const text = 'a'.repeat(1_000_000);
  assert.deepEqual(decode(say({ text })).messages[0].content, [{ type: 'text', text }]);
});
