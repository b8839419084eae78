// Probabilities of tokens: Google's `logprobsResult` and OpenAI's shape, which the canonical answer has.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { memberOf } from './reading.ts';

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isJsonObject) : [];
}

function entryFromGemini(candidate: JsonObject): JsonObject {
  const token = memberOf(candidate, 'token');
  const text = typeof token === 'string' ? token : '';
  const logprob = memberOf(candidate, 'logProbability');
  return { token: text, logprob: typeof logprob === 'number' ? logprob : 0, bytes: [...Buffer.from(text)] };
}

export function logprobsFromGemini(result: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonObject(result)) return undefined;
  const chosen = listOf(memberOf(result, 'chosenCandidates'));
  const tops = listOf(memberOf(result, 'topCandidates'));
  if (chosen.length === 0) return undefined;
  const content = chosen.map((candidate, at) => ({
    ...entryFromGemini(candidate),
    top_logprobs: tops[at] === undefined ? [] : listOf(memberOf(tops[at], 'candidates')).map(entryFromGemini),
  }));
  return { content };
}

function entryToGemini(entry: JsonObject): JsonObject {
  return { token: entry.token ?? '', logProbability: entry.logprob ?? 0 };
}

export function logprobsToGemini(logprobs: JsonObject): JsonObject {
  const content = listOf(logprobs.content);
  return {
    chosenCandidates: content.map(entryToGemini),
    topCandidates: content.map((entry) => ({ candidates: listOf(entry.top_logprobs).map(entryToGemini) })),
  };
}

/** Probabilities of a stream are told piece by piece; a whole answer has them in one list. */
export function joinLogprobs(before: JsonObject | undefined, next: JsonObject): JsonObject {
  return { content: [...listOf(before?.content), ...listOf(next.content)] };
}
