// Canonical events as a stream of `/v1/messages`: one message, blocks one after the other, each opened and closed.
import { anthropicErrorEvent, anthropicTypeOf } from '../../anthropic-error.ts';
import type { ReplyFrame, StreamEncoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import type { Finish, ProviderError } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { isOwnCitation, messageId, OTHER_MEDIA } from './encode-response.ts';
import { encodeFinish } from './finish.ts';
import { toolUseId } from './tool-ids.ts';
import { encodeUsage } from './usage.ts';

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const NO_BLOCK = -1;

type Start = Extract<LlmEvent, { type: 'start' }>;
type CallStart = Extract<LlmEvent, { type: 'tool-call-start' }>;

function eventText(type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
}

function isWholeJson(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // more of it is to come
  }
}

class AnthropicStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  private readonly frame: ReplyFrame;
  private hasStarted = false;
  private block: 'none' | 'text' | 'thinking' | 'call' = 'none';
  /** Of the open block, or of the next one to be opened. */
  private index = 0;
  private openCall = NO_BLOCK;
  private openInput = '';
  private readonly begunCalls = new Set<number>();
  /** What belongs behind the open call while its arguments are not whole: calls of other wires may come interleaved. */
  private waiting: LlmEvent[] = [];
  private usage: Usage | undefined = undefined;
  private finish: Finish | undefined = undefined;

  constructor(frame: ReplyFrame) {
    this.frame = frame;
  }

  encode(event: LlmEvent): string {
    switch (event.type) {
      case 'start':
        return this.start(event);
      case 'ping':
        return PING;
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'error':
        return ''; // told by fail
      case 'finish':
        if (event.choice !== 0) return '';
        this.finish ??= event.finish;
        return this.start() + this.drain() + this.close();
      default:
        return event.choice === 0 ? this.start() + this.place(event) : '';
    }
  }

  end(): string {
    const rest = this.start() + this.drain() + this.close();
    const delta = encodeFinish(this.finish ?? { reason: 'other' }, this.begunCalls.size > 0);
    return rest + eventText('message_delta', { delta, usage: encodeUsage(this.usage) }) + eventText('message_stop', {});
  }

  fail({ type, status, message, code }: ProviderError): string {
    return anthropicErrorEvent({ type: anthropicTypeOf(type, status), message, code });
  }

  heartbeat(): string {
    return PING;
  }

  private start(event?: Start): string {
    if (this.hasStarted) return '';
    this.hasStarted = true;
    this.usage = event?.usage ?? this.usage;
    const message = {
      id: messageId(event?.id, this.frame),
      type: 'message',
      role: 'assistant',
      model: event?.model ?? this.frame.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: encodeUsage(this.usage),
    };
    return eventText('message_start', { message });
  }

  /** Writes a part's event, or keeps it while the open call waits for the rest of its arguments. */
  private place(event: LlmEvent): string {
    if (this.block !== 'call') return this.write(event);
    if (event.type === 'tool-call-delta' && event.call === this.openCall) return this.write(event) + this.release();
    if (isWholeJson(this.openInput)) return this.write(event);
    this.waiting.push(event);
    return '';
  }

  /** What waited behind a call that is whole now. */
  private release(): string {
    if (this.waiting.length === 0 || !isWholeJson(this.openInput)) return '';
    return this.replay();
  }

  private replay(): string {
    const { waiting } = this;
    this.waiting = [];
    let text = this.close();
    for (const event of waiting) text += this.place(event);
    return text;
  }

  /** Nothing more will come: what waited is written, whole or not. Each round opens a call at least, or writes all. */
  private drain(): string {
    let text = '';
    while (this.waiting.length > 0) text += this.replay();
    return text;
  }

  private write(event: LlmEvent): string {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return event.text === '' ? '' : this.openText() + this.delta({ type: 'text_delta', text: event.text });
      case 'reasoning-delta':
        return event.text === ''
          ? ''
          : this.openThinking() + this.delta({ type: 'thinking_delta', thinking: event.text });
      case 'reasoning-signature':
        return this.openThinking() + this.delta({ type: 'signature_delta', signature: event.signature }) + this.close();
      case 'reasoning-redacted':
        return this.open('text', { type: 'redacted_thinking', data: event.data }) + this.close();
      case 'tool-call-start':
        return this.startCall(event);
      case 'tool-call-delta':
        return this.continueCall(event.call, event.text);
      case 'citation':
        if (!isOwnCitation(event.citation)) return '';
        return this.openText() + this.delta({ type: 'citations_delta', citation: event.citation });
      case 'image':
        return this.openText() + this.delta({ type: 'text_delta', text: OTHER_MEDIA });
      default:
        return '';
    }
  }

  private startCall({ call, id, name }: CallStart): string {
    if (this.begunCalls.has(call)) return '';
    this.begunCalls.add(call);
    const use = { type: 'tool_use', id: toolUseId(id), name, input: {}, caller: { type: 'direct' } };
    const text = this.open('call', use);
    this.openCall = call;
    return text;
  }

  /** Of a call that is closed only space can come: its arguments were whole. */
  private continueCall(call: number, text: string): string {
    if (call !== this.openCall || text === '') return '';
    this.openInput += text;
    return this.delta({ type: 'input_json_delta', partial_json: text });
  }

  private openText(): string {
    return this.block === 'text' ? '' : this.open('text', { type: 'text', text: '' });
  }

  private openThinking(): string {
    return this.block === 'thinking' ? '' : this.open('thinking', { type: 'thinking', thinking: '', signature: '' });
  }

  private open(block: 'text' | 'thinking' | 'call', content: JsonObject): string {
    const before = this.close();
    this.block = block;
    return before + eventText('content_block_start', { index: this.index, content_block: content });
  }

  private delta(delta: JsonObject): string {
    return eventText('content_block_delta', { index: this.index, delta });
  }

  private close(): string {
    if (this.block === 'none') return '';
    this.block = 'none';
    this.openCall = NO_BLOCK;
    this.openInput = '';
    return eventText('content_block_stop', { index: this.index++ });
  }
}

export function createStreamEncoder(frame: ReplyFrame): StreamEncoder {
  return new AnthropicStreamEncoder(frame);
}
