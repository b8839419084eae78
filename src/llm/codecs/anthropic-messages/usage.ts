// Anthropic's counts and the canonical ones: its `input_tokens` are without cache reads and writes, ours are the whole.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { createUsage, NO_USAGE, type Usage } from '../../usage.ts';

/** Undefined = not told; null is not told either. */
function toldCount(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' ? Math.max(0, Number.isSafeInteger(value) ? value : 0) : undefined;
}

function countOf(from: JsonObject, key: string): number {
  return toldCount(from, key) ?? 0;
}

function objectOf(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isJsonObject(value) ? value : {};
}

/** Undefined when there are no counts at all. */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  if (typeof value.input_tokens !== 'number' && typeof value.output_tokens !== 'number') return undefined;
  const creation = objectOf(value, 'cache_creation');
  const cacheWrite1h = countOf(creation, 'ephemeral_1h_input_tokens');
  const split = cacheWrite1h + countOf(creation, 'ephemeral_5m_input_tokens');
  const cacheWrite = Math.max(countOf(value, 'cache_creation_input_tokens'), split);
  const cachedInput = countOf(value, 'cache_read_input_tokens');
  return createUsage({
    input: countOf(value, 'input_tokens') + cachedInput + cacheWrite,
    output: countOf(value, 'output_tokens'),
    cachedInput,
    cacheWrite,
    cacheWrite1h,
    reasoning: countOf(objectOf(value, 'output_tokens_details'), 'thinking_tokens'),
  });
}

/**
 * Counts of a stream are totals, and each event tells only some of them: what is not told again stays as it was, as
 * usage-facts.ts reads the bytes. Undefined when `value` tells nothing.
 */
export function laterUsage(before: Usage | undefined, value: JsonValue | undefined): Usage | undefined {
  if (before === undefined || decodeUsage(value) === undefined || !isJsonObject(value)) return decodeUsage(value);
  const uncached = toldCount(value, 'input_tokens') ?? before.input - before.cachedInput - before.cacheWrite;
  const cachedInput = toldCount(value, 'cache_read_input_tokens') ?? before.cachedInput;
  const cacheWrite = toldCount(value, 'cache_creation_input_tokens') ?? before.cacheWrite;
  const hourly = toldCount(objectOf(value, 'cache_creation'), 'ephemeral_1h_input_tokens') ?? before.cacheWrite1h;
  return createUsage({
    input: uncached + cachedInput + cacheWrite,
    output: toldCount(value, 'output_tokens') ?? before.output,
    cachedInput,
    cacheWrite,
    cacheWrite1h: Math.min(hourly, cacheWrite),
    reasoning: toldCount(objectOf(value, 'output_tokens_details'), 'thinking_tokens') || before.reasoning,
  });
}

/** Providers that count tokens at the end only give none at the start: zeros, which the end corrects. */
export function encodeUsage(usage: Usage = NO_USAGE): JsonObject {
  const { input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning } = usage;
  return {
    input_tokens: Math.max(0, input - cachedInput - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cachedInput,
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(0, cacheWrite - cacheWrite1h),
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
    output_tokens: output,
    ...(reasoning > 0 ? { output_tokens_details: { thinking_tokens: reasoning } } : {}),
  };
}
