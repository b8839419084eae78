// Token counts as OpenAI's chat, completions and embeddings wires write them, both ways. What passes through is read by usage-facts.ts.
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts';
import { createUsage, type Usage } from './usage.ts';

function countOf(from: JsonObject | undefined, key: string): number | undefined {
  const value = from?.[key];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.trunc(value) : undefined;
}

function objectOf(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key];
  return isJsonObject(value) ? value : undefined;
}

/** DeepSeek writes its own name, proxies in front of Anthropic its names beside OpenAI's: here they are in the prompt. */
function decodeCache(
  value: JsonObject,
  details: JsonObject | undefined,
): Pick<Usage, 'cachedInput' | 'cacheWrite' | 'cacheWrite1h'> {
  const own = countOf(details, 'cached_tokens') || (countOf(value, 'prompt_cache_hit_tokens') ?? 0);
  const lifetimes = objectOf(value, 'cache_creation');
  const hourly = countOf(lifetimes, 'ephemeral_1h_input_tokens') ?? 0;
  const created =
    countOf(value, 'cache_creation_input_tokens') ?? (countOf(lifetimes, 'ephemeral_5m_input_tokens') ?? 0) + hourly;
  const cacheWrite = Math.max(countOf(details, 'cache_write_tokens') ?? 0, created);
  return {
    cachedInput: Math.max(own, countOf(value, 'cache_read_input_tokens') ?? 0),
    cacheWrite,
    cacheWrite1h: Math.min(hourly, cacheWrite),
  };
}

/** Undefined = no counts in it. */
export function decodeOpenaiUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const input = countOf(value, 'prompt_tokens');
  const written = countOf(value, 'completion_tokens');
  const total = countOf(value, 'total_tokens');
  if (input === undefined && written === undefined && total === undefined) return undefined;
  const promptDetails = objectOf(value, 'prompt_tokens_details');
  const outputDetails = objectOf(value, 'completion_tokens_details');
  const reasoning = countOf(outputDetails, 'reasoning_tokens') || (countOf(value, 'reasoning_tokens') ?? 0);
  // Some (xAI) count thoughts beside the answer instead of in it: then only the sum of all three is the total.
  const isBeside = reasoning > 0 && total === (input ?? 0) + (written ?? 0) + reasoning;
  return createUsage({
    input: input ?? 0,
    output: (written ?? 0) + (isBeside ? reasoning : 0),
    ...(total !== undefined && { total }),
    ...decodeCache(value, promptDetails),
    audioInput: countOf(promptDetails, 'audio_tokens') ?? 0,
    reasoning,
    audioOutput: countOf(outputDetails, 'audio_tokens') ?? 0,
  });
}

export function encodeOpenaiUsage(usage: Usage): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.total,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInput,
      audio_tokens: usage.audioInput,
      ...(usage.cacheWrite > 0 && { cache_write_tokens: usage.cacheWrite }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
