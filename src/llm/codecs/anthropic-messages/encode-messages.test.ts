// The conversation in the API's form: turns that alternate, results first, marks bounded, ids it accepts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../json-value.ts';
import type { CacheMark, Message } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import { MAX_CACHE_MARKS, withFewMarks } from './cache-marks.ts';
import { decodeRequest } from './decode-request.ts';
import { toolInput } from './encode-content.ts';
import { encodeConversation } from './encode-messages.ts';
import { anthropicMessagesTarget } from './target.ts';
import { toolUseId } from './tool-ids.ts';

const text = (value: string) => ({ type: 'text', text: value }) as const;
const result = (callId: string) => ({ type: 'tool-result', callId, name: 'f', content: [], isError: false }) as const;

test('adjacent messages of one role become one turn, with results in front', () => {
  const messages: readonly Message[] = [
    { role: 'user', content: [text('a')] },
    { role: 'user', content: [text('b')] },
    {
      role: 'assistant',
      content: [
        { type: 'tool-call', id: '1', name: 'f', arguments: '{}' },
        { type: 'tool-call', id: '2', name: 'f', arguments: '' },
      ],
    },
    { role: 'assistant', content: [text('')] },
    { role: 'user', content: [result('1')] },
    { role: 'user', content: [text('meanwhile')] },
    { role: 'user', content: [result('2')] },
    { role: 'assistant', content: [] },
  ];
  assert.deepEqual(encodeConversation(messages).messages, [
    { role: 'user', content: [text('a'), text('b')] },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: '1', name: 'f', input: {} },
        { type: 'tool_use', id: '2', name: 'f', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: '1' },
        { type: 'tool_result', tool_use_id: '2' },
        text('meanwhile'),
      ],
    },
  ]);
});

test('system texts alone are asked as the user', () => {
  const system = (value: string): Message => ({ role: 'system', content: [text(value)] });
  assert.deepEqual(encodeConversation([system('a'), system('b')]), {
    system: 'a',
    messages: [{ role: 'user', content: 'b' }],
  });
});

test('the last four marks stay, in the order tools, system, turns', () => {
  const cache: CacheMark = { ttl: '5m' };
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'openai-chat',
    model: 'claude-sonnet-4-5',
    stream: false,
    messages: [
      { role: 'user', content: [{ ...text('u1'), cache }] },
      { role: 'system', content: [{ ...text('s'), cache }] },
      { role: 'user', content: [{ ...result('1'), content: [{ ...text('inner'), cache }], cache }] },
      { role: 'user', content: [{ ...text('u2'), cache }] },
    ],
    parameters: {
      tools: [
        { kind: 'function', name: 'f', cache },
        { kind: 'provider', wire: 'anthropic-messages', raw: { type: 'x', cache_control: { type: 'ephemeral' } } },
      ],
    },
    wantsStreamUsage: true,
    rest: {},
  };
  const target = anthropicMessagesTarget(request.model);
  const settled = target.settle?.(request);
  assert.ok(settled?.kind === 'fits');
  assert.deepEqual(settled.dropped, ['cacheMark']);
  const body = target.encodeRequest(settled.request);
  assert.equal(JSON.stringify(body).match(/cache_control/g)?.length, MAX_CACHE_MARKS);
  assert.ok(!JSON.stringify([body.tools, body.system]).includes('cache_control'));
  const few = { ...request, messages: request.messages.slice(0, 1) };
  assert.equal(withFewMarks(few), undefined);
});

test('ids of calls are what the API accepts, and stay told apart', () => {
  for (const id of ['call_1', 'toolu-2', 'A_b-3']) assert.equal(toolUseId(id), id);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.match(toolUseId(a), /^[a-zA-Z0-9_-]+$/);
      const needIt = [a, b].every((id) => toolUseId(id) !== id);
      if (needIt && a !== b) assert.notEqual(toolUseId(a), toolUseId(b));
      assert.equal(toolUseId(a), toolUseId(a));
    }),
    { seed: 3 },
  );
});

test('arguments that are no object stay readable in one', () => {
  assert.deepEqual(toolInput('{"a":[1]}'), { a: [1] });
  assert.deepEqual(toolInput(' '), {});
  assert.deepEqual(toolInput('[1]'), { arguments: '[1]' });
  assert.deepEqual(toolInput('{"a":'), { arguments: '{"a":' });
});

const KEY = fc.stringMatching(/^[a-z]{1,6}$/);
const INPUT = fc.dictionary(KEY, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 3 });
const WORDS = fc.stringMatching(/^[a-zé"\\\n]{0,12}[a-z]$/);
const MARK = fc.constantFrom(
  {},
  { cache_control: { type: 'ephemeral' } },
  { cache_control: { type: 'ephemeral', ttl: '1h' } },
);
const TEXT_BLOCK = fc.tuple(WORDS, MARK).map(([value, mark]) => ({ type: 'text', text: value, ...mark }));
const IMAGE_BLOCK = fc.constantFrom(
  { type: 'image', source: { type: 'url', url: 'https://h/x.png' } },
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
  { type: 'image', source: { type: 'file', file_id: 'file_1' } },
  { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'w' }, title: 't' },
  { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' } },
);
const USER_TURN = fc.array(fc.oneof(TEXT_BLOCK, IMAGE_BLOCK), { minLength: 2, maxLength: 4 });
const OWN_TURN = fc
  .tuple(WORDS, WORDS, INPUT, TEXT_BLOCK)
  .map(([thought, signature, input, said]) => [
    { type: 'thinking', thinking: thought, signature },
    { type: 'redacted_thinking', data: 'secret' },
    said,
    { type: 'tool_use', id: 'toolu_1', name: 'f', input },
  ]);
const RESULTS = fc.tuple(TEXT_BLOCK, IMAGE_BLOCK, fc.boolean()).map(([said, image, isError]) => [
  { type: 'tool_result', tool_use_id: 'toolu_1', content: [said, image], ...(isError ? { is_error: true } : {}) },
  { type: 'text', text: 'and' },
]);

test('what a client of this wire writes comes back the same when it is encoded again', () => {
  const body = fc.record(
    {
      model: fc.constant('claude-3-7-sonnet-20250219'),
      max_tokens: fc.integer({ min: 5000, max: 9000 }),
      system: fc.array(TEXT_BLOCK, { minLength: 2, maxLength: 3 }),
      messages: fc
        .tuple(USER_TURN, OWN_TURN, RESULTS)
        .map((turns) => turns.map((content, i) => ({ role: i === 1 ? 'assistant' : 'user', content }))),
      temperature: fc.constantFrom(0, 0.5, 1),
      top_p: fc.constantFrom(0.2, 1),
      top_k: fc.integer({ min: 1, max: 50 }),
      stop_sequences: fc.array(WORDS, { minLength: 1, maxLength: 3 }),
      stream: fc.constant(true),
      metadata: fc.constant({ user_id: 'u' }),
      service_tier: fc.constantFrom('auto', 'standard_only'),
      tools: fc.constant([
        { name: 'f', description: 'd', input_schema: { type: 'object', properties: { a: { type: 'string' } } } },
        { type: 'web_search_20250305', name: 'web_search' },
      ]),
      tool_choice: fc.constantFrom({ type: 'auto', disable_parallel_tool_use: true }, { type: 'none' }),
      container: fc.constant('c'),
    },
    { requiredKeys: ['model', 'max_tokens', 'messages', 'tools'] },
  );
  fc.assert(
    fc.property(body, (generated) => {
      const written = JSON.parse(JSON.stringify(generated)) as JsonObject & { readonly model: string };
      const decoded = decodeRequest(written);
      assert.ok(decoded.ok);
      assert.deepEqual(anthropicMessagesTarget(written.model).encodeRequest(decoded.value), written);
    }),
    { seed: 5, numRuns: 200 },
  );
});
