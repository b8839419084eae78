// Google's stream → canonical events. Every chunk is a whole `GenerateContentResponse` with the next parts; calls come whole, and
// usage may stand in any chunk, each time as the total so far.
import type { StreamDecoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { AssistantPart } from '../../message.ts';
import type { ProviderError } from '../../response.ts';
import { decodeCandidateParts, extrasOf, indexOf } from './decode-candidate.ts';
import { errorOf } from './decode-error.ts';
import { blockReasonOf, createdSecondsOf, textMember } from './decode-response.ts';
import { finishFromGemini } from './finish-reasons.ts';
import { logprobsFromGemini } from './logprobs.ts';
import { exceedsDepth, memberOf } from './reading.ts';
import { readUsageMetadata } from './usage-metadata.ts';

const BAD_CHUNK: ProviderError = {
  status: 502,
  type: 'INTERNAL',
  code: undefined,
  message: 'The provider sent a chunk that is not JSON of its format',
  param: undefined,
};

const AUDIO: ProviderError = {
  ...BAD_CHUNK,
  type: 'UNIMPLEMENTED',
  message: 'The provider streams audio, which the format of this request cannot carry',
};

export class GeminiStreamDecoder implements StreamDecoder {
  private hasStarted = false;
  private hasFailed = false;
  private readonly open = new Set<number>();
  private readonly finished = new Set<number>();
  private id: string | undefined = undefined;
  /** By choice. */
  private readonly calls = new Map<number, number>();

  decode(_name: string, payload: string, into: LlmEvent[]): void {
    // Said by some servers, though it is no word of this wire.
    if (this.hasFailed || payload === '[DONE]') return;
    const chunk = parseJson(payload);
    // Behind an answer that is whole only counts and more text are of use: what cannot be read is no part of it.
    const isBehindEnd = this.isWhole() && (!isJsonObject(chunk) || exceedsDepth(chunk) || isJsonObject(chunk.error));
    if (isBehindEnd) return;
    if (!isJsonObject(chunk) || exceedsDepth(chunk)) this.fail(BAD_CHUNK, into);
    else if (isJsonObject(chunk.error)) this.fail(errorOf(chunk.error, 500), into);
    else this.decodeChunk(chunk, into);
  }

  isWhole(): boolean {
    return this.finished.size > 0 && this.open.size === 0 && !this.hasFailed;
  }

  end(): boolean {
    return this.isWhole();
  }

  private fail(error: ProviderError, into: LlmEvent[]): void {
    this.hasFailed = true;
    into.push({ type: 'error', error });
  }

  private decodeChunk(chunk: JsonObject, into: LlmEvent[]): void {
    this.start(chunk, into);
    const list = memberOf(chunk, 'candidates');
    const candidates = Array.isArray(list) ? (list as readonly JsonValue[]).filter(isJsonObject) : [];
    for (const candidate of candidates) this.decodeCandidate(candidate, into);
    if (this.hasFailed) return;
    const blocked = blockReasonOf(chunk);
    if (blocked !== undefined && candidates.length === 0) {
      this.finished.add(0);
      into.push({ type: 'finish', choice: 0, finish: { reason: 'content-filter', raw: blocked } });
    }
    const usage = readUsageMetadata(memberOf(chunk, 'usageMetadata'));
    if (usage !== undefined) into.push({ type: 'usage', usage });
  }

  private start(chunk: JsonObject, into: LlmEvent[]): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.id = textMember(chunk, 'responseId');
    into.push({
      type: 'start',
      id: this.id,
      model: textMember(chunk, 'modelVersion'),
      createdSeconds: createdSecondsOf(chunk),
      usage: undefined,
    });
  }

  private decodeCandidate(candidate: JsonObject, into: LlmEvent[]): void {
    const choice = indexOf(candidate);
    const calls = this.calls.get(choice) ?? 0;
    const logprobs = logprobsFromGemini(memberOf(candidate, 'logprobsResult'));
    const from = into.length;
    for (const part of decodeCandidateParts(candidate, { responseId: this.id, choice, calls }))
      if (!this.hasFailed) this.tell(part, choice, into);
    if (this.hasFailed) return;
    if (logprobs !== undefined) into.push(...withLogprobs(into.splice(from), choice, logprobs));
    const raw = textMember(candidate, 'finishReason');
    // Told again with later chunks by some models: it ends once.
    if (this.finished.has(choice)) return;
    this.open.add(choice);
    if (raw === undefined || raw === 'FINISH_REASON_UNSPECIFIED') return;
    this.open.delete(choice);
    this.finished.add(choice);
    const rest = extrasOf(candidate);
    const reason = finishFromGemini(raw, (this.calls.get(choice) ?? 0) > 0);
    into.push({ type: 'finish', choice, finish: { reason, raw }, ...(rest === undefined ? {} : { rest }) });
  }

  private tell(part: AssistantPart, choice: number, into: LlmEvent[]): void {
    if (part.type === 'text') into.push({ type: 'text-delta', choice, text: part.text });
    else if (part.type === 'reasoning') {
      if (part.text !== '') into.push({ type: 'reasoning-delta', choice, text: part.text });
      if (part.signature !== undefined) into.push({ type: 'reasoning-signature', choice, signature: part.signature });
    } else if (part.type === 'image' && part.source.kind === 'base64') {
      into.push({ type: 'image', choice, mediaType: part.source.mediaType, data: part.source.data });
    } else if (part.type === 'audio') this.fail(AUDIO, into);
    else if (part.type === 'tool-call') {
      const call = this.calls.get(choice) ?? 0;
      this.calls.set(choice, call + 1);
      const signature = part.signature === undefined ? {} : { signature: part.signature };
      into.push({ type: 'tool-call-start', choice, call, id: part.id, name: part.name, ...signature });
      into.push({ type: 'tool-call-delta', choice, call, text: part.arguments });
    }
  }
}

/** Probabilities belong to the text of their chunk; without one they stand alone. */
function withLogprobs(events: readonly LlmEvent[], choice: number, logprobs: JsonObject): readonly LlmEvent[] {
  const at = events.findLastIndex((event) => event.type === 'text-delta');
  if (at === -1) return [...events, { type: 'text-delta', choice, text: '', logprobs }];
  return events.map((event, place) => (place === at && event.type === 'text-delta' ? { ...event, logprobs } : event));
}
