// What generations of Claude take and refuse, told from the model's name: a wish one of them answers with 400 is dropped with a
// signal instead. Names of other makers behind the same wire are taken for servers that accept what the API first had.
import type { ModelLimits } from '../../catalog/catalog-data.ts';

export interface ModelTraits {
  /** `temperature`, `top_p` and `top_k`; refused from 4.7 on. */
  readonly takesSampling: boolean;
  /** `temperature` beside `top_p`; refused from 4.1 on. */
  readonly takesTemperatureWithTopP: boolean;
  /** `budget`: a number of tokens. `adaptive`: an effort (from 4.6 on, which takes both). */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive';
  /** What `thinking` is when it is not sent; `always` cannot be switched off. */
  readonly thinksUnasked: 'no' | 'yes' | 'always';
  /** An assistant message at the end, gone on with; refused from 4.6 on. */
  readonly takesPrefill: boolean;
  /** `output_config.format`, from 4.5 on. */
  readonly hasStructuredOutput: boolean;
  /** `output_config.effort` of `xhigh`, from 4.7 on. */
  readonly hasHighestEfforts: boolean;
  /** Asked for when the client names no limit, which the API demands. */
  readonly defaultMaxTokens: number;
  /** The most the model gives, where the catalog or the configuration knows it. */
  readonly maxOutputTokens?: number;
}

/** Servers of the wire that are not Claude. */
const FOREIGN: ModelTraits = {
  takesSampling: true,
  takesTemperatureWithTopP: true,
  thinking: 'budget',
  thinksUnasked: 'no',
  takesPrefill: true,
  hasStructuredOutput: false,
  hasHighestEfforts: false,
  defaultMaxTokens: 4096,
};

const CLAUDE_3: ModelTraits = { ...FOREIGN, thinking: 'none' };
const CLAUDE_3_5: ModelTraits = { ...CLAUDE_3, defaultMaxTokens: 8192 };
const CLAUDE_3_7: ModelTraits = { ...FOREIGN, defaultMaxTokens: 64_000 };
const CLAUDE_4: ModelTraits = { ...FOREIGN, defaultMaxTokens: 32_000 };
const CLAUDE_4_1: ModelTraits = { ...CLAUDE_4, takesTemperatureWithTopP: false };
const CLAUDE_4_5: ModelTraits = { ...CLAUDE_4_1, hasStructuredOutput: true, defaultMaxTokens: 64_000 };
const CLAUDE_4_6: ModelTraits = { ...CLAUDE_4_5, thinking: 'both', takesPrefill: false };
const CLAUDE_4_7: ModelTraits = { ...CLAUDE_4_6, thinking: 'adaptive', takesSampling: false, hasHighestEfforts: true };
const CLAUDE_5: ModelTraits = { ...CLAUDE_4_7, thinksUnasked: 'yes' };
const ALWAYS_THINKING: ModelTraits = { ...CLAUDE_5, thinksUnasked: 'always' };

/** By the version from which they hold, the latest first. */
const GENERATIONS: readonly (readonly [version: number, traits: ModelTraits])[] = [
  [5, CLAUDE_5],
  [4.7, CLAUDE_4_7],
  [4.6, CLAUDE_4_6],
  [4.5, CLAUDE_4_5],
  [4.1, CLAUDE_4_1],
  [4, CLAUDE_4],
  [3.7, CLAUDE_3_7],
  [3.5, CLAUDE_3_5],
];

/** Every set of traits there is, for tables made once. */
export const ALL_TRAITS: readonly ModelTraits[] = [
  FOREIGN,
  CLAUDE_3,
  ...GENERATIONS.map(([, traits]) => traits),
  ALWAYS_THINKING,
];

/** `claude-opus-4-5-20251101`, `claude-3-7-sonnet@20250219`, `us.anthropic.claude-haiku-4-5-…`: a date is no version. */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?!\d)/;
const ALWAYS_THINKING_FAMILY = /claude-(fable|mythos)/;

/** A Claude without a version it is known by is taken for the latest: what those refuse is refused for good. */
export function traitsOf(model: string): ModelTraits {
  const name = model.toLowerCase();
  if (!name.includes('claude')) return FOREIGN;
  if (ALWAYS_THINKING_FAMILY.test(name)) return ALWAYS_THINKING;
  const found = VERSION.exec(name);
  if (found === null) return CLAUDE_5;
  const version = Number(found[1]) + Number(found[2] ?? 0) / 10;
  return GENERATIONS.find(([from]) => version >= from)?.[1] ?? CLAUDE_3;
}

/** With what is known of this very model: its most output is asked for, and never more than half of its context window. */
export function traitsWithin(traits: ModelTraits, { contextWindow, maxOutputTokens }: ModelLimits): ModelTraits {
  const most = maxOutputTokens ?? traits.defaultMaxTokens;
  const half = contextWindow === undefined ? most : Math.max(1, Math.floor(contextWindow / 2));
  const defaultMaxTokens = Math.min(most, half);
  return { ...traits, defaultMaxTokens, ...(maxOutputTokens !== undefined && { maxOutputTokens }) };
}
