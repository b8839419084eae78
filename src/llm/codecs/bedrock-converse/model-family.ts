// Whose model an id of Bedrock names: Converse is one API, but fields beyond it are each maker's own.

export const MODEL_FAMILIES = ['anthropic', 'nova', 'cohere', 'mistral', 'openai', 'other'] as const;

export type ModelFamily = (typeof MODEL_FAMILIES)[number];

/** Ids of models and of system profiles (`us.anthropic.claude-…`), and ARNs that end in one of them. */
const BY_ID: readonly (readonly [RegExp, ModelFamily])[] = [
  [/(^|[./])anthropic\.|claude/, 'anthropic'],
  [/(^|[./])amazon\.nova-/, 'nova'],
  [/(^|[./])cohere\./, 'cohere'],
  [/(^|[./])mistral\./, 'mistral'],
  [/(^|[./])openai\./, 'openai'],
];

/** Most marks of a prompt that is to be kept; a request with a fifth one is refused. */
export const MAX_CACHE_POINTS = 4;

/** ARNs of application profiles and provisioned models do not tell: `other`, unless the backend's settings say more. */
export function familyOf(model: string): ModelFamily {
  const id = model.toLowerCase();
  return BY_ID.find(([pattern]) => pattern.test(id))?.[1] ?? 'other';
}

/** What generations of Claude take: a wish one of them refuses is dropped with a signal. */
export interface ClaudeTraits {
  /** `budget`: a number of tokens. `adaptive`: an effort, from 4.6 on, which takes both. */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive';
  /** Temperature and its like; refused from 4.7 on. */
  readonly takesSampling: boolean;
  /** Temperature beside top P; refused from 4.1 on. */
  readonly takesTemperatureWithTopP: boolean;
  /** Refused from 4.6 on. */
  readonly takesPrefill: boolean;
}

/** `claude-opus-4-6-v1`, `claude-3-7-sonnet-20250219-v1:0`: a date is no version. */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?!\d)/;
/** Of ids that do not tell, such as profiles: what the provider refuses it says itself. */
const UNTOLD_VERSION = 4;

export function claudeTraits(model: string): ClaudeTraits {
  const found = VERSION.exec(model.toLowerCase());
  const version = found === null ? UNTOLD_VERSION : Number(found[1]) + Number(found[2] ?? 0) / 10;
  const late = version >= 4.7 ? 'adaptive' : 'both';
  const early = version >= 3.7 ? 'budget' : 'none';
  return {
    thinking: version >= 4.6 ? late : early,
    takesSampling: version < 4.7,
    takesTemperatureWithTopP: version < 4.1,
    takesPrefill: version < 4.6,
  };
}

/** Whether it can be told how hard to think. */
export function isReasoningNova(model: string): boolean {
  return /nova-(?:[a-z]+-)?2/.test(model.toLowerCase());
}
