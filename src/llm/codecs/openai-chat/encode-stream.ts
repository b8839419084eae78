// Events of a canonical stream → the chunks of a chat completion for a client, as text ready to be written.
import type { ReplyFrame, StreamEncoder } from '../../codec.ts';
import { toDataUrl } from '../../data-url.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import { encodeOpenaiUsage } from '../../openai-usage.ts';
import type { ProviderError } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { encryptedDetail, isAnnotation, signatureMember } from './encode-response.ts';
import { encodeFinish } from './finish-reason.ts';

const DONE = 'data: [DONE]\n\n';
/** A comment: every client passes over it. */
const HEARTBEAT = ': waiting\n\n';

export class ChatStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream';
  private readonly frame: ReplyFrame;
  private readonly isLegacy: boolean;
  /** Choices whose first chunk, with the role, is out. */
  private readonly begun = new Set<number>();
  /** All of a chunk up to its choices, and what stands behind them; the same in every chunk. */
  private opening = '';
  private readonly closing: string;
  private usage: Usage | undefined;

  constructor(frame: ReplyFrame) {
    this.frame = frame;
    this.isLegacy = frame.request.usesLegacyFunctions === true;
    // OpenAI gives a null to those who will get counts at the end.
    this.closing = frame.request.wantsStreamUsage ? '],"usage":null}\n\n' : ']}\n\n';
  }

  encode(event: LlmEvent): string {
    switch (event.type) {
      case 'start':
        this.usage = event.usage ?? this.usage;
        this.open(event.id, event.model, event.createdSeconds);
        return this.role(0);
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'text-delta':
        return this.text(event.choice, event.text, event.logprobs);
      case 'finish':
        return this.finish(event.choice, encodeFinish(event.finish, this.isLegacy));
      case 'ping':
        return HEARTBEAT;
      case 'error':
        return ''; // told by `fail`
      default: {
        const delta = this.deltaOf(event);
        return delta === undefined ? '' : this.delta(event.choice, delta);
      }
    }
  }

  end(): string {
    if (!this.frame.request.wantsStreamUsage || this.usage === undefined) return DONE;
    const usage = JSON.stringify(encodeOpenaiUsage(this.usage));
    return `${this.begin()}],"usage":${usage}}\n\n${DONE}`;
  }

  /** The official SDKs throw at a chunk with an `error`; no `[DONE]` follows. */
  fail({ message, type, param, code }: ProviderError): string {
    const error = { message, type, param: param ?? null, code: code ?? null };
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  heartbeat(): string {
    return HEARTBEAT;
  }

  private open(id: string | undefined, model: string | undefined, createdSeconds: number | undefined): void {
    const head = {
      id: id ?? `chatcmpl-${this.frame.id}`,
      object: 'chat.completion.chunk',
      created: createdSeconds ?? this.frame.createdSeconds,
      model: model ?? this.frame.model,
    };
    this.opening = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
  }

  private begin(): string {
    if (this.opening === '') this.open(undefined, undefined, undefined);
    return this.opening;
  }

  /** The first chunk of a choice names the role and says nothing yet. */
  private role(choice: number): string {
    if (this.begun.has(choice)) return '';
    this.begun.add(choice);
    const delta = '{"role":"assistant","content":"","refusal":null}';
    return `${this.begin()}{"index":${choice},"delta":${delta},"logprobs":null,"finish_reason":null}${this.closing}`;
  }

  private text(choice: number, text: string, logprobs: JsonObject | undefined): string {
    const role = this.role(choice);
    const odds = logprobs === undefined ? 'null' : JSON.stringify(logprobs);
    const delta = `{"content":${JSON.stringify(text)}}`;
    return `${role}${this.opening}{"index":${choice},"delta":${delta},"logprobs":${odds},"finish_reason":null}${this.closing}`;
  }

  private delta(choice: number, delta: JsonObject): string {
    const role = this.role(choice);
    const text = JSON.stringify(delta);
    return `${role}${this.opening}{"index":${choice},"delta":${text},"logprobs":null,"finish_reason":null}${this.closing}`;
  }

  private finish(choice: number, reason: string): string {
    const role = this.role(choice);
    return `${role}${this.opening}{"index":${choice},"delta":{},"logprobs":null,"finish_reason":"${reason}"}${this.closing}`;
  }

  private deltaOf(event: DeltaEvent): JsonObject | undefined {
    switch (event.type) {
      case 'refusal-delta':
        return { refusal: event.text };
      case 'reasoning-delta':
        return { reasoning_content: event.text };
      case 'reasoning-signature':
        return { reasoning_details: [{ type: 'reasoning.text', signature: event.signature }] };
      case 'reasoning-redacted':
        return { reasoning_details: [encryptedDetail(event.data)] };
      case 'tool-call-start':
        return this.callStart(event);
      case 'tool-call-delta':
        if (this.isLegacy && event.call === 0) return { function_call: { arguments: event.text } };
        return { tool_calls: [{ index: event.call, function: { arguments: event.text } }] };
      case 'citation':
        return isAnnotation(event.citation) ? { annotations: [event.citation] } : undefined;
      case 'image':
        return { images: [{ type: 'image_url', image_url: { url: toDataUrl(event.mediaType, event.data) } }] };
    }
  }

  private callStart(event: Extract<LlmEvent, { readonly type: 'tool-call-start' }>): JsonObject {
    const { call, id, name, signature } = event;
    if (this.isLegacy && call === 0) return { function_call: { name, arguments: '' } };
    const named = { name, arguments: '' };
    return { tool_calls: [{ index: call, id, type: 'function', function: named, ...signatureMember(signature) }] };
  }
}

type DeltaEvent = Exclude<LlmEvent, { readonly type: 'start' | 'usage' | 'text-delta' | 'finish' | 'ping' | 'error' }>;
