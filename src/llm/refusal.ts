// Whether a provider's refusal concerns this target alone, read from the body of its error: another provider, key or model may
// well answer. Failover asks; a plain 400 stays the client's own mistake.
import { parseJson } from './json-value.ts';

export type Refusal = 'context-window' | 'model' | 'quota' | 'credential' | 'content-policy';

/** Codes, types and statuses as providers write them, in lower case. */
const BY_WORD: Readonly<Record<string, Refusal>> = {
  // OpenAI, Azure, Groq, xAI, Together, Fireworks, DeepSeek, OpenRouter
  context_length_exceeded: 'context-window',
  context_window_exceeded: 'context-window',
  string_above_max_length: 'context-window',
  input_too_long: 'context-window',
  request_too_large: 'context-window',
  model_not_found: 'model',
  model_not_active: 'model',
  model_not_available: 'model',
  model_decommissioned: 'model',
  invalid_model: 'model',
  unknown_model: 'model',
  model_not_allowed: 'model',
  deployment_not_found: 'model',
  deploymentnotfound: 'model',
  operationnotsupported: 'model',
  insufficient_quota: 'quota',
  insufficient_balance: 'quota',
  insufficient_credits: 'quota',
  credit_limit: 'quota',
  billing_error: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  resource_exhausted: 'quota',
  invalid_api_key: 'credential',
  authentication_error: 'credential',
  permission_error: 'credential',
  unauthenticated: 'credential',
  permission_denied: 'credential',
  api_key_invalid: 'credential',
  content_filter: 'content-policy',
  content_policy_violation: 'content-policy',
  responsibleaipolicyviolation: 'content-policy',
  moderation_blocked: 'content-policy',
  input_moderation: 'content-policy',
  safety: 'content-policy',
  // AWS names its exceptions
  accessdeniedexception: 'credential',
  unrecognizedclientexception: 'credential',
  expiredtokenexception: 'credential',
  servicequotaexceededexception: 'quota',
  resourcenotfoundexception: 'model',
};

/** Providers that give only a sentence, or one code for several things: OpenAI-compatible servers, Anthropic, Google, AWS, Cohere. */
const BY_SENTENCE: readonly (readonly [RegExp, Refusal])[] = [
  [
    /maximum context length|context (window|length)|prompt is too long|too many (input )?tokens|input is too long/i,
    'context-window',
  ],
  [/(input|prompt).{0,60}\b(exceeds?|longer than|too long).{0,80}\b(tokens?|context|limit|maximum)/i, 'context-window'],
  [
    /input token count.{0,60}exceeds|too large for model|total number of tokens.{0,80}(exceed|cannot)/i,
    'context-window',
  ],
  [
    /content (management|filtering|moderation) policy|content polic(y|ies)|safety (system|settings|filters?)|usage policy/i,
    'content-policy',
  ],
  [/flagged (for|as|by)|output blocked by content|violat(es|ed|ing) (our|the) .{0,40}polic/i, 'content-policy'],
  [/models?\b.{0,80}\b(does not exist|not found|is not supported|not available|decommissioned|deprecated)/i, 'model'],
  [/token count\b.{0,60}exceeds the maximum/i, 'context-window'],
  [/models\/.{0,120}\bis not found\b|Publisher Model\b.{0,300}\bnot found/i, 'model'],
  [/API key expired/i, 'credential'],
  [/no (allowed providers|endpoints found)|model identifier is invalid|not a valid model/i, 'model'],
  [
    /credit balance is too low|exceeded your current quota|insufficient (balance|credits|funds)|out of credits/i,
    'quota',
  ],
  [
    /(api key|security token).{0,40}\b(not valid|invalid|expired|leaked)|invalid api key|incorrect api key/i,
    'credential',
  ],
];

const MAX_SENTENCE = 1000;

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** `body` is the whole error answer, at most some kilobytes. Undefined = nothing that another target would do better. */
export function refusalOf(body: string): Refusal | undefined {
  const document = parseJson(body);
  // Google tells the failure of a stream that is an array in an array.
  const first = Array.isArray(document) ? document[0] : document;
  const error = memberOf(first, 'error') ?? first;
  const message = typeof error === 'string' ? error : (memberOf(error, 'message') ?? memberOf(error, 'Message'));
  return byWord(error) ?? bySentence(message) ?? bySentence(memberOf(error, 'detail'));
}

/** The most exact first: Azure tells a refusal of content inside one of a bad request, Google a bad key inside an invalid argument. */
function byWord(error: unknown): Refusal | undefined {
  const inner = memberOf(error, 'innererror');
  const reasons = memberOf(error, 'details');
  const words = [
    memberOf(inner, 'code'),
    ...(Array.isArray(reasons) ? reasons.map((each: unknown) => memberOf(each, 'reason')) : []),
    ...['code', 'type', '__type', 'status'].map((key) => memberOf(error, key)),
  ];
  for (const word of words) {
    if (typeof word !== 'string') continue;
    // AWS may put a namespace in front: `com.amazon.coral.service#AccessDeniedException`.
    const name = word.slice(word.lastIndexOf('#') + 1).toLowerCase();
    if (Object.hasOwn(BY_WORD, name)) return BY_WORD[name];
  }
  return undefined;
}

function bySentence(message: unknown): Refusal | undefined {
  if (typeof message !== 'string') return undefined;
  const sentence = message.slice(0, MAX_SENTENCE);
  return BY_SENTENCE.find(([pattern]) => pattern.test(sentence))?.[1];
}
