// Events of a canonical stream → the chunks of a completion of old.
import type { ReplyFrame, StreamEncoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import { encodeOpenaiUsage } from '../../openai-usage.ts';
import type { ProviderError } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { FINISH_WORDS } from './encode-response.ts';
import { toLegacyLogprobs } from './logprobs.ts';

const DONE = 'data: [DONE]\n\n';
const HEARTBEAT = ': waiting\n\n';

export class CompletionStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream';
  private readonly frame: ReplyFrame;
  private head: JsonObject;
  private usage: Usage | undefined;
  /** Characters of each choice so far, which odds count from. */
  private readonly lengths = new Map<number, number>();

  constructor(frame: ReplyFrame) {
    this.frame = frame;
    this.head = this.headOf(undefined, undefined, undefined);
  }

  encode(event: LlmEvent): string {
    switch (event.type) {
      case 'start':
        this.usage = event.usage ?? this.usage;
        this.head = this.headOf(event.id, event.model, event.createdSeconds);
        return '';
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'text-delta':
        return this.text(event.choice, event.text, event.logprobs);
      case 'refusal-delta':
        return this.text(event.choice, event.text, undefined);
      case 'finish':
        return this.chunk([
          { text: '', index: event.choice, logprobs: null, finish_reason: FINISH_WORDS[event.finish.reason] },
        ]);
      case 'ping':
        return HEARTBEAT;
      default:
        return ''; // nothing that this wire has words for
    }
  }

  end(): string {
    if (!this.frame.request.wantsStreamUsage || this.usage === undefined) return DONE;
    const last = { ...this.head, choices: [], usage: encodeOpenaiUsage(this.usage) };
    return `data: ${JSON.stringify(last)}\n\n${DONE}`;
  }

  fail({ message, type, param, code }: ProviderError): string {
    const error = { message, type, param: param ?? null, code: code ?? null };
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  heartbeat(): string {
    return HEARTBEAT;
  }

  private headOf(id: string | undefined, model: string | undefined, createdSeconds: number | undefined): JsonObject {
    const { frame } = this;
    return {
      id: id ?? `cmpl-${frame.id}`,
      object: 'text_completion',
      created: createdSeconds ?? frame.createdSeconds,
      model: model ?? frame.model,
    };
  }

  private text(choice: number, text: string, logprobs: JsonObject | undefined): string {
    const before = this.lengths.get(choice) ?? 0;
    this.lengths.set(choice, before + text.length);
    return this.chunk([{ text, index: choice, logprobs: toLegacyLogprobs(logprobs, before), finish_reason: null }]);
  }

  private chunk(choices: readonly JsonObject[]): string {
    const usage = this.frame.request.wantsStreamUsage ? { usage: null } : {};
    return `data: ${JSON.stringify({ ...this.head, choices, ...usage })}\n\n`;
  }
}
