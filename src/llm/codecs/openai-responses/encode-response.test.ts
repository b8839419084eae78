// Answers for clients of the Responses API, read back by the official SDK.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import type { ReplyFrame } from '../../codec.ts';
import type { JsonObject } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ChatRequest } from '../../request.ts';
import type { ChatResponse, FinishReason } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { decodeResponsesRequest } from './decode-request.ts';
import { encodeResponsesAnswer } from './encode-response.ts';

const BODY = { model: 'fast', input: 'hi', instructions: 'Be brief.', temperature: 0.5, max_output_tokens: 8 };

function requestOf(body: JsonObject): ChatRequest {
  const result = decodeResponsesRequest(body, { model: undefined, stream: undefined });
  assert.ok(result.ok);
  return result.value;
}

const FRAME: ReplyFrame = { id: 'x1', model: 'fast', createdSeconds: 1_700_000_000, request: requestOf(BODY) };

function answer(content: readonly AssistantPart[], reason: FinishReason = 'stop'): ChatResponse {
  return {
    id: 'msg_up',
    model: 'claude',
    createdSeconds: undefined,
    choices: [{ index: 0, content, finish: { reason } }],
    usage: createUsage({ input: 10, output: 5, cachedInput: 4, cacheWrite: 2, reasoning: 3 }),
  };
}

test('everything that the type of the SDK requires is there, and the request is repeated', () => {
  const response = encodeResponsesAnswer(answer([{ type: 'text', text: 'Hello' }]), FRAME);
  const expected: Omit<OpenAI.Responses.Response, 'output_text'> & { readonly store: boolean } = {
    id: 'msg_up',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    background: false,
    access_programs: null,
    error: null,
    incomplete_details: null,
    model: 'claude',
    output: [
      {
        id: 'msg_x1_0',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }],
      },
    ],
    instructions: 'Be brief.',
    max_output_tokens: 8,
    max_tool_calls: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: null,
    temperature: 0.5,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    store: false,
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 15,
    },
  };
  assert.deepEqual(response, expected);
});

test('the SDK reads its text and calls', async () => {
  const content: readonly AssistantPart[] = [
    { type: 'reasoning', text: 'hm', signature: 'sig' },
    { type: 'text', text: 'One' },
    { type: 'text', text: ' two' },
    { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{"a":1}' },
  ];
  const body = JSON.stringify(encodeResponsesAnswer(answer(content, 'tool-calls'), FRAME));
  const fetch = () => Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } }));
  const client = new OpenAI({ apiKey: 'k', fetch });
  const response = await client.responses.create(BODY);
  assert.equal(response.output_text, 'One two');
  assert.deepEqual(
    response.output.map(({ type }) => type),
    ['reasoning', 'message', 'function_call'],
  );
});

function outputOf(content: readonly AssistantPart[], reason?: FinishReason): unknown {
  return encodeResponsesAnswer(answer(content, reason), FRAME).output;
}

test('items carry what proves thoughts and calls', () => {
  const output = outputOf([
    { type: 'reasoning', text: 'hm', signature: 'sig' },
    { type: 'reasoning', text: '', redacted: 'dark' },
    { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', signature: 'g' },
  ]);
  const status = 'completed';
  assert.deepEqual(output, [
    {
      id: 'rs_x1_0',
      type: 'reasoning',
      status,
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'sy-signature:sig',
    },
    { id: 'rs_x1_1', type: 'reasoning', status, summary: [], encrypted_content: 'sy-redacted:dark' },
    { id: 'rs_x1_2', type: 'reasoning', status, summary: [], encrypted_content: 'sy-call:g' },
    { id: 'fc_x1_3', type: 'function_call', status, arguments: '{}', call_id: 'c', name: 'f' },
  ]);
});

test('what was said comes back as it was, when the client sends the items again', () => {
  const content: readonly AssistantPart[] = [
    { type: 'reasoning', text: 'hm', signature: 'sig', id: 'rs_x1_0' },
    { type: 'text', text: 'Looking' },
    { type: 'refusal', text: 'but no' },
    { type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":', signature: 'g' },
  ];
  const { output } = encodeResponsesAnswer(answer(content), FRAME);
  const { messages, rest } = requestOf({ model: 'fast', input: output });
  assert.deepEqual(messages, [{ role: 'assistant', content }]);
  assert.deepEqual(rest, {});
});

test('citations of OpenAI become annotations, images items of their own', () => {
  const nested = {
    type: 'url_citation',
    url_citation: { url: 'https://x.test', title: 'X', start_index: 0, end_index: 1 },
  };
  const flat = { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 0, end_index: 1 };
  const output = outputOf([
    { type: 'text', text: 'a', citations: [nested, flat, { type: 'page_location' }] },
    { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA' } },
  ]);
  assert.deepEqual(output, [
    {
      id: 'msg_x1_0',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'a', annotations: [flat, flat], logprobs: [] }],
    },
    { id: 'ig_x1_1', type: 'image_generation_call', status: 'completed', result: 'AA' },
  ]);
});

const ENDS: readonly (readonly [FinishReason, string, string | undefined])[] = [
  ['stop', 'completed', undefined],
  ['stop-sequence', 'completed', undefined],
  ['tool-calls', 'completed', undefined],
  ['pause', 'completed', undefined],
  ['other', 'completed', undefined],
  ['length', 'incomplete', 'max_output_tokens'],
  ['context-window', 'incomplete', 'max_output_tokens'],
  ['content-filter', 'incomplete', 'content_filter'],
  ['refusal', 'incomplete', 'content_filter'],
  ['error', 'failed', undefined],
];

for (const [reason, status, why] of ENDS)
  test(`finish ${reason} is ${status}`, () => {
    const response = encodeResponsesAnswer(answer([{ type: 'text', text: 'a' }], reason), FRAME);
    assert.equal(response.status, status);
    assert.deepEqual(response.incomplete_details, why === undefined ? null : { reason: why });
    assert.equal(response.error === null, status !== 'failed');
    const [item] = response.output as readonly JsonObject[];
    assert.equal(item.status, status === 'completed' ? 'completed' : 'incomplete');
  });

test('a refusal in words is a whole answer', () => {
  const response = encodeResponsesAnswer(answer([{ type: 'refusal', text: 'No.' }], 'refusal'), FRAME);
  assert.equal(response.status, 'completed');
});

test('without id, model and usage of the provider', () => {
  const bare = { ...answer([]), id: undefined, model: undefined, usage: undefined, serviceTier: 'flex' };
  const { id, model, usage, output, service_tier } = encodeResponsesAnswer(bare, FRAME);
  assert.deepEqual([id, model, usage, output, service_tier], ['resp_x1', 'fast', null, [], 'flex']);
});
