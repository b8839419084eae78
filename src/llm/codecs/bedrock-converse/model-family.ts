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

/** ARNs of application profiles and provisioned models do not tell: `other`, unless the backend's settings say more. */
export function familyOf(model: string): ModelFamily {
  const id = model.toLowerCase();
  return BY_ID.find(([pattern]) => pattern.test(id))?.[1] ?? 'other';
}

/** `[4, 6]` of `claude-opus-4-6-v1`; undefined for the older naming (`claude-3-7-sonnet`) and for ids that tell none. */
function claudeVersion(model: string): readonly [number, number] | undefined {
  const found = /claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?![\d])/.exec(model.toLowerCase());
  return found === null ? undefined : [Number(found[1]), Number(found[2] ?? 0)];
}

/** Whether it thinks as much as it finds right when told an effort; older ones are given a budget of tokens. */
export function thinksByEffort(model: string): boolean {
  const version = claudeVersion(model);
  return version !== undefined && (version[0] > 4 || (version[0] === 4 && version[1] >= 6));
}

/** Whether it can be told how hard to think. */
export function isReasoningNova(model: string): boolean {
  return /nova-(?:[a-z]+-)?2/.test(model.toLowerCase());
}
