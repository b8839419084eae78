// How a wish to think becomes `thinking` and `output_config.effort`, by what the model takes. Read by settle.ts, which names what
// cannot be had, and by encode-request.ts.
import type { ChatRequest, ReasoningWish } from '../../request.ts';
import type { ModelTraits } from './model-traits.ts';

type Effort = NonNullable<ReasoningWish['effort']>;

/** Tokens an effort stands for, where the model takes a number. Shown in the table's note. */
export const BUDGETS: Readonly<Record<Exclude<Effort, 'none'>, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 25_600,
};
/** The least the API takes. */
export const MIN_BUDGET_TOKENS = 1024;
/** What is left of a limit for the answer, when the budget is our choice. */
const SHARE_OF_LIMIT = 0.8;
/** Left for the answer above a budget that is larger than the usual limit. */
const ROOM_FOR_ANSWER = 4096;

export type ThinkingPlan =
  /** Nothing is sent: nothing was wished, or the model does so unasked. */
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'budget'; readonly tokens: number }
  | { readonly kind: 'adaptive'; readonly effort: string | undefined }
  /** The wish cannot be had. */
  | { readonly kind: 'impossible' };

function budgetOf({ effort, budgetTokens }: ReasoningWish, limit: number | undefined): number {
  if (budgetTokens !== undefined) return Math.max(MIN_BUDGET_TOKENS, Math.min(budgetTokens, (limit ?? Infinity) - 1));
  const tokens = BUDGETS[effort === undefined || effort === 'none' ? 'medium' : effort];
  return limit === undefined ? tokens : Math.min(tokens, Math.floor(limit * SHARE_OF_LIMIT));
}

function effortOf({ effort, budgetTokens }: ReasoningWish, { hasHighestEfforts }: ModelTraits): string | undefined {
  if (effort === 'minimal') return 'low';
  if (effort === 'xhigh' && !hasHighestEfforts) return 'high';
  if (effort !== undefined) return effort;
  if (budgetTokens === undefined) return undefined;
  if (budgetTokens <= BUDGETS.low) return 'low';
  return budgetTokens <= BUDGETS.medium ? 'medium' : 'high';
}

/** Calls whose results come back must stand behind the thought that led to them, where a budget is given. */
function lacksThoughtBeforeCalls({ messages }: ChatRequest): boolean {
  const lastOwn = messages.findLast(({ role }) => role === 'assistant');
  if (lastOwn?.role !== 'assistant' || !lastOwn.content.some(({ type }) => type === 'tool-call')) return false;
  return !lastOwn.content.some(
    (part) => part.type === 'reasoning' && (part.signature !== undefined || part.redacted !== undefined),
  );
}

function isOff({ effort, budgetTokens }: ReasoningWish): boolean {
  return effort === 'none' || (budgetTokens === 0 && effort === undefined);
}

export function planThinking(request: ChatRequest, traits: ModelTraits): ThinkingPlan {
  const { reasoning, toolChoice } = request.parameters;
  const maxOutputTokens = request.parameters.maxOutputTokens ?? traits.maxOutputTokens;
  if (reasoning === undefined) return { kind: 'unsaid' };
  if (isOff(reasoning)) {
    if (traits.thinksUnasked === 'always') return { kind: 'impossible' };
    return traits.thinksUnasked === 'yes' ? { kind: 'disabled' } : { kind: 'unsaid' };
  }
  if (traits.thinking === 'none') return { kind: 'impossible' };
  const isForced = toolChoice?.kind === 'required' || toolChoice?.kind === 'tool';
  if (isForced && traits.thinksUnasked !== 'always') return { kind: 'impossible' };
  const isCounted = reasoning.budgetTokens !== undefined && reasoning.effort === undefined;
  if (traits.thinking === 'adaptive' || (traits.thinking === 'both' && !isCounted))
    return { kind: 'adaptive', effort: effortOf(reasoning, traits) };
  const tokens = budgetOf(reasoning, maxOutputTokens);
  const fits = tokens >= MIN_BUDGET_TOKENS && (maxOutputTokens === undefined || tokens < maxOutputTokens);
  return fits && !lacksThoughtBeforeCalls(request) ? { kind: 'budget', tokens } : { kind: 'impossible' };
}

/** `max_tokens`, which the API demands and which holds what is thought, too. */
export function maxTokensOf(request: ChatRequest, plan: ThinkingPlan, traits: ModelTraits): number {
  const { maxOutputTokens } = request.parameters;
  const { defaultMaxTokens, maxOutputTokens: most = Number.POSITIVE_INFINITY } = traits;
  if (maxOutputTokens !== undefined) return maxOutputTokens;
  if (plan.kind !== 'budget') return defaultMaxTokens;
  return Math.min(most, Math.max(defaultMaxTokens, plan.tokens + ROOM_FOR_ANSWER));
}
