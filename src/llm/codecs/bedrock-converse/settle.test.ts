// Losses that hang on values are signalled, and what is left is what Bedrock takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { CacheMark, Message } from '../../message.ts';
import type { ChatField } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest } from '../../request.ts';
import { familyOf } from './model-family.ts';
import { createConverseTarget } from './target.ts';

const SONNET_4 = 'anthropic.claude-sonnet-4-20250514-v1:0';
const TOOL = { kind: 'function', name: 'f' } as const;
const HI: Message = { role: 'user', content: [{ type: 'text', text: 'hi' }] };

function ask(model: string, parameters: ChatParameters, messages: readonly Message[] = [HI]) {
  const target = createConverseTarget({ family: familyOf(model) });
  const request: ChatRequest = {
    operation: 'chat',
    wire: 'openai-chat',
    model,
    stream: false,
    messages,
    parameters,
    wantsStreamUsage: false,
    rest: {},
  };
  const outcome = applyParameterTable(request, target, 'lenient');
  if (outcome.kind === 'refused') return outcome;
  return { ...outcome, body: target.encodeRequest(outcome.request) };
}

function droppedOf(model: string, parameters: ChatParameters, messages?: readonly Message[]): readonly ChatField[] {
  const outcome = ask(model, parameters, messages);
  return outcome.kind === 'fits' ? outcome.dropped : assert.fail(outcome.field);
}

/** Model, wishes, and what of them is lost. */
const LOSSES: readonly (readonly [string, ChatParameters, readonly ChatField[]])[] = [
  [SONNET_4, { temperature: 0.5, topP: 0.5, topK: 5 }, []],
  [SONNET_4, { reasoning: { effort: 'low' }, temperature: 1, topP: 0.95 }, []],
  [SONNET_4, { reasoning: { effort: 'low' }, temperature: 0.5, topP: 0.5, topK: 5 }, ['temperature', 'topP', 'topK']],
  [SONNET_4, { reasoning: { effort: 'low' }, tools: [TOOL], toolChoice: { kind: 'required' }, topK: 5 }, ['reasoning']],
  [SONNET_4, { reasoning: { effort: 'low' }, maxOutputTokens: 500 }, ['reasoning']],
  [SONNET_4, { reasoning: { effort: 'none' } }, []],
  [SONNET_4, { reasoning: { summary: 'auto' } }, []],
  ['anthropic.claude-3-haiku-20240307-v1:0', { reasoning: { budgetTokens: 2000 } }, ['reasoning']],
  ['anthropic.claude-opus-4-5-20251101-v1:0', { temperature: 0.5, topP: 0.5 }, ['topP']],
  ['anthropic.claude-opus-4-7', { temperature: 0.5, topP: 0.99, topK: 1 }, ['temperature', 'topP', 'topK']],
  ['amazon.nova-pro-v1:0', { reasoning: { effort: 'low' } }, ['reasoning']],
  ['us.amazon.nova-2-lite-v1:0', { reasoning: { effort: 'low' }, temperature: 0.5, topK: 5 }, []],
];

for (const [model, parameters, lost] of LOSSES)
  test(`${model} and ${JSON.stringify(parameters)}: loses ${lost.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(droppedOf(model, parameters), lost);
  });

test('a prefill is refused by a Claude that does not go on from its own words', () => {
  const messages: readonly Message[] = [HI, { role: 'assistant', content: [{ type: 'text', text: '{' }] }];
  const refused = { kind: 'refused', field: 'assistantPrefill' };
  assert.deepEqual(ask('anthropic.claude-opus-4-6-v1', {}, messages), refused);
  assert.equal(ask(SONNET_4, {}, messages).kind, 'fits');
});

test('a thought without proof is signalled, and the message without it goes', () => {
  const messages: readonly Message[] = [HI, { role: 'assistant', content: [{ type: 'reasoning', text: 'hm' }] }, HI];
  const outcome = ask(SONNET_4, {}, messages);
  assert.ok(outcome.kind === 'fits');
  assert.deepEqual(outcome.dropped, ['reasoningText']);
  assert.deepEqual(outcome.body.messages, [{ role: 'user', content: [{ text: 'hi' }, { text: 'hi' }] }]);
  assert.deepEqual(droppedOf('deepseek.r1-v1:0', {}, messages), []);
});

test('marks beyond the fourth are signalled exactly when there are some, wherever they stand', () => {
  const mark = fc.option(fc.constantFrom<CacheMark>({ ttl: '5m' }, { ttl: '1h' }), { nil: undefined });
  const marks = fc.array(mark, { maxLength: 3 });
  fc.assert(
    fc.property(
      marks,
      marks,
      marks,
      fc.constantFrom(SONNET_4, 'amazon.nova-pro-v1:0'),
      (tools, system, results, model) => {
        const part = (cache: CacheMark | undefined, text: string) =>
          ({ type: 'text', text, ...(cache !== undefined && { cache }) }) as const;
        const messages: readonly Message[] = [
          HI,
          {
            role: 'user',
            content: results.map((cache, index) => ({
              type: 'tool-result',
              callId: `c${index}`,
              name: 'f',
              content: [part(cache, 'r'), part(cache, 's')],
              isError: false,
            })),
          },
          { role: 'system', content: system.map((cache) => part(cache, 's')) },
        ];
        const parameters = { tools: tools.map((cache) => ({ ...TOOL, ...(cache !== undefined && { cache }) })) };
        const outcome = ask(model, parameters, messages);
        assert.ok(outcome.kind === 'fits');
        const count = (list: readonly (CacheMark | undefined)[]) => list.filter((given) => given !== undefined).length;
        const takesTools = model === SONNET_4;
        const wished = count(system) + count(results) + (takesTools ? count(tools) : 0);
        const isLost = wished > 4 || (!takesTools && count(tools) > 0);
        assert.deepEqual(outcome.dropped, isLost ? ['cacheMark'] : []);
        assert.equal(JSON.stringify(outcome.body).split('"cachePoint"').length - 1, Math.min(4, wished));
      },
    ),
    { seed: 51 },
  );
});
