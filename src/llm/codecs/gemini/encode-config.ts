// Parameters → `generationConfig`.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatParameters, ReasoningWish, ResponseFormat } from '../../request.ts';
import { schemaToGemini } from './schema.ts';

type Effort = NonNullable<ReasoningWish['effort']>;

/** From Gemini 3 on. */
const LEVELS: Readonly<Record<Effort, string>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};
/** The Pro models know two levels. */
const PRO_LEVELS: Readonly<Record<Effort, string>> = { ...LEVELS, none: 'LOW', minimal: 'LOW', medium: 'HIGH' };

/** Before Gemini 3, as Google's own API in OpenAI's format has them. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24576,
  xhigh: 24576,
  max: 24576,
};
/** The least thought a Gemini 2.5 Pro can be held to. */
const LEAST_PRO_BUDGET = 128;

function effortConfig(effort: Effort, model: string): JsonObject {
  const isPro = /\bpro\b/.test(model);
  if (/gemini-2/.test(model)) {
    const budget = BUDGETS[effort];
    return { thinkingBudget: isPro ? Math.max(budget, LEAST_PRO_BUDGET) : budget };
  }
  return { thinkingLevel: (isPro ? PRO_LEVELS : LEVELS)[effort] };
}

/** A budget is more exact than an effort, and Google refuses both at once. */
function encodeThinking(wish: ReasoningWish, model: string): JsonObject {
  const { effort, budgetTokens, isAdaptive, summary } = wish;
  const shown = summary === undefined ? {} : { includeThoughts: summary !== 'none' };
  if (budgetTokens !== undefined) return { thinkingBudget: budgetTokens, ...shown };
  if (effort !== undefined) return { ...effortConfig(effort, model), ...shown };
  return isAdaptive === true ? { thinkingBudget: -1, ...shown } : shown;
}

function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.kind === 'text') return { responseMimeType: 'text/plain' };
  if (format.kind === 'json') return { responseMimeType: 'application/json' };
  return { responseMimeType: 'application/json', responseJsonSchema: schemaToGemini(format.schema) };
}

const MAX_SEED = 0x7fffffff;

export function encodeSeed(seed: number): number {
  return Number.isSafeInteger(seed) && Math.abs(seed) <= MAX_SEED
    ? seed
    : Number(BigInt(Math.trunc(seed)) & BigInt(MAX_SEED));
}

/** Undefined members are left out when the body is written. */
export function encodeConfig(parameters: ChatParameters, model: string): JsonObject | undefined {
  const { logprobs, responseFormat, reasoning, modalities, seed } = parameters;
  const config: Record<string, JsonValue | undefined> = {
    maxOutputTokens: parameters.maxOutputTokens,
    temperature: parameters.temperature,
    topP: parameters.topP,
    topK: parameters.topK,
    candidateCount: parameters.n,
    stopSequences: parameters.stop,
    presencePenalty: parameters.presencePenalty,
    frequencyPenalty: parameters.frequencyPenalty,
    seed: seed === undefined ? undefined : encodeSeed(seed),
    responseModalities: modalities?.map((each) => each.toUpperCase()),
  };
  if (logprobs !== undefined) {
    config.responseLogprobs = true;
    if (logprobs.top > 0) config.logprobs = logprobs.top;
  }
  if (responseFormat !== undefined) Object.assign(config, encodeFormat(responseFormat));
  if (reasoning !== undefined) config.thinkingConfig = encodeThinking(reasoning, model);
  const entries = Object.entries(config).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
