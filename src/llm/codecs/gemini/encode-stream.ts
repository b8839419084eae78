// Canonical events → the stream of a client of Google's API: server-sent events (`alt=sse`), or one JSON array. Calls leave whole,
// and what ends the stream is held until usage is known, which clients read from the last chunk.
import type { ReplyFrame, StreamEncoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import { encodeErrorBody } from '../../google-error.ts';
import type { JsonObject } from '../../json-value.ts';
import type { Finish, ProviderError } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { encodeCall, encodeThought, malformedText } from './encode-parts.ts';
import { encodeFinish, showsThoughts } from './encode-response.ts';
import { logprobsToGemini } from './logprobs.ts';
import { writeUsageMetadata } from './usage-metadata.ts';

/** How chunks are told apart. */
interface Framing {
  readonly contentType: string;
  chunk(json: string, isFirst: boolean): string;
  end(isEmpty: boolean): string;
}

const SSE: Framing = {
  contentType: 'text/event-stream',
  chunk: (json) => `data: ${json}\r\n\r\n`,
  end: () => '',
};

const ARRAY: Framing = {
  contentType: 'application/json; charset=UTF-8',
  chunk: (json, isFirst) => `${isFirst ? '[' : ',\r\n'}${json}`,
  end: (isEmpty) => (isEmpty ? '[]' : '\r\n]'),
};

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly signature: string | undefined;
  arguments: string;
}

/** One of the answers of a stream. */
class OpenChoice {
  readonly calls = new Map<number, OpenCall>();
  readonly malformed: string[] = [];
  finish: Finish | undefined = undefined;

  /** The calls so far as parts; each leaves once. */
  takeCalls(): readonly JsonObject[] {
    const parts: JsonObject[] = [];
    for (const call of this.calls.values()) {
      const part = encodeCall(call);
      if (part === undefined) this.malformed.push(malformedText(call));
      else parts.push(part);
    }
    this.calls.clear();
    return parts;
  }
}

export class GeminiStreamEncoder implements StreamEncoder {
  readonly contentType: string;
  private readonly frame: ReplyFrame;
  private readonly framing: Framing;
  private readonly showsThoughts: boolean;
  private readonly choices = new Map<number, OpenChoice>();
  private id: string | undefined = undefined;
  private model: string | undefined = undefined;
  private usage: Usage | undefined = undefined;
  private hasChunks = false;

  constructor(frame: ReplyFrame) {
    this.frame = frame;
    this.framing = frame.streamsArray === true ? ARRAY : SSE;
    this.contentType = this.framing.contentType;
    this.showsThoughts = showsThoughts(frame);
  }

  encode(event: LlmEvent): string {
    switch (event.type) {
      case 'start':
        this.id = event.id;
        this.model = event.model;
        this.usage = event.usage;
        return '';
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'ping':
      case 'citation':
      case 'error':
        return ''; // a failure is told by `fail`
      case 'finish':
        return this.finishChoice(event.choice, event.finish);
      default:
        return this.encodePart(event);
    }
  }

  end(): string {
    let text = '';
    for (const [index, choice] of this.choices) {
      const parts = choice.takeCalls();
      if (parts.length > 0) text += this.partsChunk(index, parts);
    }
    const candidates = [...this.choices].map(([index, { finish, malformed }]) => ({
      content: { role: 'model', parts: [{ text: '' }] },
      ...encodeFinish(finish ?? { reason: 'other' }, malformed),
      index,
    }));
    text += this.chunk({
      candidates,
      ...(this.usage === undefined ? {} : { usageMetadata: writeUsageMetadata(this.usage) }),
    });
    return text + this.framing.end(!this.hasChunks);
  }

  fail(error: ProviderError): string {
    const text = this.framing.chunk(JSON.stringify(encodeErrorBody(error)), !this.hasChunks);
    this.hasChunks = true;
    return text + this.framing.end(false);
  }

  /** An empty line between events, space between elements. Comments would do for SSE, but Google's Python client reads them as JSON. */
  heartbeat(): string {
    return '\r\n';
  }

  private choice(index: number): OpenChoice {
    const known = this.choices.get(index);
    if (known !== undefined) return known;
    const choice = new OpenChoice();
    this.choices.set(index, choice);
    return choice;
  }

  private finishChoice(index: number, finish: Finish): string {
    const choice = this.choice(index);
    choice.finish ??= finish;
    const parts = choice.takeCalls();
    return parts.length === 0 ? '' : this.partsChunk(index, parts);
  }

  private encodePart(event: Extract<LlmEvent, { readonly choice: number }>): string {
    const choice = this.choice(event.choice);
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta': {
        const logprobs = event.type === 'text-delta' ? event.logprobs : undefined;
        if (event.text === '' && logprobs === undefined) return '';
        const extra = logprobs === undefined ? {} : { logprobsResult: logprobsToGemini(logprobs) };
        return this.partsChunk(event.choice, [{ text: event.text }], extra);
      }
      case 'reasoning-delta':
        return this.thoughtChunk(event.choice, { type: 'reasoning', text: event.text });
      case 'reasoning-signature':
        return this.thoughtChunk(event.choice, { type: 'reasoning', text: '', signature: event.signature });
      case 'reasoning-redacted':
        return this.thoughtChunk(event.choice, { type: 'reasoning', text: '', redacted: event.data });
      case 'tool-call-start':
        choice.calls.set(event.call, { id: event.id, name: event.name, signature: event.signature, arguments: '' });
        return '';
      case 'tool-call-delta': {
        const call = choice.calls.get(event.call);
        if (call !== undefined) call.arguments += event.text;
        return '';
      }
      case 'image':
        return this.partsChunk(event.choice, [{ inlineData: { mimeType: event.mediaType, data: event.data } }]);
      default:
        return '';
    }
  }

  private thoughtChunk(index: number, part: Parameters<typeof encodeThought>[0]): string {
    const encoded = encodeThought(part, this.showsThoughts);
    return encoded === undefined ? '' : this.partsChunk(index, [encoded]);
  }

  private partsChunk(index: number, parts: readonly JsonObject[], extra: JsonObject = {}): string {
    return this.chunk({ candidates: [{ content: { role: 'model', parts }, index, ...extra }] });
  }

  private chunk(body: JsonObject): string {
    const { frame, id, model } = this;
    const json = JSON.stringify({ ...body, modelVersion: model ?? frame.model, responseId: id ?? frame.id });
    const text = this.framing.chunk(json, !this.hasChunks);
    this.hasChunks = true;
    return text;
  }
}
