// How hard the model shall think, in each maker's own words.
import type { JsonObject } from '../../json-value.ts';
import type { ChatRequest, ReasoningWish } from '../../request.ts';
import { claudeTraits, isReasoningNova, type ModelFamily } from './model-family.ts';

type Effort = NonNullable<ReasoningWish['effort']>;

export interface ReasoningFields {
  readonly additional: JsonObject;
  /** `outputConfig.effort`. */
  readonly effort: string | undefined;
}

const NOTHING: ReasoningFields = { additional: {}, effort: undefined };
const MIN_BUDGET_TOKENS = 1024;

const BUDGET_TOKENS: Readonly<Record<Exclude<Effort, 'none'>, number>> = {
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_768,
};

const THREE_STEPS: Readonly<Record<Exclude<Effort, 'none'>, 'low' | 'medium' | 'high'>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** The effort nearest to the wish, for makers that know no budget. */
function effortOf({ effort, budgetTokens }: ReasoningWish): Effort {
  if (effort !== undefined) return effort;
  if (budgetTokens === undefined) return 'medium';
  if (budgetTokens === 0) return 'none';
  if (budgetTokens <= BUDGET_TOKENS.low) return 'low';
  return budgetTokens <= BUDGET_TOKENS.medium ? 'medium' : 'high';
}

function byEffort(effort: Effort | undefined): ReasoningFields {
  const word = effort === 'minimal' ? 'low' : effort;
  return { additional: { thinking: { type: 'adaptive' } }, effort: word };
}

/** Below max tokens, as Claude wants it; nothing where that leaves too little. */
function byBudget(wished: number, maxTokens: number | undefined): ReasoningFields {
  const room = (maxTokens ?? Number.POSITIVE_INFINITY) - 1;
  const budget = Math.min(Math.max(wished, MIN_BUDGET_TOKENS), room);
  if (budget < MIN_BUDGET_TOKENS) return NOTHING;
  return { additional: { thinking: { type: 'enabled', budget_tokens: budget } }, effort: undefined };
}

function thinkingOf(wish: ReasoningWish, { model, parameters }: ChatRequest): ReasoningFields {
  const { effort, budgetTokens, isAdaptive } = wish;
  const { thinking } = claudeTraits(model);
  const asksNothing = effort === undefined && budgetTokens === undefined && isAdaptive !== true;
  if (thinking === 'none' || asksNothing || effort === 'none' || budgetTokens === 0) return NOTHING;
  const takesEffort = thinking !== 'budget';
  if (takesEffort && (isAdaptive === true || budgetTokens === undefined || thinking === 'adaptive'))
    return byEffort(isAdaptive === true ? effort : effortOf(wish));
  const { maxOutputTokens } = parameters;
  return byBudget(budgetTokens ?? BUDGET_TOKENS[effort ?? 'medium'], maxOutputTokens);
}

function novaReasoning(wish: ReasoningWish, model: string): JsonObject {
  if (!isReasoningNova(model)) return {};
  const effort = effortOf(wish);
  if (effort === 'none') return { reasoningConfig: { type: 'disabled' } };
  return { reasoningConfig: { type: 'enabled', maxReasoningEffort: THREE_STEPS[effort] } };
}

export function reasoningFields(request: ChatRequest, family: ModelFamily): ReasoningFields {
  const wish = request.parameters.reasoning;
  if (wish === undefined) return NOTHING;
  if (family === 'anthropic') return thinkingOf(wish, request);
  if (family === 'nova') return { additional: novaReasoning(wish, request.model), effort: undefined };
  if (family !== 'openai' || (wish.effort === undefined && wish.budgetTokens === undefined)) return NOTHING;
  const effort = effortOf(wish);
  return { additional: { reasoning_effort: effort === 'none' ? 'low' : THREE_STEPS[effort] }, effort: undefined };
}
