// Tokens as Bedrock counts them: input read from the cache and written to it stand beside `inputTokens`, not in it.
import { isJsonObject, type JsonValue } from '../../json-value.ts';
import { createUsage, type Usage } from '../../usage.ts';

function count(value: JsonValue | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function writtenForAnHour(details: JsonValue | undefined): number {
  if (!Array.isArray(details)) return 0;
  return (details as readonly JsonValue[])
    .filter((detail) => isJsonObject(detail))
    .filter(({ ttl }) => ttl === '1h')
    .reduce((sum, { inputTokens }) => sum + count(inputTokens), 0);
}

/** Undefined = none was told. */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(value)) return undefined;
  const cachedInput = count(value.cacheReadInputTokens);
  const cacheWrite = count(value.cacheWriteInputTokens);
  return createUsage({
    input: count(value.inputTokens) + cachedInput + cacheWrite,
    output: count(value.outputTokens),
    cachedInput,
    cacheWrite,
    cacheWrite1h: Math.min(cacheWrite, writtenForAnHour(value.cacheDetails)),
  });
}
