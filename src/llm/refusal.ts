// Whether a provider's refusal concerns this target alone, read from the body of its error: another provider, key or model may
// well answer. Failover asks; a plain 400 stays the client's own mistake.

export type Refusal = 'context-window' | 'model' | 'quota' | 'credential' | 'content-policy';

/** Codes and types as OpenAI, Azure, Anthropic, Mistral, OpenRouter and vLLM write them. */
const BY_WORD: Readonly<Record<string, Refusal>> = {
  context_length_exceeded: 'context-window',
  context_window_exceeded: 'context-window',
  string_above_max_length: 'context-window',
  model_not_found: 'model',
  invalid_model: 'model',
  unknown_model: 'model',
  model_not_allowed: 'model',
  deployment_not_found: 'model',
  deploymentnotfound: 'model',
  insufficient_quota: 'quota',
  billing_error: 'quota',
  billing_hard_limit_reached: 'quota',
  invalid_api_key: 'credential',
  authentication_error: 'credential',
  permission_error: 'credential',
  content_filter: 'content-policy',
  content_policy_violation: 'content-policy',
};

/** Providers that give only a sentence. */
const BY_SENTENCE: readonly (readonly [RegExp, Refusal])[] = [
  [
    /maximum context length|prompt is too long|context window|token count\b.{0,60}exceeds the maximum/i,
    'context-window',
  ],
  [/model\b.{0,80}\b(does not exist|not found|is not supported)/i, 'model'],
  [/models\/.{0,120}\bis not found\b|Publisher Model\b.{0,300}\bnot found/i, 'model'],
  [/API key (not valid|expired)/i, 'credential'],
  [/credit balance is too low|exceeded your current quota/i, 'quota'],
];

const MAX_SENTENCE = 1000;

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not the JSON of a provider: nothing to learn from it
  }
}

/** `body` is the whole error answer, at most some kilobytes. Undefined = nothing that another target would do better. */
export function refusalOf(body: string): Refusal | undefined {
  const document = parsed(body);
  // Google tells the failure of a stream that is an array in an array.
  const first: unknown = Array.isArray(document) ? document[0] : document;
  const error = memberOf(first, 'error') ?? first;
  for (const key of ['code', 'type']) {
    const word = memberOf(error, key);
    if (typeof word !== 'string') continue;
    const name = word.toLowerCase();
    if (Object.hasOwn(BY_WORD, name)) return BY_WORD[name];
  }
  const message = typeof error === 'string' ? error : memberOf(error, 'message');
  if (typeof message !== 'string') return undefined;
  const sentence = message.slice(0, MAX_SENTENCE);
  return BY_SENTENCE.find(([pattern]) => pattern.test(sentence))?.[1];
}
