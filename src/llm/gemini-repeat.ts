// Whether an event of a Google stream comes behind its end. The wire has no last event: any may follow a finish, with counts, with
// more text of servers that write a finish into every event, or for another answer. Asked only of events behind a finish.
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from './json-value.ts';
import type { StreamFacts } from './stream-facts.ts';

/** Undefined = no JSON: it is relayed as it came. */
function parsed(bytes: Uint8Array, start: number, end: number): JsonValue | undefined {
  return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString());
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

/** Nothing but empty text, of a thought or not. */
function isEmptyPart(part: JsonObject): boolean {
  return Object.entries(part).every(([name, value]) => name === 'thought' || (name === 'text' && value === ''));
}

/** The finish of an answer that has told it already, and nothing else that is not known. */
function repeatsFinish(candidate: JsonObject, facts: StreamFacts): boolean {
  const { index = 0, finishReason, content } = candidate;
  const isFinished = typeof index === 'number' && index < 31 && (facts.finishedChoices & (1 << index)) !== 0;
  const parts = isJsonObject(content) ? objectsOf(content.parts) : [];
  return isFinished && typeof finishReason === 'string' && parts.every(isEmptyPart);
}

/**
 * A finish told again, or a failure behind an answer that is whole. Counts that were not told before make an event one that the
 * client needs.
 */
export function isBehindEnd(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean {
  const event = parsed(bytes, start, end);
  if (!isJsonObject(event)) return false;
  const { error, candidates, usageMetadata } = event;
  if (isJsonObject(error)) return (facts.begunChoices & ~facts.finishedChoices) === 0;
  const told = objectsOf(candidates);
  const isCounted = usageMetadata === undefined || facts.usage.isFound;
  return told.length > 0 && isCounted && told.every((candidate) => repeatsFinish(candidate, facts));
}
