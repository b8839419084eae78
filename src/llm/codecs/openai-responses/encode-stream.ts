// A streamed answer for a client of the Responses API: items open and close around the events of any provider. At most one of the
// items that speak or think is open; calls stay open to the end, because their deltas may interleave.
import type { ReplyFrame, StreamEncoder } from '../../codec.ts';
import type { LlmEvent } from '../../event.ts';
import type { JsonObject } from '../../json-value.ts';
import type { Finish, ProviderError } from '../../response.ts';
import type { Usage } from '../../usage.ts';
import { EventWriter, type ItemPlace } from './event-writer.ts';
import { OpenCall, type OpenItem, OpenMessage, OpenReasoning, writeImage } from './open-items.ts';
import { annotationOf, type ItemStatus, logprobList } from './output-items.ts';
import { type Ending, endingOf, responseObject } from './response-object.ts';
import { writeThoughtToken } from './thought-token.ts';

type StartEvent = Extract<LlmEvent, { readonly type: 'start' }>;
type CallStart = Extract<LlmEvent, { readonly type: 'tool-call-start' }>;

class ResponsesStream implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  private readonly frame: ReplyFrame;
  private readonly writer = new EventWriter();
  private started: StartEvent | undefined;
  /** Items that ended, by their place; open ones leave holes until they do. */
  private readonly output: JsonObject[] = [];
  private itemCount = 0;
  /** What speaks or thinks. */
  private current: OpenMessage | OpenReasoning | undefined;
  private readonly calls = new Map<number, OpenCall>();
  private hasRefusal = false;
  private usage: Usage | undefined;
  private finish: Finish | undefined;

  constructor(frame: ReplyFrame) {
    this.frame = frame;
  }

  encode(event: LlmEvent): string {
    // a failure ends the stream: `fail` says it
    if (event.type === 'error') return '';
    if (event.type === 'ping') return this.heartbeat();
    this.start(event.type === 'start' ? event : undefined);
    // there is one answer in this wire
    if (!('choice' in event) || event.choice === 0) this.take(event);
    return this.writer.take();
  }

  end(): string {
    this.start(undefined);
    const ending = endingOf(this.finish?.reason ?? 'stop', this.hasRefusal);
    this.closeAll(ending);
    this.writer.write(`response.${ending.status}`, { response: this.response(ending) });
    return this.writer.take();
  }

  fail({ code, message, param, type }: ProviderError): string {
    this.writer.write('error', { code: code ?? type, message, param: param ?? null });
    return this.writer.take();
  }

  heartbeat(): string {
    return ': ping\n\n';
  }

  private start(event: StartEvent | undefined): void {
    if (this.started !== undefined) return;
    this.started = event ?? {
      type: 'start',
      id: undefined,
      model: undefined,
      createdSeconds: undefined,
      usage: undefined,
    };
    this.usage = this.started.usage;
    const response = this.response(undefined);
    this.writer.write('response.created', { response });
    this.writer.write('response.in_progress', { response });
  }

  private response(ending: Ending | undefined): JsonObject {
    const { id, model, createdSeconds } = this.started as StartEvent;
    const usage = ending === undefined ? undefined : this.usage;
    return responseObject(this.frame, {
      ...{ id, model, createdSeconds, ending, usage, serviceTier: undefined },
      output: ending === undefined ? [] : this.output,
    });
  }

  private take(event: LlmEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.addText(event.text, event.logprobs);
        break;
      case 'refusal-delta':
        this.hasRefusal = true;
        this.message().addRefusal(event.text);
        break;
      case 'citation':
        this.cite(event.citation);
        break;
      case 'reasoning-delta':
        if (event.text !== '') this.reasoning().addText(event.text);
        break;
      case 'reasoning-signature':
        this.endThought(writeThoughtToken({ kind: 'signature', value: event.signature }));
        break;
      case 'reasoning-redacted':
        this.closeCurrent('completed');
        this.endThought(writeThoughtToken({ kind: 'redacted', value: event.data }));
        break;
      case 'tool-call-start':
        this.startCall(event);
        break;
      case 'tool-call-delta':
        this.calls.get(event.call)?.addText(event.text);
        break;
      case 'image':
        this.addImage(event.data);
        break;
      case 'usage':
        this.usage = event.usage;
        break;
      case 'finish':
        this.finish = event.finish;
        this.closeAll(endingOf(event.finish.reason, this.hasRefusal));
        break;
    }
  }

  private place(prefix: string): ItemPlace {
    const index = this.itemCount++;
    return { id: `${prefix}_${this.frame.id}_${index}`, index };
  }

  private message(): OpenMessage {
    if (this.current instanceof OpenMessage) return this.current;
    this.closeCurrent('completed');
    const message = new OpenMessage(this.writer, this.place('msg'));
    this.current = message;
    return message;
  }

  private reasoning(): OpenReasoning {
    if (this.current instanceof OpenReasoning) return this.current;
    this.closeCurrent('completed');
    const reasoning = new OpenReasoning(this.writer, this.place('rs'));
    this.current = reasoning;
    return reasoning;
  }

  private endThought(encrypted: string): void {
    this.reasoning().setEncrypted(encrypted);
    this.closeCurrent('completed');
  }

  /** Pieces of no text open nothing: some providers begin every answer with one. */
  private addText(text: string, logprobs: JsonObject | undefined): void {
    const list = logprobList(logprobs);
    if (text !== '' || list.length > 0) this.message().addText(text, list);
  }

  private cite(citation: JsonObject): void {
    const annotation = annotationOf(citation);
    if (annotation !== undefined) this.message().addAnnotation(annotation);
  }

  private startCall({ call, id, name, signature }: CallStart): void {
    this.closeCurrent('completed');
    if (signature !== undefined) this.endThought(writeThoughtToken({ kind: 'call-signature', value: signature }));
    this.calls.set(call, new OpenCall(this.writer, this.place('fc'), { callId: id, name }));
  }

  private addImage(data: string): void {
    this.closeCurrent('completed');
    const place = this.place('ig');
    this.output[place.index] = writeImage(this.writer, place, data);
  }

  private close(item: OpenItem, status: ItemStatus): void {
    this.output[item.place.index] = item.close(status);
  }

  private closeCurrent(status: ItemStatus): void {
    const { current } = this;
    this.current = undefined;
    if (current !== undefined) this.close(current, status);
  }

  private closeAll({ status }: Ending): void {
    const last = status === 'completed' ? 'completed' : 'incomplete';
    for (const call of this.calls.values()) this.close(call, last);
    this.calls.clear();
    this.closeCurrent(last);
  }
}

export function createResponsesStream(frame: ReplyFrame): StreamEncoder {
  return new ResponsesStream(frame);
}
