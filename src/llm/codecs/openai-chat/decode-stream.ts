// The chunks of a provider's chat completion → canonical events. A finish is held back until the stream's tail: some servers write
// one into every chunk, and counts or a failure may still follow it.
import type { StreamDecoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { decodeOpenaiUsage } from '../../openai-usage.ts';
import type { ProviderError } from '../../response.ts';
import { annotationsOf, imagesOf, spokenPartsOf } from './decode-content-parts.ts';
import { reasoningDetailsOf, reasoningTextOf } from './decode-reasoning.ts';
import { decodeFinish } from './finish-reason.ts';
import { inBandError, malformed } from './in-band-error.ts';
import { ToolCallDeltas } from './tool-call-deltas.ts';

const DONE = '[DONE]';
/** The end of a choice by `[DONE]` alone: small servers write no `finish_reason`. */
const UNTOLD = 'stop';

interface OpenChoice {
  readonly index: number;
  readonly calls: ToolCallDeltas;
  /** As the server wrote it; undefined = it goes on. */
  finishRaw: string | undefined;
  stopSequence: string | undefined;
}

export class ChatStreamDecoder implements StreamDecoder {
  private readonly choices = new Map<number, OpenChoice>();
  private responseId: string | undefined;
  private isStarted = false;
  /** The tail was seen: nothing more is said. */
  private isFinished = false;
  /** `[DONE]` or a failure came: whatever follows is no part of the stream. */
  private isOver = false;
  private hasFailed = false;

  decode(name: string, payload: string, into: LlmEvent[]): void {
    if (this.isOver) return;
    if (payload.trim() === DONE) {
      this.finish(into, UNTOLD);
      this.isOver = true;
      return;
    }
    const chunk = parsed(payload);
    if (chunk === undefined) {
      this.fail(malformed('The provider sent an event that is not JSON'), into);
      return;
    }
    const error = inBandError(name === 'error' && chunk.error === undefined ? { error: chunk } : chunk);
    if (error === undefined) this.readChunk(chunk, into);
    else this.fail(error, into);
  }

  isWhole(): boolean {
    return this.isOver && this.isFinished && !this.hasFailed;
  }

  end(into: LlmEvent[]): boolean {
    if (!this.isOver) this.finish(into);
    this.isOver = true;
    return this.isFinished && !this.hasFailed;
  }

  private fail(error: ProviderError, into: LlmEvent[]): void {
    this.isOver = true;
    this.hasFailed = true;
    into.push({ type: 'error', error });
  }

  private readChunk(chunk: JsonObject, into: LlmEvent[]): void {
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isJsonObject) : [];
    const usage = decodeOpenaiUsage(chunk.usage) ?? decodeOpenaiUsage(usageElsewhere(chunk, choices));
    // Azure's first chunk has neither an answer nor its id.
    if (choices.length === 0 && usage === undefined) return;
    this.start(chunk, into);
    if (!this.isFinished) for (const choice of choices) this.readChoice(choice, into);
    if (this.isOver) return;
    if (usage !== undefined) into.push({ type: 'usage', usage });
    if (choices.length === 0) this.finish(into);
  }

  private start(chunk: JsonObject, into: LlmEvent[]): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.responseId = textOf(chunk.id);
    into.push({
      type: 'start',
      id: this.responseId,
      model: textOf(chunk.model),
      createdSeconds: typeof chunk.created === 'number' ? chunk.created : undefined,
      usage: undefined,
    });
  }

  private readChoice(choice: JsonObject, into: LlmEvent[]): void {
    const open = this.choiceOf(typeof choice.index === 'number' ? choice.index : 0);
    // A server that does not stream what it was asked to stream sends the whole message.
    const delta = isJsonObject(choice.delta) ? choice.delta : isJsonObject(choice.message) ? choice.message : {};
    this.readThoughts(delta, open, into);
    this.readSpoken(delta, isJsonObject(choice.logprobs) ? choice.logprobs : undefined, open, into);
    this.readCalls(delta, open, into);
    const raw = textOf(choice.finish_reason);
    if (raw === undefined) return;
    open.finishRaw = raw;
    open.stopSequence = textOf(choice.stop_reason) ?? open.stopSequence;
    if (decodeFinish({ raw, hasCalls: false, stopSequence: undefined }).reason === 'error')
      this.fail(malformed(`The provider ended the answer with "${raw}"`), into);
  }

  private choiceOf(index: number): OpenChoice {
    const known = this.choices.get(index);
    if (known !== undefined) return known;
    const open = { index, calls: new ToolCallDeltas(), finishRaw: undefined, stopSequence: undefined };
    this.choices.set(index, open);
    return open;
  }

  private readThoughts(delta: JsonObject, { index: choice }: OpenChoice, into: LlmEvent[]): void {
    const text = reasoningTextOf(delta);
    if (text !== '') into.push({ type: 'reasoning-delta', choice, text });
    for (const detail of reasoningDetailsOf(delta.reasoning_details)) {
      if (text === '' && detail.text !== '') into.push({ type: 'reasoning-delta', choice, text: detail.text });
      if (detail.signature !== '') into.push({ type: 'reasoning-signature', choice, signature: detail.signature });
      if (detail.redacted !== '') into.push({ type: 'reasoning-redacted', choice, data: detail.redacted });
    }
  }

  private readSpoken(
    delta: JsonObject,
    logprobs: JsonObject | undefined,
    { index: choice }: OpenChoice,
    into: LlmEvent[],
  ): void {
    for (const { type, text } of spokenPartsOf(delta.content)) {
      if (type === 'reasoning') into.push({ type: 'reasoning-delta', choice, text });
      else into.push({ type: 'text-delta', choice, text, ...(logprobs !== undefined && { logprobs }) });
    }
    const transcript = isJsonObject(delta.audio) ? textOf(delta.audio.transcript) : undefined;
    if (transcript !== undefined) into.push({ type: 'text-delta', choice, text: transcript });
    const refusal = textOf(delta.refusal);
    if (refusal !== undefined) into.push({ type: 'refusal-delta', choice, text: refusal });
    for (const citation of annotationsOf(delta)) into.push({ type: 'citation', choice, citation });
    for (const source of imagesOf(delta))
      if (source.kind === 'base64')
        into.push({ type: 'image', choice, mediaType: source.mediaType, data: source.data });
  }

  private readCalls(delta: JsonObject, open: OpenChoice, into: LlmEvent[]): void {
    const place = { choice: open.index, responseId: this.responseId, into };
    if (Array.isArray(delta.tool_calls)) {
      for (const call of delta.tool_calls) if (isJsonObject(call)) open.calls.take(call, place);
    } else if (isJsonObject(delta.function_call)) open.calls.take({ index: 0, function: delta.function_call }, place);
  }

  /** Tells the ends held back. An answer of which a choice goes on is not whole, unless the server says that all is said. */
  private finish(into: LlmEvent[], untold?: string): void {
    if (this.isFinished) return;
    const open = [...this.choices.values()];
    const goesOn = open.some(({ finishRaw }) => finishRaw === undefined);
    if (open.length === 0 || (goesOn && untold === undefined)) return;
    this.isFinished = true;
    for (const { index, calls, finishRaw = untold ?? '', stopSequence } of open) {
      calls.flush({ choice: index, responseId: this.responseId, into });
      const finish = decodeFinish({ raw: finishRaw, hasCalls: calls.count > 0, stopSequence });
      into.push({ type: 'finish', choice: index, finish });
    }
  }
}

function parsed(payload: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(payload);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // answered with an error event
  }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Groq's and Moonshot's places of it. */
function usageElsewhere(chunk: JsonObject, choices: readonly JsonObject[]): JsonValue | undefined {
  return isJsonObject(chunk.x_groq) ? chunk.x_groq.usage : choices[0]?.usage;
}
