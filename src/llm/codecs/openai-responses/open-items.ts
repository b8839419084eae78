// Items of a streamed Responses answer while they grow: each writes its own events, from `output_item.added` to `output_item.done`.
// Under encode-stream.ts.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { EventWriter, ItemPlace } from './event-writer.ts';
import {
  callItem,
  type ItemStatus,
  imageItem,
  messageItem,
  reasoningItem,
  refusalContent,
  textContent,
} from './output-items.ts';

/** An item that has not ended; `close` writes its last events and gives it as it stays. */
export interface OpenItem {
  readonly place: ItemPlace;
  close(status: ItemStatus): JsonObject;
}

function added(writer: EventWriter, { index }: ItemPlace, item: JsonObject): void {
  writer.write('response.output_item.added', { output_index: index, item });
}

function done(writer: EventWriter, { index }: ItemPlace, item: JsonObject): JsonObject {
  writer.write('response.output_item.done', { output_index: index, item });
  return item;
}

interface OpenContent {
  readonly kind: 'text' | 'refusal';
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonValue[];
}

function contentOf({ kind, ...facts }: OpenContent): JsonObject {
  return kind === 'text' ? textContent(facts) : refusalContent(facts.text);
}

export class OpenMessage implements OpenItem {
  readonly place: ItemPlace;
  private readonly writer: EventWriter;
  private readonly content: JsonObject[] = [];
  private open: OpenContent | undefined;

  constructor(writer: EventWriter, place: ItemPlace) {
    this.writer = writer;
    this.place = place;
    added(writer, place, messageItem(place.id, [], 'in_progress'));
  }

  addText(text: string, logprobs: readonly JsonValue[]): void {
    const part = this.part('text');
    part.text += text;
    part.logprobs.push(...logprobs);
    this.write('response.output_text.delta', { delta: text, logprobs });
  }

  addRefusal(text: string): void {
    this.part('refusal').text += text;
    this.write('response.refusal.delta', { delta: text });
  }

  addAnnotation(annotation: JsonObject): void {
    const { annotations } = this.part('text');
    this.write('response.output_text.annotation.added', { annotation_index: annotations.length, annotation });
    annotations.push(annotation);
  }

  close(status: ItemStatus): JsonObject {
    this.endPart();
    return done(this.writer, this.place, messageItem(this.place.id, this.content, status));
  }

  private write(type: string, members: Readonly<Record<string, JsonValue>>): void {
    const { id, index } = this.place;
    this.writer.write(type, { item_id: id, output_index: index, content_index: this.content.length, ...members });
  }

  private part(kind: OpenContent['kind']): OpenContent {
    if (this.open?.kind === kind) return this.open;
    this.endPart();
    const part: OpenContent = { kind, text: '', annotations: [], logprobs: [] };
    this.open = part;
    this.write('response.content_part.added', { part: contentOf(part) });
    return part;
  }

  private endPart(): void {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    const part = contentOf(open);
    if (open.kind === 'text')
      this.write('response.output_text.done', { text: open.text, logprobs: [...open.logprobs] });
    else this.write('response.refusal.done', { refusal: open.text });
    this.write('response.content_part.done', { part });
    this.content.push(part);
  }
}

export class OpenReasoning implements OpenItem {
  readonly place: ItemPlace;
  private readonly writer: EventWriter;
  private text = '';
  private encrypted: string | undefined;

  constructor(writer: EventWriter, place: ItemPlace) {
    this.writer = writer;
    this.place = place;
    added(writer, place, reasoningItem(place.id, { text: '', encrypted: undefined }, 'in_progress'));
  }

  addText(text: string): void {
    if (text === '') return;
    if (this.text === '') this.write('response.reasoning_summary_part.added', { part: summary('') });
    this.text += text;
    this.write('response.reasoning_summary_text.delta', { delta: text });
  }

  /** The item's `encrypted_content`. */
  setEncrypted(encrypted: string): void {
    this.encrypted = encrypted;
  }

  close(status: ItemStatus): JsonObject {
    const { text, encrypted } = this;
    if (text !== '') {
      this.write('response.reasoning_summary_text.done', { text });
      this.write('response.reasoning_summary_part.done', { part: summary(text) });
    }
    return done(this.writer, this.place, reasoningItem(this.place.id, { text, encrypted }, status));
  }

  private write(type: string, members: Readonly<Record<string, JsonValue>>): void {
    const { id, index } = this.place;
    this.writer.write(type, { item_id: id, output_index: index, summary_index: 0, ...members });
  }
}

function summary(text: string): JsonObject {
  return { type: 'summary_text', text };
}

export class OpenCall implements OpenItem {
  readonly place: ItemPlace;
  private readonly writer: EventWriter;
  private readonly callId: string;
  private readonly name: string;
  private text = '';

  constructor(
    writer: EventWriter,
    place: ItemPlace,
    { callId, name }: { readonly callId: string; readonly name: string },
  ) {
    this.writer = writer;
    this.place = place;
    this.callId = callId;
    this.name = name;
    added(writer, place, callItem(place.id, { callId, name, arguments: '' }, 'in_progress'));
  }

  addText(text: string): void {
    if (text === '') return;
    this.text += text;
    this.write('response.function_call_arguments.delta', { delta: text });
  }

  close(status: ItemStatus): JsonObject {
    const { text, callId, name } = this;
    this.write('response.function_call_arguments.done', { arguments: text });
    return done(this.writer, this.place, callItem(this.place.id, { callId, name, arguments: text }, status));
  }

  private write(type: string, members: Readonly<Record<string, JsonValue>>): void {
    const { id, index } = this.place;
    this.writer.write(type, { item_id: id, output_index: index, ...members });
  }
}

/** An image comes whole. */
export function writeImage(writer: EventWriter, place: ItemPlace, data: string): JsonObject {
  const { id, index } = place;
  added(writer, place, imageItem(id, null, 'in_progress'));
  for (const step of ['in_progress', 'generating', 'completed'])
    writer.write(`response.image_generation_call.${step}`, { item_id: id, output_index: index });
  return done(writer, place, imageItem(id, data, 'completed'));
}
