// Google's whole answer → the canonical one.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ChatResponse, Choice, Finish, ProviderError } from '../../response.ts';
import { decodeCandidateParts, extrasOf, indexOf } from './decode-candidate.ts';
import { errorOf } from './decode-error.ts';
import { finishFromGemini } from './finish-reasons.ts';
import { logprobsFromGemini } from './logprobs.ts';
import { exceedsDepth, memberOf } from './reading.ts';
import { readUsageMetadata } from './usage-metadata.ts';

export function textMember(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function createdSecondsOf(body: JsonObject): number | undefined {
  const time = Date.parse(textMember(body, 'createTime') ?? '');
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

/** Why the prompt itself was refused, where it was. */
export function blockReasonOf(body: JsonObject): string | undefined {
  const feedback = memberOf(body, 'promptFeedback');
  return isJsonObject(feedback) ? textMember(feedback, 'blockReason') : undefined;
}

function decodeFinish(candidate: JsonObject, hasCalls: boolean): Finish {
  const raw = textMember(candidate, 'finishReason');
  return raw === undefined ? { reason: 'other' } : { reason: finishFromGemini(raw, hasCalls), raw };
}

function decodeChoice(candidate: JsonObject, responseId: string | undefined): Choice {
  const index = indexOf(candidate);
  const content = decodeCandidateParts(candidate, { responseId, choice: index, calls: 0 });
  const logprobs = logprobsFromGemini(memberOf(candidate, 'logprobsResult'));
  const finish = decodeFinish(
    candidate,
    content.some((part) => part.type === 'tool-call'),
  );
  return { index, content, finish, ...(logprobs === undefined ? {} : { logprobs }) };
}

const BLOCKED = (raw: string): Choice => ({ index: 0, content: [], finish: { reason: 'content-filter', raw } });

function restOf(body: JsonObject, candidates: readonly JsonObject[]): JsonObject | undefined {
  const feedback = memberOf(body, 'promptFeedback');
  const extras = candidates.length === 0 ? undefined : extrasOf(candidates[0]);
  if (feedback === undefined && extras === undefined) return undefined;
  return { ...(feedback === undefined ? {} : { promptFeedback: feedback }), ...extras };
}

export function decodeGeminiResponse(body: JsonValue): ChatResponse | ProviderError | undefined {
  if (!isJsonObject(body) || exceedsDepth(body)) return undefined;
  if (isJsonObject(body.error)) return errorOf(body.error, 500);
  const list = memberOf(body, 'candidates');
  const candidates = Array.isArray(list) ? (list as readonly JsonValue[]).filter(isJsonObject) : [];
  const blocked = blockReasonOf(body);
  const usage = readUsageMetadata(memberOf(body, 'usageMetadata'));
  if (candidates.length === 0 && blocked === undefined && usage === undefined) return undefined;
  const id = textMember(body, 'responseId');
  const choices = candidates.map((candidate) => decodeChoice(candidate, id));
  const rest = restOf(body, candidates);
  return {
    id,
    model: textMember(body, 'modelVersion'),
    createdSeconds: createdSecondsOf(body),
    choices: choices.length === 0 ? [blocked === undefined ? EMPTY : BLOCKED(blocked)] : choices,
    usage,
    ...(rest === undefined ? {} : { rest }),
  };
}

/** Counted, but neither answered nor blocked: Google gives no candidate when it has nothing to say. */
const EMPTY: Choice = { index: 0, content: [], finish: { reason: 'other' } };
