// What an operation wants to say, before any fault: a whole body or a stream of events. The deliver-* files send it.
import type { Faults } from './faults.ts';
import type { JsonObject } from './json.ts';

export interface WholeAnswer {
  readonly kind: 'whole';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly body: string | Buffer;
}

/**
 * `opening` comes before any content, `delta` carries content, `finish` closes it (finish_reason, usage), `end` is the event by
 * which clients know that the answer is complete (`[DONE]`, `response.completed`, `message_stop`), `trailer` what follows it.
 */
export interface StreamEvent {
  readonly kind: 'opening' | 'delta' | 'finish' | 'end' | 'trailer';
  /** The `event:` field or the message's type, where the protocol names its events. */
  readonly event?: string;
  readonly data: string;
  /** A failure that the framing itself tells apart (binary messages). */
  readonly exception?: true;
}

/** How events are put into bytes. */
export type Framing = 'sse' | 'json-array' | 'aws-event-stream';

export interface StreamAnswer {
  readonly kind: 'stream';
  /** Default: sse. */
  readonly framing?: Framing;
  /** The provider ends its lines with CR LF. */
  readonly usesCrlf?: true;
  readonly events: Iterable<StreamEvent>;
  /** The protocol's own in-band error, as the event after `eventsBefore` others. */
  errorEvent(eventsBefore: number): StreamEvent;
}

export type Answer = WholeAnswer | StreamAnswer;

/** What an operation may use: the parsed body and the few facts that would otherwise make it impure. */
export interface OperationInput {
  readonly body: JsonObject;
  readonly model: string;
  readonly faults: Faults;
  /** Unique within this simulator and the same in every run: `chatcmpl-` gives `chatcmpl-sim00000001`. */
  newId(prefix: string): string;
  readonly createdSeconds: number;
}

export function jsonAnswer(status: number, value: unknown): WholeAnswer {
  return { kind: 'whole', status, contentType: 'application/json', body: JSON.stringify(value) };
}
