// Events of a streamed answer of `/v1/messages` to canonical ones.
import type { StreamDecoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { Finish } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { errorOf } from './decode-error.ts';
import { withoutJsonCall } from './decode-response.ts';
import { decodeFinish } from './finish.ts';
import { JSON_ANSWER_TOOL } from './json-answer.ts';
import { decodeUsage, laterUsage } from './usage.ts';

/** What the deltas of an open block mean. */
type OpenBlock =
  | { readonly kind: 'call'; readonly call: number; readonly input: JsonValue | undefined; hasText: boolean }
  /** Its input is the text of the answer. */
  | { readonly kind: 'json-answer'; readonly input: JsonValue | undefined; hasText: boolean }
  | { readonly kind: 'other' };

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

class AnthropicStreamDecoder implements StreamDecoder {
  private usage: Usage | undefined = undefined;
  private calls = 0;
  private hasJsonAnswer = false;
  private hasStarted = false;
  private hasStopped = false;
  /** Nothing follows a failure. */
  private hasFailed = false;
  private finish: Finish | undefined = undefined;
  private readonly open = new Map<number, OpenBlock>();

  decode(name: string, payload: string, into: LlmEvent[]): void {
    if (this.hasFailed || this.hasStopped || payload === '' || payload === '[DONE]') return;
    const event = parseJson(payload);
    if (!isJsonObject(event)) {
      this.fail({ error: { type: 'api_error', message: 'The provider sent an event that is no JSON object' } }, into);
      return;
    }
    const type = typeof event.type === 'string' ? event.type : name;
    if (type === 'error' || (isJsonObject(event.error) && type === '')) this.fail(event, into);
    else if (type === 'message_start') this.startMessage(event, into);
    else if (type === 'content_block_start') this.startBlock(event, into);
    else if (type === 'content_block_delta') this.continueBlock(event, into);
    else if (type === 'content_block_stop') this.stopBlock(event, into);
    else if (type === 'message_delta') this.noteDelta(event, into);
    else if (type === 'message_stop') this.stopMessage(into);
    else if (type === 'ping') into.push({ type: 'ping' });
  }

  isWhole(): boolean {
    return this.hasStopped && !this.hasFailed;
  }

  end(): boolean {
    return !this.hasFailed && (this.hasStopped || this.finish !== undefined);
  }

  private fail(event: JsonObject, into: LlmEvent[]): void {
    this.hasFailed = true;
    into.push({ type: 'error', error: errorOf(event, undefined) });
  }

  private startMessage(event: JsonObject, into: LlmEvent[]): void {
    if (this.hasStarted) return;
    const message = isJsonObject(event.message) ? event.message : {};
    this.usage = decodeUsage(message.usage);
    this.start(into, textOf(message.id) || undefined, textOf(message.model) || undefined);
    // Blocks that are there from the start, as some servers send them.
    for (const block of Array.isArray(message.content) ? message.content : [])
      if (isJsonObject(block)) this.openBlock(block, -1, into);
  }

  private start(into: LlmEvent[], id?: string, model?: string): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    into.push({ type: 'start', id, model, createdSeconds: undefined, usage: this.usage });
  }

  private startBlock(event: JsonObject, into: LlmEvent[]): void {
    this.start(into);
    if (isJsonObject(event.content_block)) this.openBlock(event.content_block, indexOf(event), into);
  }

  /** A block may begin with content, though the API itself sends that in deltas. */
  private openBlock(block: JsonObject, index: number, into: LlmEvent[]): void {
    this.open.set(index, { kind: 'other' });
    switch (block.type) {
      case 'text':
        this.text(textOf(block.text), into);
        for (const citation of Array.isArray(block.citations) ? block.citations : [])
          if (isJsonObject(citation)) into.push({ type: 'citation', choice: 0, citation });
        break;
      case 'thinking':
        if (textOf(block.thinking) !== '')
          into.push({ type: 'reasoning-delta', choice: 0, text: textOf(block.thinking) });
        if (textOf(block.signature) !== '')
          into.push({ type: 'reasoning-signature', choice: 0, signature: textOf(block.signature) });
        break;
      case 'redacted_thinking':
        into.push({ type: 'reasoning-redacted', choice: 0, data: textOf(block.data) });
        break;
      case 'tool_use':
        this.openCall(block, index, into);
        break;
    }
  }

  private openCall(block: JsonObject, index: number, into: LlmEvent[]): void {
    const { input } = block;
    if (block.name === JSON_ANSWER_TOOL) {
      this.hasJsonAnswer = true;
      this.open.set(index, { kind: 'json-answer', input, hasText: false });
      return;
    }
    const call = this.calls++;
    this.open.set(index, { kind: 'call', call, input, hasText: false });
    into.push({ type: 'tool-call-start', choice: 0, call, id: textOf(block.id), name: textOf(block.name) });
  }

  private text(text: string, into: LlmEvent[]): void {
    if (text !== '') into.push({ type: 'text-delta', choice: 0, text });
  }

  private continueBlock(event: JsonObject, into: LlmEvent[]): void {
    this.start(into);
    const delta = isJsonObject(event.delta) ? event.delta : {};
    switch (delta.type) {
      case 'text_delta':
        this.text(textOf(delta.text), into);
        break;
      case 'thinking_delta':
        if (textOf(delta.thinking) !== '')
          into.push({ type: 'reasoning-delta', choice: 0, text: textOf(delta.thinking) });
        break;
      case 'signature_delta':
        if (textOf(delta.signature) !== '')
          into.push({ type: 'reasoning-signature', choice: 0, signature: textOf(delta.signature) });
        break;
      case 'citations_delta':
        if (isJsonObject(delta.citation)) into.push({ type: 'citation', choice: 0, citation: delta.citation });
        break;
      case 'input_json_delta':
        this.continueInput(textOf(delta.partial_json), this.open.get(indexOf(event)), into);
        break;
    }
  }

  private continueInput(text: string, block: OpenBlock | undefined, into: LlmEvent[]): void {
    if (text === '' || block === undefined || block.kind === 'other') return;
    block.hasText = true;
    if (block.kind === 'json-answer') this.text(text, into);
    else into.push({ type: 'tool-call-delta', choice: 0, call: block.call, text });
  }

  /** A call without any delta has what it began with as its input. */
  private stopBlock(event: JsonObject, into: LlmEvent[]): void {
    const index = indexOf(event);
    const block = this.open.get(index);
    this.open.delete(index);
    if (block === undefined || block.kind === 'other' || block.hasText) return;
    this.continueInput(JSON.stringify(block.input ?? {}), block, into);
  }

  private stopBlocks(into: LlmEvent[]): void {
    for (const index of [...this.open.keys()]) this.stopBlock({ index }, into);
  }

  private stopMessage(into: LlmEvent[]): void {
    this.hasStopped = true;
    this.start(into);
    this.stopBlocks(into);
    if (this.finish === undefined) into.push({ type: 'finish', choice: 0, finish: { reason: 'other' } });
  }

  private noteDelta(event: JsonObject, into: LlmEvent[]): void {
    this.start(into);
    const usage = laterUsage(this.usage, event.usage);
    if (usage !== undefined) {
      this.usage = usage;
      into.push({ type: 'usage', usage });
    }
    const finish = decodeFinish(event.delta);
    if (finish === undefined || this.finish !== undefined) return;
    this.stopBlocks(into);
    this.finish = this.hasJsonAnswer ? withoutJsonCall(finish, this.calls > 0) : finish;
    into.push({ type: 'finish', choice: 0, finish: this.finish });
  }
}

/** -1 where there is none: servers that send one block at a time forget it. */
function indexOf({ index }: JsonObject): number {
  return typeof index === 'number' ? index : -1;
}

export function createStreamDecoder(): StreamDecoder {
  return new AnthropicStreamDecoder();
}
