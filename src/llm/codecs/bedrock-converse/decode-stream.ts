// An answer of ConverseStream, message by message. Its own end is `messageStop`; counts follow in `metadata`.
import { AWS_ERROR } from '../../aws-payloads.ts';
import type { StreamDecoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import { decodeStreamFailure } from './decode-error.ts';
import { decodeUsage } from './decode-usage.ts';
import { decodeStopReason } from './stop-reason.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
]);
/** Failures the service's model knows are named so, all of them. */
const EXCEPTION = /exception$/i;

interface OpenImage {
  readonly format: string;
  readonly pieces: Buffer[];
}

function malformed(what: string): LlmEvent {
  const message = `Bedrock sent ${what}`;
  return { type: 'error', error: { status: 502, type: 'malformed_event', code: undefined, message, param: undefined } };
}

export class ConverseStreamDecoder implements StreamDecoder {
  private isStarted = false;
  private isStopped = false;
  private isFailed = false;
  /** Number of the tool call that each block is. */
  private readonly calls = new Map<number, number>();
  private readonly images = new Map<number, OpenImage>();

  decode(name: string, payload: string, into: LlmEvent[]): void {
    // Behind its end only the counts are part of the stream.
    if (this.isFailed || (this.isStopped && name !== 'metadata')) return;
    if (!KNOWN.has(name)) {
      // Kinds of messages that came after this was written tell nothing that a client could be shown.
      if (name === '') this.fail(malformed('a message without a type'), into);
      else if (name === AWS_ERROR || EXCEPTION.test(name))
        this.fail({ type: 'error', error: decodeStreamFailure(name, payload) }, into);
      return;
    }
    const document = parseJson(payload);
    if (!isJsonObject(document)) {
      if (this.isStopped) return;
      this.fail(malformed(`a ${name} that is no JSON object`), into);
      return;
    }
    if (!this.isStarted) {
      this.isStarted = true;
      into.push({ type: 'start', id: undefined, model: undefined, createdSeconds: undefined, usage: undefined });
    }
    const problem = this.take(name, document, into);
    if (problem !== undefined) this.fail(malformed(problem), into);
  }

  isWhole(): boolean {
    return this.isStopped && !this.isFailed;
  }

  end(): boolean {
    return this.isWhole();
  }

  private fail(event: LlmEvent, into: LlmEvent[]): void {
    this.isFailed = true;
    into.push(event);
  }

  /** What is wrong with the message, if anything. */
  private take(name: string, document: JsonObject, into: LlmEvent[]): string | undefined {
    if (name === 'metadata') {
      const usage = decodeUsage(document.usage);
      if (usage !== undefined) into.push({ type: 'usage', usage });
      return undefined;
    }
    if (name === 'messageStart') return undefined;
    if (name === 'messageStop') {
      this.isStopped = true;
      const finish = decodeStopReason(document.stopReason, document.additionalModelResponseFields);
      into.push({ type: 'finish', choice: 0, finish });
      return undefined;
    }
    const { contentBlockIndex } = document;
    const index = typeof contentBlockIndex === 'number' ? contentBlockIndex : 0;
    if (name === 'contentBlockStart') return this.begin(index, document.start, into);
    if (name === 'contentBlockDelta') return this.goOn(index, document.delta, into);
    this.close(index, into);
    return undefined;
  }

  private begin(index: number, start: JsonValue | undefined, into: LlmEvent[]): string | undefined {
    if (!isJsonObject(start)) return undefined; // a text block may begin with nothing
    const { toolUse, image } = start;
    if (isJsonObject(image)) {
      this.images.set(index, { format: typeof image.format === 'string' ? image.format : 'png', pieces: [] });
      return undefined;
    }
    if (toolUse === undefined) return undefined;
    if (!isJsonObject(toolUse)) return 'a toolUse that is no object';
    const { toolUseId, name } = toolUse;
    if (typeof toolUseId !== 'string' || typeof name !== 'string') return 'a tool call without id or name';
    if (this.calls.has(index)) return 'two tool calls in one block';
    const call = this.calls.size;
    this.calls.set(index, call);
    into.push({ type: 'tool-call-start', choice: 0, call, id: toolUseId, name });
    return undefined;
  }

  private goOn(index: number, delta: JsonValue | undefined, into: LlmEvent[]): string | undefined {
    if (!isJsonObject(delta)) return 'a delta that is no object';
    const { text, toolUse, reasoningContent, citation, image } = delta;
    if (text !== undefined) {
      if (typeof text !== 'string') return 'text that is none';
      if (text !== '') into.push({ type: 'text-delta', choice: 0, text });
    } else if (toolUse !== undefined) return this.addArguments(index, toolUse, into);
    else if (reasoningContent !== undefined) return addReasoning(reasoningContent, into);
    else if (isJsonObject(citation)) into.push({ type: 'citation', choice: 0, citation });
    else if (isJsonObject(image)) return this.addImage(index, image);
    return undefined;
  }

  private addArguments(index: number, toolUse: JsonValue, into: LlmEvent[]): string | undefined {
    const call = this.calls.get(index);
    if (call === undefined) return 'arguments of a tool call that never began';
    const input = isJsonObject(toolUse) ? toolUse.input : undefined;
    if (typeof input !== 'string') return 'arguments that are no text';
    if (input !== '') into.push({ type: 'tool-call-delta', choice: 0, call, text: input });
    return undefined;
  }

  private addImage(index: number, image: JsonObject): string | undefined {
    const bytes = isJsonObject(image.source) ? image.source.bytes : undefined;
    const open = this.images.get(index);
    if (open === undefined) return 'an image that never began';
    if (typeof bytes !== 'string') return 'an image without bytes';
    // Each piece is base64 of its own, with its own padding.
    open.pieces.push(Buffer.from(bytes, 'base64'));
    return undefined;
  }

  private close(index: number, into: LlmEvent[]): void {
    const open = this.images.get(index);
    if (open === undefined) return;
    this.images.delete(index);
    const data = Buffer.concat(open.pieces).toString('base64');
    into.push({ type: 'image', choice: 0, mediaType: `image/${open.format}`, data });
  }
}

function addReasoning(content: JsonValue, into: LlmEvent[]): string | undefined {
  if (!isJsonObject(content)) return 'reasoning that is no object';
  const { text, signature, redactedContent } = content;
  if (typeof text === 'string') {
    if (text !== '') into.push({ type: 'reasoning-delta', choice: 0, text });
  } else if (typeof signature === 'string') into.push({ type: 'reasoning-signature', choice: 0, signature });
  else if (typeof redactedContent === 'string')
    into.push({ type: 'reasoning-redacted', choice: 0, data: redactedContent });
  else if (text !== undefined || signature !== undefined || redactedContent !== undefined)
    return 'reasoning that is no text';
  return undefined;
}
