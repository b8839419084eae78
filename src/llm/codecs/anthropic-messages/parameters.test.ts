// One test for each cell of the table: what is mapped arrives, what is dropped is named and gone, what is refused refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable, isContentField } from '../../apply-parameter-table.ts';
import type { JsonObject } from '../../json-value.ts';
import type { Message, UserPart } from '../../message.ts';
import type { ChatField, Treatment } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { anthropicMessagesTarget } from './target.ts';

const HI: Message = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const BASE: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'claude-sonnet-4-5',
  stream: false,
  messages: [HI],
  parameters: {},
  wantsStreamUsage: true,
  rest: {},
};
const FUNCTION = {
  kind: 'function',
  name: 'f',
  description: 'd',
  parameters: { type: 'object', properties: {} },
} as const;
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };

type Outcome = { readonly dropped: readonly ChatField[]; readonly body: JsonObject } | { readonly refused: ChatField };

function outcomeOf(request: Partial<ChatRequest>): Outcome {
  const whole = { ...BASE, ...request };
  const target = anthropicMessagesTarget(whole.model);
  const outcome = applyParameterTable(whole, target, 'lenient');
  if (outcome.kind === 'refused') return { refused: outcome.field };
  return { dropped: outcome.dropped, body: target.encodeRequest(outcome.request) };
}

const MAPPED_PARAMETERS: readonly (readonly [parameters: ChatParameters, members: JsonObject])[] = [
  [{ maxOutputTokens: 7 }, { max_tokens: 7 }],
  [{}, { max_tokens: 64_000 }],
  [{ temperature: 0.3 }, { temperature: 0.3 }],
  [{ temperature: 1.7 }, { temperature: 1 }],
  [{ topP: 0.5 }, { top_p: 0.5 }],
  [{ topK: 4 }, { top_k: 4 }],
  [{ stop: ['a', 'b'] }, { stop_sequences: ['a', 'b'] }],
  [{ n: 1 }, {}],
  [
    { tools: [FUNCTION] },
    { tools: [{ name: 'f', description: 'd', input_schema: { type: 'object', properties: {} } }] },
  ],
  [
    { tools: [{ kind: 'function', name: 'g' }] },
    { tools: [{ name: 'g', input_schema: { type: 'object', properties: {} } }] },
  ],
  [{ tools: [FUNCTION], toolChoice: { kind: 'auto' } }, { tool_choice: { type: 'auto' } }],
  [{ tools: [FUNCTION], toolChoice: { kind: 'none' } }, { tool_choice: { type: 'none' } }],
  [{ tools: [FUNCTION], toolChoice: { kind: 'required' } }, { tool_choice: { type: 'any' } }],
  [{ tools: [FUNCTION], toolChoice: { kind: 'tool', name: 'f' } }, { tool_choice: { type: 'tool', name: 'f' } }],
  [{ tools: [FUNCTION], parallelToolCalls: false }, { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
  [
    { tools: [FUNCTION], toolChoice: { kind: 'required' }, parallelToolCalls: true },
    { tool_choice: { type: 'any', disable_parallel_tool_use: false } },
  ],
  [
    { responseFormat: { kind: 'json-schema', name: 'x', schema: SCHEMA, strict: true, description: undefined } },
    { output_config: { format: { type: 'json_schema', schema: { ...SCHEMA, additionalProperties: false } } } },
  ],
  [{ responseFormat: { kind: 'text' } }, {}],
  [{ reasoning: { effort: 'low' } }, { thinking: { type: 'enabled', budget_tokens: 2048 } }],
  [{ reasoning: { effort: 'none' } }, {}],
  [{ user: 'u-1' }, { metadata: { user_id: 'u-1' } }],
  [{ serviceTier: 'default' }, { service_tier: 'standard_only' }],
  [{ modalities: ['text'] }, {}],
];

for (const [parameters, members] of MAPPED_PARAMETERS)
  test(`mapped: ${JSON.stringify(parameters)}`, () => {
    const outcome = outcomeOf({ parameters });
    assert.ok('body' in outcome);
    assert.deepEqual(outcome.dropped, []);
    for (const [key, value] of Object.entries(members)) assert.deepEqual(outcome.body[key], value, key);
    const expected = new Set(['model', 'messages', 'max_tokens', 'tools', ...Object.keys(members)]);
    for (const key of Object.keys(outcome.body)) assert.ok(expected.has(key), `${key} was not asked for`);
  });

const LOST_PARAMETERS: readonly (readonly [parameters: ChatParameters, field: keyof ChatParameters, Treatment])[] = [
  [{ minP: 0.1 }, 'minP', 'dropped'],
  [{ frequencyPenalty: 1 }, 'frequencyPenalty', 'dropped'],
  [{ presencePenalty: 1 }, 'presencePenalty', 'dropped'],
  [{ repetitionPenalty: 1 }, 'repetitionPenalty', 'dropped'],
  [{ seed: 1 }, 'seed', 'dropped'],
  [{ n: 2 }, 'n', 'refused'],
  [{ logprobs: { top: 2 } }, 'logprobs', 'dropped'],
  [{ logitBias: { '5': 1 } }, 'logitBias', 'dropped'],
  [{ metadata: { a: 'b' } }, 'metadata', 'dropped'],
  [{ serviceTier: 'flex' }, 'serviceTier', 'dropped'],
  [{ store: true }, 'store', 'dropped'],
  [{ verbosity: 'low' }, 'verbosity', 'dropped'],
  [{ modalities: ['text', 'audio'] }, 'modalities', 'refused'],
  [{ audioOutput: { voice: 'a' } }, 'audioOutput', 'refused'],
  [{ prediction: {} }, 'prediction', 'dropped'],
  [{ webSearch: {} }, 'webSearch', 'dropped'],
  [{ promptCacheKey: 'k' }, 'promptCacheKey', 'dropped'],
  [{ safetySettings: [] }, 'safetySettings', 'dropped'],
  [{ cachedContent: 'c' }, 'cachedContent', 'refused'],
  [{ previousResponseId: 'r' }, 'previousResponseId', 'refused'],
  [{ conversation: 'c' }, 'conversation', 'refused'],
  [{ background: true }, 'background', 'refused'],
  [{ truncation: 'auto' }, 'truncation', 'dropped'],
  [{ suffix: 's' }, 'suffix', 'refused'],
  [{ echo: true }, 'echo', 'refused'],
  [{ bestOf: 2 }, 'bestOf', 'dropped'],
  [{ stop: ['\n', ' '] }, 'stop', 'dropped'],
];

for (const [parameters, field, treatment] of LOST_PARAMETERS)
  test(`${treatment}: ${JSON.stringify(parameters)}`, () => {
    const outcome = outcomeOf({ parameters });
    if (treatment === 'refused') assert.deepEqual(outcome, { refused: field });
    else {
      assert.ok('body' in outcome);
      assert.deepEqual(outcome.dropped, [field]);
      assert.deepEqual(Object.keys(outcome.body).sort(), ['max_tokens', 'messages', 'model']);
    }
  });

function user(part: UserPart): Message {
  return { role: 'user', content: [part] };
}

const RESULT = { type: 'tool-result', callId: 'a', name: 'f', isError: false } as const;
const CALL: Message = { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}' }] };
const USE = { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } };

/** Messages behind `hi`, and what is sent of them; a field = it is refused. */
const CONTENT: readonly (readonly [
  field: ChatField,
  messages: readonly Message[],
  sent: JsonObject | 'refused' | 'dropped',
])[] = [
  ['systemMessage', [{ role: 'system', content: [{ type: 'text', text: 's' }] }], { system: 's' }],
  ['messageName', [{ ...user({ type: 'text', text: 'x' }), name: 'Ann' } as Message], 'dropped'],
  [
    'imageBase64',
    [user({ type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: 'AA==' } })],
    {
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AA==' } }],
    },
  ],
  [
    'imageUrl',
    [user({ type: 'image', source: { kind: 'url', url: 'https://h/x' } })],
    {
      content: [{ type: 'image', source: { type: 'url', url: 'https://h/x' } }],
    },
  ],
  ['imageDetail', [user({ type: 'image', detail: 'high', source: { kind: 'url', url: 'https://h/x' } })], 'dropped'],
  [
    'fileBase64',
    [user({ type: 'file', name: 'n', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' } })],
    {
      content: [
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' }, title: 'n' },
      ],
    },
  ],
  [
    'fileBase64',
    [user({ type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' } })],
    {
      content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } }],
    },
  ],
  [
    'fileBase64',
    [user({ type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'AA==' } })],
    'refused',
  ],
  [
    'fileUrl',
    [user({ type: 'file', source: { kind: 'url', url: 'https://h/x.pdf' } })],
    {
      content: [{ type: 'document', source: { type: 'url', url: 'https://h/x.pdf' } }],
    },
  ],
  [
    'fileText',
    [user({ type: 'file', source: { kind: 'text', text: 'w' } })],
    {
      content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'w' } }],
    },
  ],
  ['storedFile', [user({ type: 'file', source: { kind: 'stored', id: 'file-1' } })], 'refused'],
  [
    'audioInput',
    [user({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA==' } })],
    'refused',
  ],
  [
    'toolResultImage',
    [CALL, user({ ...RESULT, content: [{ type: 'image', source: { kind: 'url', url: 'https://h/x' } }] })],
    {
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'a',
          content: [{ type: 'image', source: { type: 'url', url: 'https://h/x' } }],
        },
      ],
    },
  ],
  [
    'toolResultFile',
    [CALL, user({ ...RESULT, content: [{ type: 'file', source: { kind: 'text', text: 'w' } }] })],
    {
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'a',
          content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'w' } }],
        },
      ],
    },
  ],
  [
    'toolError',
    [CALL, user({ ...RESULT, isError: true, content: [{ type: 'text', text: 'no' }] })],
    {
      content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'no' }], is_error: true }],
    },
  ],
  [
    'reasoningSignature',
    [{ role: 'assistant', content: [{ type: 'reasoning', text: 'hm', signature: 'sig' }] }, HI],
    {
      content: [{ type: 'thinking', thinking: 'hm', signature: 'sig' }],
    },
  ],
  [
    'reasoningText',
    [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'a' },
        ],
      },
      HI,
    ],
    'dropped',
  ],
  [
    'redactedReasoning',
    [{ role: 'assistant', content: [{ type: 'reasoning', text: '', redacted: 'Er' }] }, HI],
    {
      content: [{ type: 'redacted_thinking', data: 'Er' }],
    },
  ],
  [
    'redactedReasoning',
    [{ role: 'assistant', content: [{ type: 'reasoning', text: '', redacted: 'gAAAAx' }] }, HI],
    'dropped',
  ],
  ['refusalText', [{ role: 'assistant', content: [{ type: 'refusal', text: 'no' }] }, HI], { content: 'no' }],
  [
    'cacheMark',
    [user({ type: 'text', text: 'x', cache: { ttl: '1h' } })],
    {
      content: [
        { type: 'text', text: 'hi' },
        { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
    },
  ],
  [
    'citations',
    [{ role: 'assistant', content: [{ type: 'text', text: 'a', citations: [{ type: 'url' }] }] }, HI],
    'dropped',
  ],
  ['assistantPrefill', [{ role: 'assistant', content: [{ type: 'text', text: 'So: ' }] }], { content: 'So:' }],
];

for (const [field, messages, sent] of CONTENT)
  test(`${typeof sent === 'string' ? sent : 'mapped'}: ${field} ${JSON.stringify(messages.at(0)?.content).slice(0, 60)}`, () => {
    assert.ok(isContentField(field));
    const outcome = outcomeOf({ messages: [HI, ...messages] });
    if (sent === 'refused') assert.deepEqual(outcome, { refused: field });
    else {
      assert.ok('body' in outcome, JSON.stringify(outcome));
      assert.deepEqual(outcome.dropped, sent === 'dropped' ? [field] : []);
      if (sent === 'dropped') return;
      const turns = outcome.body.messages as readonly JsonObject[];
      if (sent.system !== undefined) assert.equal(outcome.body.system, sent.system);
      else
        assert.ok(
          turns.some((turn) => isIn(turn.content, sent.content)),
          JSON.stringify(turns),
        );
    }
  });

function isIn(whole: unknown, part: unknown): boolean {
  const [text, wanted] = [JSON.stringify(whole), JSON.stringify(part)];
  return text === wanted || (Array.isArray(part) && text.includes(wanted.slice(1, -1)));
}

test('mapped: laterSystemMessage, in front of the conversation', () => {
  const later: Message = { role: 'system', content: [{ type: 'text', text: 'now' }] };
  const outcome = outcomeOf({ messages: [{ ...later, content: [{ type: 'text', text: 'first' }] }, HI, later] });
  assert.ok('body' in outcome);
  assert.deepEqual(outcome.body.system, [
    { type: 'text', text: 'first' },
    { type: 'text', text: 'now' },
  ]);
  assert.deepEqual(outcome.body.messages, [{ role: 'user', content: 'hi' }]);
});

test('providerTool: its own is sent as it is, another one refused', () => {
  const raw = { type: 'web_search_20250305', name: 'web_search' };
  const own = outcomeOf({ parameters: { tools: [{ kind: 'provider', wire: 'anthropic-messages', raw }] } });
  assert.ok('body' in own);
  assert.deepEqual(own.body.tools, [raw]);
  const other = outcomeOf({ parameters: { tools: [{ kind: 'provider', wire: 'openai-responses', raw }] } });
  assert.deepEqual(other, { refused: 'providerTool' });
});

test('storedFile and citations of a client of this wire stay', () => {
  const outcome = outcomeOf({
    wire: 'anthropic-messages',
    messages: [
      user({ type: 'image', source: { kind: 'stored', id: 'file_1' } }),
      { role: 'assistant', content: [{ type: 'text', text: 'a', citations: [{ type: 'char_location' }] }] },
      HI,
    ],
  });
  assert.ok('body' in outcome);
  assert.deepEqual(outcome.dropped, []);
  assert.match(JSON.stringify(outcome.body.messages), /"file_id":"file_1".*char_location/);
});

test('calls of the history are declared where the request names no tools, and cannot be called', () => {
  const outcome = outcomeOf({ messages: [HI, CALL, user({ ...RESULT, content: [] })] });
  assert.ok('body' in outcome);
  assert.deepEqual(outcome.body.tools, [{ name: 'f', input_schema: { type: 'object', properties: {} } }]);
  assert.deepEqual(outcome.body.tool_choice, { type: 'none' });
  const [, turn] = outcome.body.messages as readonly JsonObject[];
  assert.deepEqual(turn, { role: 'assistant', content: [USE] });
});

test('every field of the table is tested here', () => {
  const tested = new Set<string>([
    ...MAPPED_PARAMETERS.flatMap(([parameters]) => Object.keys(parameters)),
    ...LOST_PARAMETERS.map(([, field]) => field),
    ...CONTENT.map(([field]) => field),
    'laterSystemMessage',
    'providerTool',
  ]);
  const fields = Object.keys(anthropicMessagesTarget('claude-sonnet-4-5').parameters);
  assert.deepEqual(
    fields.filter((field) => !tested.has(field)),
    [],
  );
});
