// What a client of the messages API can write, in the canonical shape; and what it writes wrongly, named by its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { decodeConversation, decodeRequest } from './decode-request.ts';

const BASE = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };

function decoded(body: JsonObject): ChatRequest {
  const outcome = decodeRequest({ ...BASE, ...body });
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.message);
  return outcome.value;
}

function content(role: 'user' | 'assistant', blocks: JsonValue) {
  const other = { role: role === 'user' ? 'assistant' : 'user', content: 'x' };
  return decoded({ messages: [other, { role, content: blocks }] }).messages[1].content;
}

test('a plain request', () => {
  assert.deepEqual(decoded({ stream: true, system: 'be brief' }), {
    operation: 'chat',
    wire: 'anthropic-messages',
    model: 'claude-sonnet-4-5',
    stream: true,
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ],
    parameters: { maxOutputTokens: 100 },
    wantsStreamUsage: true,
    rest: {},
  });
});

test('system blocks keep their marks', () => {
  const system = [
    { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ];
  assert.deepEqual(decoded({ system }).messages[0].content, [
    { type: 'text', text: 'a', cache: { ttl: undefined } },
    { type: 'text', text: 'b', cache: { ttl: '1h' } },
  ]);
});

test('every kind of image and document', () => {
  const blocks = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
    { type: 'image', source: { type: 'url', url: 'https://h/a.png' } },
    { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' }, title: 'T' },
    { type: 'document', source: { type: 'url', url: 'https://h/a.pdf' } },
    { type: 'document', source: { type: 'file', file_id: 'file_2' } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'c' }] } },
    { type: 'search_result', title: 'S', source: 'https://h', content: [{ type: 'text', text: 'found' }] },
  ];
  assert.deepEqual(content('user', blocks), [
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } },
    { type: 'image', source: { kind: 'url', url: 'https://h/a.png' } },
    { type: 'image', source: { kind: 'stored', id: 'file_1' } },
    { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' }, name: 'T' },
    { type: 'file', source: { kind: 'url', url: 'https://h/a.pdf' } },
    { type: 'file', source: { kind: 'stored', id: 'file_2' } },
    { type: 'file', source: { kind: 'text', text: 'words' } },
    { type: 'file', source: { kind: 'text', text: 'c' } },
    { type: 'file', source: { kind: 'text', text: 'Source: https://h\n\nfound' }, name: 'S' },
  ]);
});

test('thoughts, calls and text of the assistant', () => {
  const blocks = [
    { type: 'thinking', thinking: 'hm', signature: 'sig' },
    { type: 'thinking', thinking: 'unsigned', signature: '' },
    { type: 'redacted_thinking', data: 'secret' },
    { type: 'text', text: 't', citations: [{ type: 'char_location' }] },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 }, cache_control: { type: 'ephemeral', ttl: '5m' } },
  ];
  assert.deepEqual(content('assistant', blocks), [
    { type: 'reasoning', text: 'hm', signature: 'sig' },
    { type: 'reasoning', text: 'unsigned' },
    { type: 'reasoning', text: '', redacted: 'secret' },
    { type: 'text', text: 't', citations: [{ type: 'char_location' }] },
    { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":1}', cache: { ttl: '5m' } },
  ]);
});

test('tool results come first, know their tool, and hold text, images and failures', () => {
  const { messages } = decoded({
    messages: [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'here' },
          { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
          {
            type: 'tool_result',
            tool_use_id: 'b',
            is_error: true,
            content: [{ type: 'image', source: { type: 'url', url: 'https://h/x' } }],
          },
          { type: 'tool_result', tool_use_id: 'a' },
        ],
      },
    ],
  });
  const image = { type: 'image', source: { kind: 'url', url: 'https://h/x' } };
  assert.deepEqual(messages[2].content, [
    { type: 'tool-result', callId: 'a', name: 'look', content: [{ type: 'text', text: 'ok' }], isError: false },
    { type: 'tool-result', callId: 'b', name: undefined, content: [image], isError: true },
    { type: 'tool-result', callId: 'a', name: 'look', content: [], isError: false },
    { type: 'text', text: 'here' },
  ]);
});

test('every wish beside the conversation', () => {
  const schema = { type: 'object', properties: {} };
  const web = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 };
  const { parameters } = decoded({
    temperature: 0.5,
    top_p: 0.9,
    top_k: 5,
    stop_sequences: ['END'],
    metadata: { user_id: 'u' },
    service_tier: 'standard_only',
    tools: [{ name: 'f', description: 'd', input_schema: schema, strict: true }, web],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
    output_config: { effort: 'low', format: { type: 'json_schema', schema } },
  });
  assert.deepEqual(parameters, {
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    topK: 5,
    stop: ['END'],
    user: 'u',
    serviceTier: 'standard_only',
    tools: [
      { kind: 'function', name: 'f', description: 'd', parameters: schema, strict: true },
      { kind: 'provider', wire: 'anthropic-messages', raw: web },
    ],
    toolChoice: { kind: 'required' },
    parallelToolCalls: false,
    reasoning: { budgetTokens: 2000, summary: 'none', effort: 'low' },
    responseFormat: { kind: 'json-schema', name: 'answer', schema, strict: true, description: undefined },
  });
});

test('kinds of thinking and of tool choice', () => {
  for (const [thinking, reasoning] of [
    [{ type: 'disabled' }, { effort: 'none' }],
    [{ type: 'adaptive' }, { isAdaptive: true }],
    [
      { type: 'adaptive', display: 'summarized' },
      { isAdaptive: true, summary: 'auto' },
    ],
    [{ type: 'enabled', budget_tokens: 1024 }, { budgetTokens: 1024 }],
  ] as const)
    assert.deepEqual(decoded({ thinking }).parameters.reasoning, reasoning);
  for (const [choice, toolChoice] of [
    [{ type: 'auto' }, { kind: 'auto' }],
    [{ type: 'none' }, { kind: 'none' }],
    [
      { type: 'tool', name: 'f' },
      { kind: 'tool', name: 'f' },
    ],
  ] as const)
    assert.deepEqual(decoded({ tool_choice: choice }).parameters.toolChoice, toolChoice);
  const format = { type: 'json_schema', schema: { type: 'object' } };
  assert.equal(decoded({ output_format: format }).parameters.responseFormat?.kind, 'json-schema');
});

test('what no field stands for is the rest, wherever it stood', () => {
  const { rest } = decoded({
    container: 'c',
    mcp_servers: [],
    metadata: { user_id: 'u', other: 1 },
    output_config: { task_budget: 5 },
    thinking: { type: 'between_tools' },
    tools: [{ name: 'f', input_schema: { type: 'object' }, defer_loading: true }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'document', source: { type: 'text', data: 'x' }, citations: { enabled: true }, context: 'k' },
        ],
      },
    ],
  });
  assert.deepEqual(Object.keys(rest).sort(), [
    'container',
    'mcp_servers',
    'messages[].content[].citations',
    'messages[].content[].context',
    'metadata.other',
    'output_config.task_budget',
    'thinking.type',
    'tools[].defer_loading',
  ]);
});

test('what is wrong is named by its place', () => {
  const user = (block: JsonValue) => ({ messages: [{ role: 'user', content: [block] }] });
  for (const [body, param] of [
    [{ model: 5 }, 'model'],
    [{ model: undefined }, 'model'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: ['x'] }, 'messages[0]'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [user(null), 'messages[0].content[0]'],
    [user({ type: 'text' }), 'messages[0].content[0].text'],
    [user({ type: 'image' }), 'messages[0].content[0].source'],
    [user({ type: 'image', source: { type: 'magic' } }), 'messages[0].content[0].source.type'],
    [user({ type: 'container_upload', file_id: 'f' }), 'messages[0].content[0].type'],
    [user({ type: 'text', text: 'x', cache_control: { ttl: '2h' } }), 'messages[0].content[0].cache_control.ttl'],
    [{ messages: [{ role: 'assistant', content: [{ type: 'server_tool_use' }] }] }, 'messages[0].content[0].type'],
    [{ system: 5 }, 'system'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [{ tool_choice: { type: 'perhaps' } }, 'tool_choice.type'],
    [{ thinking: { type: 'enabled' } }, 'thinking.budget_tokens'],
    [{ thinking: { type: 'deep' } }, 'thinking.type'],
    [{ output_config: { effort: 'huge' } }, 'output_config.effort'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format'],
    [{ stop_sequences: 'END' }, 'stop_sequences'],
  ] as const) {
    const outcome = decodeRequest({ ...BASE, ...body });
    assert.ok(!outcome.ok, JSON.stringify(body));
    assert.equal(outcome.param, param);
    assert.ok(outcome.message.includes(param.split('.')[0]), outcome.message);
  }
});

test('a count of tokens needs no limit', () => {
  const { max_tokens: _, ...body } = BASE;
  const outcome = decodeConversation(body, 'count-tokens');
  assert.ok(outcome.ok);
  assert.equal(outcome.value.operation, 'count-tokens');
});

test('whatever JSON comes, decoding never throws', () => {
  const json = fc.jsonValue({ maxDepth: 2 });
  const block = fc.dictionary(fc.constantFrom('type', 'text', 'source', 'content', 'id', 'input'), json, {
    maxKeys: 3,
  });
  const role = fc.constantFrom('user', 'assistant', 'system');
  const content = fc.oneof(fc.array(block, { maxLength: 2 }), json);
  const messages = fc.array(fc.record({ role, content }), { maxLength: 2 });
  const keys = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'metadata'];
  const body = fc.dictionary(fc.constantFrom(...keys), fc.oneof(json, messages), { maxKeys: 3 });
  fc.assert(
    fc.property(body, (value) => {
      const outcome = decodeRequest({ ...BASE, ...value } as JsonObject);
      if (!outcome.ok) assert.ok(outcome.message.length > 0);
    }),
    { seed: 11, numRuns: 200 },
  );
  let deep: JsonValue = 'x';
  for (let i = 0; i < 2000; i++) deep = [deep];
  assert.equal(decodeRequest({ ...BASE, system: deep }).ok, false);
  assert.equal(decodeRequest({ ...BASE, system: 'x'.repeat(1_000_000) }).ok, true);
});
