// Requests of the Responses API into the canonical shape.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import { decodeResponsesRequest } from './decode-request.ts';
import { writeThoughtToken } from './thought-token.ts';

const NO_ADDRESS = { model: undefined, stream: undefined };

function decoded(body: JsonObject): ChatRequest {
  const result = decodeResponsesRequest({ model: 'gpt-5', input: 'hi', ...body }, NO_ADDRESS);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function problemOf(body: JsonObject): string | undefined {
  const result = decodeResponsesRequest({ model: 'gpt-5', input: 'hi', ...body }, NO_ADDRESS);
  assert.ok(!result.ok, 'decoded');
  return result.param;
}

test('a text is what the user says, behind the instructions', () => {
  const { messages, model, stream, operation, wire, wantsStreamUsage } = decoded({ instructions: 'Be brief.' });
  assert.deepEqual(messages, [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', content: [{ type: 'text', text: 'hi' }] },
  ]);
  assert.deepEqual(
    { model, stream, operation, wire, wantsStreamUsage },
    { model: 'gpt-5', stream: false, operation: 'chat', wire: 'openai-responses', wantsStreamUsage: true },
  );
});

test('what the assistant thinks, says and calls is one message; results are one of the user', () => {
  const { messages, rest } = decoded({
    input: [
      { role: 'developer', content: 'Use tools.' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'weather?' }] },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'look it up' }],
        encrypted_content: writeThoughtToken({ kind: 'signature', value: 'sig' }),
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.', annotations: [] }] },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Bern"}' },
      { type: 'function_call', call_id: 'b', name: 'time', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'sunny' },
      { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'noon' }] },
      { role: 'user', content: 'thanks' },
    ],
  });
  assert.deepEqual(messages, [
    { role: 'system', content: [{ type: 'text', text: 'Use tools.' }] },
    { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'look it up', signature: 'sig', id: 'rs_1' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', id: 'a', name: 'weather', arguments: '{"city":"Bern"}' },
        { type: 'tool-call', id: 'b', name: 'time', arguments: '{}' },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          callId: 'a',
          name: 'weather',
          content: [{ type: 'text', text: 'sunny' }],
          isError: false,
        },
        { type: 'tool-result', callId: 'b', name: 'time', content: [{ type: 'text', text: 'noon' }], isError: false },
      ],
    },
    { role: 'user', content: [{ type: 'text', text: 'thanks' }] },
  ]);
  assert.deepEqual(rest, {});
});

test('thoughts keep what proves them, and what only OpenAI can read is named as left over', () => {
  const { messages, rest } = decoded({
    input: [
      {
        type: 'reasoning',
        id: 'r1',
        summary: [],
        encrypted_content: writeThoughtToken({ kind: 'redacted', value: 'x' }),
      },
      {
        type: 'reasoning',
        id: 'r2',
        summary: [],
        encrypted_content: writeThoughtToken({ kind: 'call-signature', value: 'g' }),
      },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'reasoning', id: 'r3', summary: [], encrypted_content: 'gAAAA' },
    ],
  });
  assert.deepEqual(messages, [
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: '', redacted: 'x', id: 'r1' },
        { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'g' },
      ],
    },
  ]);
  assert.deepEqual(rest, { 'input[3].encrypted_content': 'gAAAA' });
});

const MEDIA: readonly (readonly [title: string, part: JsonObject, expected: JsonObject])[] = [
  [
    'bytes of an image',
    { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  ],
  [
    'address of an image',
    { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'original' },
    { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' }, detail: 'high' },
  ],
  [
    'stored image',
    { type: 'input_image', file_id: 'file-1', detail: 'low' },
    { type: 'image', source: { kind: 'stored', id: 'file-1' }, detail: 'low' },
  ],
  [
    'bytes of a file',
    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBE', filename: 'a.pdf' },
    { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' }, name: 'a.pdf' },
  ],
  [
    'bare bytes of a text file',
    { type: 'input_file', file_data: 'aGk=', filename: 'a.txt' },
    { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'aGk=' }, name: 'a.txt' },
  ],
  [
    'address of a file',
    { type: 'input_file', file_url: 'https://x.test/a.pdf' },
    { type: 'file', source: { kind: 'url', url: 'https://x.test/a.pdf' } },
  ],
  ['stored file', { type: 'input_file', file_id: 'f' }, { type: 'file', source: { kind: 'stored', id: 'f' } }],
  [
    'audio',
    { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
    { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AA==' } },
  ],
  [
    'cache mark',
    { type: 'input_text', text: 'long', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
    { type: 'text', text: 'long', cache: { ttl: '1h' } },
  ],
];

for (const [title, part, expected] of MEDIA)
  test(`content: ${title}`, () => {
    const { messages } = decoded({ input: [{ role: 'user', content: [part] }] });
    assert.deepEqual(messages[0].content, [expected]);
  });

const WISHES: readonly (readonly [title: string, body: JsonObject, expected: object, rest?: JsonObject])[] = [
  ['nothing', {}, {}],
  ['nulls', { temperature: null, tools: null, text: null, reasoning: null, metadata: null, tool_choice: null }, {}],
  ['numbers', { max_output_tokens: 9, temperature: 0, top_p: 0.5 }, { maxOutputTokens: 9, temperature: 0, topP: 0.5 }],
  ['top_logprobs', { top_logprobs: 3 }, { logprobs: { top: 3 } }],
  ['logprobs by include', { include: ['message.output_text.logprobs'] }, { logprobs: { top: 0 } }],
  ['encrypted thoughts by include', { include: ['reasoning.encrypted_content'] }, {}],
  [
    'members of tools by include',
    { include: ['web_search_call.results'] },
    {},
    { include: ['web_search_call.results'] },
  ],
  ['store', { store: true }, { store: true }],
  ['no store', { store: false, background: false, truncation: 'disabled', service_tier: 'auto' }, {}],
  [
    'what is stored',
    { previous_response_id: 'resp_1', conversation: { id: 'c' }, background: true, truncation: 'auto' },
    { previousResponseId: 'resp_1', conversation: { id: 'c' }, background: true, truncation: 'auto' },
  ],
  ['who asks', { user: 'u', service_tier: 'flex' }, { user: 'u', serviceTier: 'flex' }],
  ['two names of who asks', { user: 'u', safety_identifier: 's' }, { user: 's' }, { user: 'u' }],
  ['metadata', { metadata: { a: 'b' }, prompt_cache_key: 'k' }, { metadata: { a: 'b' }, promptCacheKey: 'k' }],
  [
    'reasoning',
    { reasoning: { effort: 'high', generate_summary: 'auto', mode: 'pro' } },
    { reasoning: { effort: 'high', summary: 'auto' } },
    { 'reasoning.mode': 'pro' },
  ],
  [
    'JSON',
    { text: { format: { type: 'json_object' }, verbosity: 'low' } },
    { responseFormat: { kind: 'json' }, verbosity: 'low' },
  ],
  [
    'JSON schema',
    { text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } } },
    {
      responseFormat: {
        kind: 'json-schema',
        name: 'n',
        schema: { type: 'object' },
        strict: true,
        description: undefined,
      },
    },
  ],
  [
    'function tools',
    {
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false, defer_loading: true }],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: false,
    },
    {
      tools: [{ kind: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
      toolChoice: { kind: 'tool', name: 'f' },
      parallelToolCalls: false,
    },
    { 'tools[0].defer_loading': true },
  ],
  [
    'tools that OpenAI runs, and custom ones',
    { tools: [{ type: 'web_search' }, { type: 'custom', name: 'patch' }] },
    {
      tools: [
        { kind: 'provider', wire: 'openai-responses', raw: { type: 'web_search' } },
        { kind: 'provider', wire: 'openai-responses', raw: { type: 'custom', name: 'patch' } },
      ],
    },
  ],
  [
    'allowed tools',
    {
      tools: [
        { type: 'function', name: 'f' },
        { type: 'function', name: 'g' },
      ],
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'g' }] },
    },
    { tools: [{ kind: 'function', name: 'g' }], toolChoice: { kind: 'required' } },
  ],
  ['what nobody else has', { max_tool_calls: 3, new_member: 'x' }, {}, { max_tool_calls: 3, new_member: 'x' }],
];

for (const [title, body, expected, rest = {}] of WISHES)
  test(`wishes: ${title}`, () => {
    const request = decoded(body);
    assert.deepEqual(request.parameters, expected);
    assert.deepEqual(request.rest, rest);
  });

const REFUSED: readonly (readonly [param: string, body: JsonObject])[] = [
  ['model', { model: 7 }],
  ['input', { input: 5 }],
  ['input[0]', { input: ['text'] }],
  ['input[0]', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['input[0]', { input: [{ id: 'msg_1' }] }],
  ['input[0].type', { input: [{ type: 'computer_call', id: 'x' }] }],
  ['input[0].type', { input: [{ type: 'custom_tool_call', call_id: 'x' }] }],
  ['input[0].role', { input: [{ content: 'x' }] }],
  ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
  [
    'input[1].content',
    {
      input: [
        { role: 'user', content: 'x' },
        { role: 'user', content: null },
      ],
    },
  ],
  ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'video' }] }] }],
  [
    'input[0].content[0].type',
    { input: [{ role: 'system', content: [{ type: 'input_image', image_url: 'https://x.test/' }] }] },
  ],
  ['input[0].content[0]', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
  ['input[0].content[0]', { input: [{ role: 'user', content: [{ type: 'input_file' }] }] }],
  ['input[0].arguments', { input: [{ type: 'function_call', call_id: 'a', name: 'f', arguments: {} }] }],
  ['input[0].output', { input: [{ type: 'function_call_output', call_id: 'a' }] }],
  ['temperature', { temperature: 'hot' }],
  ['stream', { stream: 'yes' }],
  ['tools', { tools: {} }],
  ['tools[0].name', { tools: [{ type: 'function' }] }],
  ['tool_choice', { tool_choice: 'some' }],
  ['tool_choice', { tool_choice: { type: 'web_search' } }],
  ['tool_choice.tools', { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } }],
  ['text.format.type', { text: { format: { type: 'xml' } } }],
  ['text.format.schema', { text: { format: { type: 'json_schema', name: 'n' } } }],
  ['reasoning.effort', { reasoning: { effort: 'huge' } }],
  ['metadata.a', { metadata: { a: 1 } }],
  ['prompt', { prompt: { id: 'pmpt_1' } }],
];

for (const [param, body] of REFUSED)
  test(`located: ${JSON.stringify(body)}`, () => {
    assert.equal(problemOf(body), param);
  });

test('the request as written is repeated in answers, without its input', () => {
  const { echoed } = decoded({ temperature: 0.2, tools: [{ type: 'web_search' }], metadata: { a: 'b' }, stream: true });
  assert.deepEqual(echoed, { temperature: 0.2, tools: [{ type: 'web_search' }], metadata: { a: 'b' } });
});

test('no JSON at all makes it throw', () => {
  const members = [
    'input',
    'tools',
    'tool_choice',
    'text',
    'reasoning',
    'include',
    'metadata',
    'instructions',
    'stream',
  ];
  const item = fc.record(
    {
      type: fc.constantFrom('message', 'function_call', 'function_call_output', 'reasoning', 'function', 7, null),
      role: fc.constantFrom('user', 'assistant', 'system', null, {}),
      content: fc.oneof(fc.jsonValue(), fc.array(fc.record({ type: fc.constantFrom('input_text', 'input_image', 1) }))),
      summary: fc.jsonValue(),
      output: fc.jsonValue(),
      call_id: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const value = fc.oneof(fc.jsonValue(), fc.array(item));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...members), value), (body) => {
      const result = decodeResponsesRequest(body as JsonObject, NO_ADDRESS);
      assert.equal(typeof result.ok, 'boolean');
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('a megabyte of text passes whole', () => {
  const text = 'x'.repeat(1 << 20);
  assert.deepEqual(decoded({ input: text }).messages[0].content, [{ type: 'text', text }]);
});
