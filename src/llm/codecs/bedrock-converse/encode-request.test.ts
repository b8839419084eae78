// Whole requests: roles in turn, marks counted, tools with and without leave, thinking by model, settings of the backend.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../json-value.ts';
import type { CacheMark, Message } from '../../message.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import type { ConverseOptions } from './converse-options.ts';
import { toolUseId } from './encode-messages.ts';
import { encodeRequest } from './encode-request.ts';
import { familyOf } from './model-family.ts';
import { createConverseTokenCount } from './target.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const TOOL = {
  kind: 'function',
  name: 'weather',
  description: 'Weather of a town.',
  parameters: { type: 'object' },
} as const;

function encode(
  messages: readonly Message[],
  parameters: ChatParameters = {},
  more: Partial<ConverseOptions & { model: string; stream: boolean }> = {},
): JsonObject {
  const { model = CLAUDE, stream = false, ...options } = more;
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'openai-chat',
    model,
    stream,
    messages,
    parameters,
    wantsStreamUsage: false,
    rest: { unknown: 1 },
  };
  return encodeRequest(request, { family: familyOf(model), ...options });
}

const say = (role: 'user' | 'assistant' | 'system', text: string, cache?: CacheMark): Message =>
  ({ role, content: [{ type: 'text', text, ...(cache !== undefined && { cache }) }] }) as Message;

const TOOL_TURN: readonly Message[] = [
  say('user', 'and in Rome?'),
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'I look', signature: 'sig' },
      { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"town":"Rome"}' },
    ],
  },
  {
    role: 'user',
    content: [
      {
        type: 'tool-result',
        callId: 'call_1',
        name: 'weather',
        content: [{ type: 'text', text: 'sunny' }],
        isError: false,
      },
    ],
  },
  say('user', 'thanks'),
];

test('nothing but the conversation, when nothing else is wished', () => {
  assert.deepEqual(encode([say('user', 'hi')]), { messages: [{ role: 'user', content: [{ text: 'hi' }] }] });
});

test('a turn with tools: roles in turn, calls and results in their blocks', () => {
  assert.deepEqual(encode(TOOL_TURN, { tools: [TOOL], toolChoice: { kind: 'required' } }), {
    messages: [
      { role: 'user', content: [{ text: 'and in Rome?' }] },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'I look', signature: 'sig' } } },
          { toolUse: { toolUseId: 'call_1', name: 'weather', input: { town: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        content: [{ toolResult: { toolUseId: 'call_1', content: [{ text: 'sunny' }] } }, { text: 'thanks' }],
      },
    ],
    toolConfig: {
      tools: [
        { toolSpec: { name: 'weather', description: 'Weather of a town.', inputSchema: { json: { type: 'object' } } } },
      ],
      toolChoice: { any: {} },
    },
  });
});

for (const parameters of [{}, { tools: [TOOL], toolChoice: { kind: 'none' } }] as const)
  test(`without leave to call a tool (${JSON.stringify(parameters)}) its calls are text, and none can be called`, () => {
    const body = encode(TOOL_TURN, parameters);
    assert.equal(body.toolConfig, undefined);
    const text = JSON.stringify(body);
    assert.ok(!text.includes('toolUse') && !text.includes('toolResult'));
    for (const kept of ['weather', 'call_1', 'Rome', 'sunny', 'thanks']) assert.ok(text.includes(kept), kept);
  });

test('arguments that are no object are sent as the model wrote them, in one', () => {
  const inputs = ['', '{"a":1}', '[1]', '{"a":', '"x"'].map((text) => {
    const call = { type: 'tool-call', id: 'c', name: 'weather', arguments: text } as const;
    const body = encode([say('user', 'hi'), { role: 'assistant', content: [call] }], { tools: [TOOL] });
    const [, { content }] = body.messages as unknown as { content: { toolUse: { input: unknown } }[] }[];
    return content[0].toolUse.input;
  });
  assert.deepEqual(inputs, [{}, { a: 1 }, { arguments: [1] }, { arguments: '{"a":' }, { arguments: 'x' }]);
});

test('ids that Bedrock would refuse become ones it takes, the same for the same', () => {
  assert.equal(toolUseId('toolu_01-A'), 'toolu_01-A');
  const long = toolUseId('fc_'.repeat(60));
  assert.match(long, /^[A-Za-z0-9_-]{1,64}$/);
  assert.equal(toolUseId('fc_'.repeat(60)), long);
  assert.notEqual(toolUseId('a|b'), toolUseId('a|c'));
});

test('blank text is left out, and so are thoughts that Claude cannot prove', () => {
  const messages: readonly Message[] = [
    say('system', '  '),
    say('user', 'hi'),
    { role: 'assistant', content: [{ type: 'reasoning', text: 'unsigned' }] },
    say('user', ' \n'),
    say('user', 'there'),
  ];
  assert.deepEqual(encode(messages), { messages: [{ role: 'user', content: [{ text: 'hi' }, { text: 'there' }] }] });
  const body = JSON.stringify(encode(messages, {}, { model: 'deepseek.r1-v1:0' }));
  assert.ok(body.includes('{"reasoningContent":{"reasoningText":{"text":"unsigned"}}}'));
});

test('never more than four cache points, whatever is marked, and the last ones stay', () => {
  const mark = fc.option(fc.constantFrom<CacheMark>({ ttl: '5m' }, { ttl: '1h' }, { ttl: undefined }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(
      fc.array(mark, { maxLength: 4 }),
      mark,
      fc.array(mark, { minLength: 1, maxLength: 12 }),
      (tools, system, texts) => {
        const body = encode(
          [say('system', 's', system), ...texts.map((cache, index) => say('user', `t${index}`, cache))],
          { tools: tools.map((cache) => ({ ...TOOL, ...(cache !== undefined && { cache }) })) },
        );
        const wished = [...tools, system, ...texts].filter((given) => given !== undefined).length;
        const points = JSON.stringify(body).split('"cachePoint"').length - 1;
        assert.equal(points, Math.min(4, wished));
        const lastMarked = texts.findLastIndex((given) => given !== undefined);
        const [{ content }] = body.messages as unknown as { content: { text?: string; cachePoint?: object }[] }[];
        if (lastMarked >= 0)
          assert.ok(content[content.findIndex(({ text }) => text === `t${lastMarked}`) + 1].cachePoint);
      },
    ),
    { seed: 21 },
  );
});

test('a mark inside a tool result stands behind it; Nova takes none on tools', () => {
  const messages: readonly Message[] = [
    say('user', 'q'),
    { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'weather', arguments: '{}' }] },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          callId: 'c',
          name: 'weather',
          content: [{ type: 'text', text: 'x', cache: { ttl: '5m' } }],
          isError: false,
        },
      ],
    },
  ];
  const tools = [{ ...TOOL, cache: { ttl: '5m' } as const }];
  const ofClaude = encode(messages, { tools });
  assert.deepEqual((ofClaude.messages as unknown as { content: object[] }[])[2].content[1], {
    cachePoint: { type: 'default' },
  });
  assert.ok(JSON.stringify(ofClaude.toolConfig).includes('cachePoint'));
  const ofNova = encode(messages, { tools }, { model: 'amazon.nova-pro-v1:0' });
  assert.ok(!JSON.stringify(ofNova.toolConfig).includes('cachePoint'));
  assert.ok(JSON.stringify(ofNova.messages).includes('cachePoint'));
});

/** Model, wish, and the fields that come of it. */
const THINKING: readonly (readonly [string, ChatParameters, JsonObject | undefined, JsonObject | undefined])[] = [
  [CLAUDE, { reasoning: { effort: 'low' } }, { thinking: { type: 'enabled', budget_tokens: 4096 } }, undefined],
  [CLAUDE, { reasoning: { effort: 'none' } }, undefined, undefined],
  [CLAUDE, { reasoning: { budgetTokens: 100 } }, { thinking: { type: 'enabled', budget_tokens: 1024 } }, undefined],
  [
    CLAUDE,
    { reasoning: { effort: 'high' }, maxOutputTokens: 2000 },
    { thinking: { type: 'enabled', budget_tokens: 1999 } },
    undefined,
  ],
  [CLAUDE, { reasoning: { effort: 'high' }, maxOutputTokens: 1000 }, undefined, undefined],
  [
    'anthropic.claude-opus-4-6-v1',
    { reasoning: { effort: 'high' } },
    { thinking: { type: 'adaptive' } },
    { effort: 'high' },
  ],
  [
    'anthropic.claude-opus-5',
    { reasoning: { effort: 'minimal' } },
    { thinking: { type: 'adaptive' } },
    { effort: 'low' },
  ],
  [
    'anthropic.claude-3-7-sonnet-20250219-v1:0',
    { reasoning: { isAdaptive: true } },
    { thinking: { type: 'enabled', budget_tokens: 8192 } },
    undefined,
  ],
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', { reasoning: { effort: 'high' } }, undefined, undefined],
  [
    'anthropic.claude-opus-4-6-v1',
    { reasoning: { budgetTokens: 3000 } },
    { thinking: { type: 'enabled', budget_tokens: 3000 } },
    undefined,
  ],
  [
    'anthropic.claude-opus-4-7',
    { reasoning: { budgetTokens: 3000 } },
    { thinking: { type: 'adaptive' } },
    { effort: 'low' },
  ],
  ['amazon.nova-pro-v1:0', { reasoning: { effort: 'high' } }, undefined, undefined],
  [
    'us.amazon.nova-2-lite-v1:0',
    { reasoning: { effort: 'xhigh' } },
    { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
    undefined,
  ],
  [
    'us.amazon.nova-2-lite-v1:0',
    { reasoning: { effort: 'none' } },
    { reasoningConfig: { type: 'disabled' } },
    undefined,
  ],
  ['openai.gpt-oss-20b-1:0', { reasoning: { budgetTokens: 9000 } }, { reasoning_effort: 'high' }, undefined],
];

for (const [model, parameters, additional, output] of THINKING)
  test(`thinking of ${model}: ${JSON.stringify(parameters)}`, () => {
    const body = encode([say('user', 'hi')], parameters, { model });
    assert.deepEqual(body.additionalModelRequestFields, additional);
    assert.deepEqual(body.outputConfig, output);
  });

test('settings of the backend: guardrail, latency, tier; the client’s own tier wins', () => {
  const options = {
    guardrail: { id: 'gr-1', version: '3', trace: 'enabled', streamMode: 'async' },
    latency: 'optimized',
    serviceTier: 'priority',
  } as const;
  const whole = encode([say('user', 'hi')], {}, options);
  assert.deepEqual(whole.guardrailConfig, { guardrailIdentifier: 'gr-1', guardrailVersion: '3', trace: 'enabled' });
  assert.deepEqual(whole.performanceConfig, { latency: 'optimized' });
  assert.deepEqual(whole.serviceTier, { type: 'priority' });
  const streamed = encode([say('user', 'hi')], { serviceTier: 'standard' }, { ...options, stream: true });
  assert.equal((streamed.guardrailConfig as JsonObject).streamProcessingMode, 'async');
  assert.deepEqual(streamed.serviceTier, { type: 'default' });
  assert.deepEqual(encode([say('user', 'hi')], { serviceTier: 'auto' }).serviceTier, undefined);
});

test('JSON without a schema is asked for in the system prompt; stop sequences are asked back from Claude', () => {
  const body = encode([say('user', 'hi')], { responseFormat: { kind: 'json' }, stop: ['END'] });
  assert.deepEqual(body.system, [{ text: 'Answer with one JSON object and nothing else.' }]);
  assert.deepEqual(body.additionalModelResponseFieldPaths, ['/stop_sequence']);
});

test('documents of one name get two', () => {
  const file = { type: 'file', source: { kind: 'text', text: 'x' }, name: 'plan v1.txt' } as const;
  const { messages } = encode([{ role: 'user', content: [file, file, { ...file, name: 'ü?' }] }]);
  const names = (messages as unknown as { content: { document: { name: string } }[] }[])[0].content.map(
    ({ document }) => document.name,
  );
  assert.deepEqual(names, ['plan v1', 'plan v1 (2)', '--']);
});

test('tokens are counted of the conversation alone', () => {
  const codec = createConverseTokenCount({ family: 'anthropic' });
  const request: ChatRequest = {
    operation: 'count-tokens',
    wire: 'anthropic-messages',
    model: CLAUDE,
    stream: false,
    messages: [say('user', 'hi')],
    parameters: { maxOutputTokens: 5 },
    wantsStreamUsage: false,
    rest: {},
  };
  const messages = [{ role: 'user', content: [{ text: 'hi' }] }];
  assert.deepEqual(codec.encodeRequest(request), { input: { converse: { messages } } });
  assert.deepEqual(codec.decodeResponse({ inputTokens: 7 }), { inputTokens: 7, isEstimated: false });
  assert.equal(codec.decodeResponse({ inputTokens: 'x' }), undefined);
});

test('families are read from ids, profiles and ARNs', () => {
  const ids = {
    'anthropic.claude-3-haiku-20240307-v1:0': 'anthropic',
    'eu.anthropic.claude-opus-4-6-v1': 'anthropic',
    'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0': 'anthropic',
    'amazon.nova-micro-v1:0': 'nova',
    'cohere.command-r-plus-v1:0': 'cohere',
    'eu.mistral.pixtral-large-2502-v1:0': 'mistral',
    'openai.gpt-oss-120b-1:0': 'openai',
    'us.meta.llama4-scout-17b-instruct-v1:0': 'other',
    'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123': 'other',
  };
  for (const [id, family] of Object.entries(ids)) assert.equal(familyOf(id), family, id);
});
