// Wishes of a Responses request beside its conversation. Members that no other wire has go to the leftovers, by name.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatParameters, ReasoningWish, ResponseFormat } from '../../request.ts';
import { decodeTools } from './decode-tools.ts';
import type { Place, Reading } from './reading.ts';

/** Top-level members that are understood; every other one is left over. */
const KNOWN = new Set([
  ...['model', 'input', 'instructions', 'stream', 'tools', 'tool_choice', 'parallel_tool_calls', 'text', 'reasoning'],
  ...['max_output_tokens', 'temperature', 'top_p', 'top_logprobs', 'include', 'metadata', 'store', 'service_tier'],
  ...['previous_response_id', 'conversation', 'background', 'truncation', 'prompt_cache_key', 'user'],
  ...['safety_identifier', 'stream_options', 'prompt'],
]);

const LOGPROBS = 'message.output_text.logprobs';
/** Thoughts of others come with what proves them, asked for or not: the conversation cannot go on without it. */
const ENCRYPTED = 'reasoning.encrypted_content';

function decodeFormat(reading: Reading, text: Place): ResponseFormat | undefined {
  const place = reading.below(text, 'format');
  switch (reading.oneOf(place, 'type', ['text', 'json_object', 'json_schema'])) {
    case 'json_object':
      return { kind: 'json' };
    case 'json_schema': {
      const schema = reading.object(place, 'schema');
      if (schema === undefined) reading.fail(`${place.at}schema`, 'an object');
      return {
        kind: 'json-schema',
        name: reading.requiredText(place, 'name'),
        schema: schema ?? {},
        strict: reading.flag(place, 'strict'),
        description: reading.text(place, 'description'),
      };
    }
    default:
      return undefined; // `text` is what everybody does unasked
  }
}

function decodeReasoning(reading: Reading, body: Place): ReasoningWish | undefined {
  const place = reading.below(body, 'reasoning');
  const effort = reading.oneOf(place, 'effort', ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
  const words = ['auto', 'concise', 'detailed'] as const;
  const summary = reading.oneOf(place, 'summary', words) ?? reading.oneOf(place, 'generate_summary', words);
  reading.leave(place, ['context', 'mode']);
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) };
}

/** `include` asks for members of the answer; those of tools that OpenAI runs are left over. */
function decodeLogprobs(reading: Reading, body: Place): ChatParameters['logprobs'] {
  const include = reading.list(body, 'include') ?? [];
  const left = include.filter((name) => name !== LOGPROBS && name !== ENCRYPTED);
  if (left.length > 0) reading.leftovers.include = left;
  const top = reading.number(body, 'top_logprobs') ?? 0;
  return top > 0 || include.includes(LOGPROBS) ? { top } : undefined;
}

function decodeMetadata(reading: Reading, body: Place): Readonly<Record<string, string>> | undefined {
  const metadata = reading.object(body, 'metadata');
  if (metadata === undefined || Object.keys(metadata).length === 0) return undefined;
  for (const [key, value] of Object.entries(metadata))
    if (typeof value !== 'string') reading.fail(`metadata.${key}`, 'a string');
  return metadata as Readonly<Record<string, string>>;
}

/** `user` is the older name. Where both are given and differ, the older one is named as left over. */
function decodeUser(reading: Reading, body: Place): string | undefined {
  const identifier = reading.text(body, 'safety_identifier');
  const user = reading.text(body, 'user');
  if (identifier !== undefined && user !== undefined && identifier !== user) reading.leave(body, ['user']);
  return identifier ?? user;
}

/** The wish, unless it is what happens without it. */
function unless<T>(value: T | undefined, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

function leaveUnknown(reading: Reading, body: Place): void {
  reading.leave(
    body,
    Object.keys(body.object).filter((key) => !KNOWN.has(key)),
  );
  reading.leave(reading.below(body, 'stream_options'), ['include_obfuscation']);
  if (reading.object(body, 'prompt') !== undefined)
    reading.refuse('prompt', 'a stored prompt is known only to the provider that keeps it');
}

function withoutUndefined(members: Readonly<Record<string, unknown>>): ChatParameters {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as ChatParameters;
}

export function decodeParameters(reading: Reading, body: Place): ChatParameters {
  leaveUnknown(reading, body);
  const { tools, choice } = decodeTools(reading, body);
  const text = reading.below(body, 'text');
  const conversation: JsonValue | undefined = body.object.conversation ?? undefined;
  const parameters: ChatParameters = {
    maxOutputTokens: reading.number(body, 'max_output_tokens'),
    temperature: reading.number(body, 'temperature'),
    topP: reading.number(body, 'top_p'),
    logprobs: decodeLogprobs(reading, body),
    tools,
    toolChoice: choice,
    parallelToolCalls: reading.flag(body, 'parallel_tool_calls'),
    responseFormat: decodeFormat(reading, text),
    verbosity: reading.text(text, 'verbosity'),
    reasoning: decodeReasoning(reading, body),
    user: decodeUser(reading, body),
    metadata: decodeMetadata(reading, body),
    serviceTier: unless(reading.text(body, 'service_tier'), 'auto'),
    store: unless(reading.flag(body, 'store'), false),
    promptCacheKey: reading.text(body, 'prompt_cache_key'),
    previousResponseId: reading.text(body, 'previous_response_id'),
    conversation,
    background: unless(reading.flag(body, 'background'), false),
    truncation: unless(reading.text(body, 'truncation'), 'disabled'),
  } satisfies Readonly<Record<string, unknown>> as ChatParameters;
  return withoutUndefined(parameters as JsonObject);
}
