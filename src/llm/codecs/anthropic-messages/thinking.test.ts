// What generations of models are told of thinking, sampling, formats and prefills; and what is named as lost instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { ModelLimits } from '../../catalog/catalog-data.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { JSON_ANSWER_TOOL } from './json-answer.ts';
import { ALL_TRAITS, traitsOf } from './model-traits.ts';
import { anthropicMessagesTarget } from './target.ts';

const BASE: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: '',
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  parameters: {},
  wantsStreamUsage: true,
  rest: {},
};

function sent(model: string, parameters: ChatParameters, request: Partial<ChatRequest> = {}) {
  const target = anthropicMessagesTarget(model);
  const outcome = applyParameterTable({ ...BASE, model, parameters, ...request }, target, 'lenient');
  assert.equal(outcome.kind, 'fits');
  return outcome.kind === 'fits'
    ? { dropped: outcome.dropped, body: target.encodeRequest(outcome.request) }
    : assert.fail();
}

test('generations are told by the name, in every spelling', () => {
  for (const [model, thinking, takesSampling, takesPrefill, hasStructuredOutput] of [
    ['claude-3-opus-20240229', 'none', true, true, false],
    ['claude-3-5-sonnet-20241022', 'none', true, true, false],
    ['claude-3-7-sonnet@20250219', 'budget', true, true, false],
    ['claude-sonnet-4-20250514', 'budget', true, true, false],
    ['claude-opus-4-1-20250805', 'budget', true, true, false],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'budget', true, true, true],
    ['claude-opus-4-6', 'both', true, false, true],
    ['anthropic/claude-opus-4.7', 'adaptive', false, false, true],
    ['claude-haiku-5-5', 'adaptive', false, false, true],
    ['claude-fable-5-1', 'adaptive', false, false, true],
    ['claude-mythos-preview', 'adaptive', false, false, true],
    ['claude-next', 'adaptive', false, false, true],
    ['kimi-k2', 'budget', true, true, false],
  ] as const) {
    const traits = traitsOf(model);
    assert.equal(traits.thinking, thinking, model);
    assert.equal(traits.takesSampling, takesSampling, model);
    assert.equal(traits.takesPrefill, takesPrefill, model);
    assert.equal(traits.hasStructuredOutput, hasStructuredOutput, model);
    assert.ok(ALL_TRAITS.includes(traits), model);
  }
  assert.equal(traitsOf('claude-fable-5').thinksUnasked, 'always');
  assert.equal(traitsOf('claude-sonnet-5').thinksUnasked, 'yes');
  assert.equal(traitsOf('claude-opus-4-8').thinksUnasked, 'no');
});

test('efforts are budgets for models that take a number, and stay below the limit', () => {
  for (const [reasoning, maxOutputTokens, budget] of [
    [{ effort: 'minimal' }, undefined, 1024],
    [{ effort: 'low' }, undefined, 2048],
    [{ effort: 'medium' }, undefined, 8192],
    [{ effort: 'high' }, undefined, 16_384],
    [{ effort: 'xhigh' }, undefined, 24_576],
    [{ effort: 'max' }, undefined, 25_600],
    [{ isAdaptive: true }, undefined, 8192],
    [{ effort: 'high' }, 10_000, 8000],
    [{ budgetTokens: 5000 }, 6000, 5000],
    [{ budgetTokens: 5000 }, 3000, 2999],
    [{ budgetTokens: 10 }, 3000, 1024],
    [{ budgetTokens: 100_000 }, undefined, 100_000],
  ] as const) {
    const { body, dropped } = sent('claude-sonnet-4-5', { reasoning, ...(maxOutputTokens && { maxOutputTokens }) });
    assert.deepEqual(dropped, []);
    assert.deepEqual(body.thinking, { type: 'enabled', budget_tokens: budget }, JSON.stringify(reasoning));
    assert.ok((body.max_tokens as number) > budget);
    if (maxOutputTokens !== undefined) assert.equal(body.max_tokens, maxOutputTokens);
  }
});

test('later models get an effort', () => {
  for (const [model, reasoning, thinking, config] of [
    ['claude-opus-5', { effort: 'high' }, { type: 'adaptive' }, { effort: 'high' }],
    ['claude-opus-5', { effort: 'minimal' }, { type: 'adaptive' }, { effort: 'low' }],
    ['claude-opus-4-7', { effort: 'xhigh' }, { type: 'adaptive' }, { effort: 'xhigh' }],
    ['claude-opus-4-6', { effort: 'xhigh' }, { type: 'adaptive' }, { effort: 'high' }],
    ['claude-opus-4-6', { budgetTokens: 4000 }, { type: 'enabled', budget_tokens: 4000 }, undefined],
    ['claude-opus-5', { budgetTokens: 4000 }, { type: 'adaptive' }, { effort: 'medium' }],
    ['claude-opus-5', { isAdaptive: true, summary: 'auto' }, { type: 'adaptive', display: 'summarized' }, undefined],
    ['claude-opus-5', { isAdaptive: true, summary: 'none' }, { type: 'adaptive', display: 'omitted' }, undefined],
    ['claude-opus-5', { effort: 'none' }, { type: 'disabled' }, undefined],
    ['claude-opus-4-8', { effort: 'none' }, undefined, undefined],
  ] as const) {
    const { body, dropped } = sent(model, { reasoning });
    assert.deepEqual(dropped, [], model);
    assert.deepEqual([body.thinking, body.output_config], [thinking, config], `${model} ${JSON.stringify(reasoning)}`);
  }
});

test('thinking that cannot be had is named', () => {
  const tool = { kind: 'function', name: 'f' } as const;
  for (const [model, parameters] of [
    ['claude-3-haiku-20240307', { reasoning: { effort: 'high' } }],
    ['claude-sonnet-4-5', { reasoning: { effort: 'high' }, maxOutputTokens: 1000 }],
    ['claude-sonnet-4-5', { reasoning: { budgetTokens: 5000 }, maxOutputTokens: 1024 }],
    ['claude-sonnet-4-5', { reasoning: { effort: 'high' }, tools: [tool], toolChoice: { kind: 'required' } }],
    ['claude-sonnet-4-5', { reasoning: { effort: 'high' }, responseFormat: { kind: 'json' } }],
    ['claude-fable-5', { reasoning: { effort: 'none' } }],
  ] as const) {
    const { body, dropped } = sent(model, parameters);
    assert.deepEqual(dropped, ['reasoning'], `${model} ${JSON.stringify(parameters)}`);
    assert.equal(body.thinking, undefined);
  }
  const calls: ChatRequest['messages'] = [
    ...BASE.messages,
    { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '' }] },
    { role: 'user', content: [{ type: 'tool-result', callId: 'a', name: 'f', content: [], isError: false }] },
  ];
  const wish = { reasoning: { effort: 'low' } } as const;
  assert.deepEqual(sent('claude-sonnet-4-5', wish, { messages: calls }).dropped, ['reasoning']);
  assert.deepEqual(sent('claude-opus-5', wish, { messages: calls }).dropped, []);
});

test('sampling beside thinking, beside each other, and where models refuse it', () => {
  const all = { temperature: 0.5, topP: 0.9, topK: 3 };
  assert.deepEqual(sent('claude-3-opus-20240229', all).dropped, []);
  assert.deepEqual(sent('claude-sonnet-4-5', all).dropped, ['topP']);
  assert.deepEqual(sent('claude-opus-4-7', all).dropped, ['temperature', 'topP', 'topK']);
  const thinking = { reasoning: { effort: 'low' } } as const;
  assert.deepEqual(sent('claude-sonnet-4-5', { ...all, ...thinking }).dropped, ['temperature', 'topK', 'topP']);
  const kept = sent('claude-sonnet-4-20250514', { temperature: 1, topP: 0.97, ...thinking });
  assert.deepEqual(kept.dropped, []);
  assert.deepEqual([kept.body.temperature, kept.body.top_p], [1, 0.97]);
});

test('a begun answer is refused for models that do not go on with it', () => {
  const messages: ChatRequest['messages'] = [
    ...BASE.messages,
    { role: 'assistant', content: [{ type: 'text', text: '{' }] },
  ];
  const target = anthropicMessagesTarget('claude-opus-4-6');
  const outcome = applyParameterTable({ ...BASE, model: 'claude-opus-4-6', messages }, target, 'lenient');
  assert.deepEqual(outcome, { kind: 'refused', field: 'assistantPrefill' });
});

const SCHEMA: JsonObject = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } } };

function schemaWish(schema: JsonObject): ChatParameters {
  return { responseFormat: { kind: 'json-schema', name: 'n', schema, strict: undefined, description: 'of things' } };
}

test('a schema is enforced by the API where it can be', () => {
  const { body } = sent('claude-sonnet-4-5', schemaWish(SCHEMA));
  assert.deepEqual(body.output_config, {
    format: {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { a: { type: 'integer', description: 'Must keep to: minimum 1.' } },
        additionalProperties: false,
      },
    },
  });
  assert.equal(body.tools, undefined);
});

test('a format that the API does not enforce is the input of a tool that must be called', () => {
  const open = { type: 'object', additionalProperties: { type: 'string' } };
  for (const [model, parameters, schema] of [
    ['claude-3-7-sonnet-20250219', schemaWish(SCHEMA), SCHEMA],
    ['claude-sonnet-4-5', schemaWish(open), open],
    ['claude-sonnet-4-5', { responseFormat: { kind: 'json' } }, { additionalProperties: true, type: 'object' }],
  ] as const) {
    const { body, dropped } = sent(model, parameters);
    assert.deepEqual(dropped, []);
    const [tool] = body.tools as readonly JsonObject[];
    assert.equal(tool.name, JSON_ANSWER_TOOL);
    assert.deepEqual(tool.input_schema, schema);
    assert.deepEqual(body.tool_choice, { type: 'tool', name: JSON_ANSWER_TOOL, disable_parallel_tool_use: true });
  }
});

test('beside tools of the client the model has the choice between them and the answer', () => {
  const parameters = { responseFormat: { kind: 'json' }, tools: [{ kind: 'function', name: 'f' }] } as const;
  const { body } = sent('claude-sonnet-4-5', parameters);
  assert.deepEqual(
    (body.tools as readonly JsonObject[]).map(({ name }) => name),
    ['f', JSON_ANSWER_TOOL],
  );
  assert.deepEqual(body.tool_choice, { type: 'any' });
  const forced = sent('claude-sonnet-4-5', { ...parameters, toolChoice: { kind: 'tool', name: 'f' } });
  assert.deepEqual(forced.body.tool_choice, { type: 'tool', name: 'f' });
  const none = sent('claude-sonnet-4-5', { ...parameters, toolChoice: { kind: 'none' } });
  assert.deepEqual(none.body.tool_choice, { type: 'tool', name: JSON_ANSWER_TOOL, disable_parallel_tool_use: true });
});

test('without a limit the model may give what it can', () => {
  assert.equal(sent('kimi-k2', {}).body.max_tokens, 4096);
  assert.equal(sent('claude-3-5-haiku-latest', {}).body.max_tokens, 8192);
  assert.equal(sent('claude-opus-4-1', {}).body.max_tokens, 32_000);
});

test('what is known of the model itself counts more than its generation', () => {
  const limited = (model: string, limits: ModelLimits, parameters: ChatParameters = {}) => {
    const target = anthropicMessagesTarget(model, limits);
    const outcome = applyParameterTable({ ...BASE, model, parameters }, target, 'lenient');
    return outcome.kind === 'fits'
      ? { dropped: outcome.dropped, body: target.encodeRequest(outcome.request) }
      : assert.fail();
  };
  for (const [model, limits, maxTokens] of [
    ['kimi-k2', { maxOutputTokens: 16_384 }, 16_384],
    ['claude-opus-4-1', { maxOutputTokens: 8000, contextWindow: 200_000 }, 8000],
    ['claude-opus-4-1', { contextWindow: 200_000 }, 32_000],
    ['own-model', { contextWindow: 4096 }, 2048],
    ['own-model', { contextWindow: 1, maxOutputTokens: 1 }, 1],
    ['own-model', {}, 4096],
  ] as const)
    assert.equal(limited(model, limits).body.max_tokens, maxTokens, JSON.stringify(limits));
  const wish = { reasoning: { effort: 'high' } } as const;
  const thinking = limited('claude-sonnet-4-5', { maxOutputTokens: 8000 }, wish).body;
  assert.equal(thinking.max_tokens, 8000);
  assert.deepEqual(thinking.thinking, { type: 'enabled', budget_tokens: 6400 });
  assert.deepEqual(limited('claude-sonnet-4-5', { maxOutputTokens: 1000 }, wish).dropped, ['reasoning']);
  assert.equal(limited('kimi-k2', { maxOutputTokens: 100 }, { maxOutputTokens: 500 }).body.max_tokens, 500);
});

test('codecs are made once for the same limits', () => {
  const limits = { maxOutputTokens: 777 };
  assert.equal(anthropicMessagesTarget('kimi-k2', limits), anthropicMessagesTarget('other', { ...limits }));
  assert.equal(anthropicMessagesTarget('kimi-k2'), anthropicMessagesTarget('kimi-k2', { contextWindow: 1_000_000 }));
});
