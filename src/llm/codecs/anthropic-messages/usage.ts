// Anthropic's counts and the canonical ones: its `input_tokens` are without cache reads and writes, ours are the whole.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { createUsage, NO_USAGE, type Usage } from '../../usage.ts';

function countOf(from: JsonObject, key: string): number {
  const value = from[key];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
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

/** Counts of a stream are totals, and each event tells only some of them. */
export function mergedUsage(before: Usage | undefined, now: Usage): Usage {
  if (before === undefined) return now;
  return createUsage({
    input: Math.max(before.input, now.input),
    output: Math.max(before.output, now.output),
    cachedInput: Math.max(before.cachedInput, now.cachedInput),
    reasoning: Math.max(before.reasoning, now.reasoning),
    cacheWrite: Math.max(before.cacheWrite, now.cacheWrite),
    cacheWrite1h: Math.max(before.cacheWrite1h, now.cacheWrite1h),
    audioInput: Math.max(before.audioInput, now.audioInput),
    audioOutput: Math.max(before.audioOutput, now.audioOutput),
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
