// Puts the events of a stream into bytes: server-sent events, a JSON array, or AWS's binary messages; with the faults of the writing.

import type { Framing, StreamAnswer, StreamEvent } from './answer.ts';
import { encodeEventMessage } from './event-message.ts';
import type { Faults } from './faults.ts';

const CONTENT_TYPE: Readonly<Record<Framing, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  'json-array': 'application/json; charset=UTF-8',
  'aws-event-stream': 'application/vnd.amazon.eventstream',
};

export function contentTypeOf(framing: Framing): string {
  return CONTENT_TYPE[framing];
}

/** The frames of one stream, in order. */
export class EventFrames {
  private readonly framing: Framing;
  private readonly faults: Faults;
  private readonly lineEnd: string;
  private isFirst = true;
  private isBroken = false;

  constructor({ framing = 'sse', usesCrlf }: StreamAnswer, faults: Faults) {
    this.framing = framing;
    this.faults = faults;
    this.lineEnd = faults.crlf === undefined && usesCrlf === undefined ? '\n' : '\r\n';
  }

  frame(event: StreamEvent): string | Buffer {
    const data = this.shown(event);
    switch (this.framing) {
      case 'sse':
        return this.sse(event, data);
      case 'json-array': {
        const before = this.isFirst ? '[' : ',\r\n';
        this.isFirst = false;
        return before + data;
      }
      case 'aws-event-stream':
        return encodeEventMessage(event.exception === true ? 'exception' : 'event', event.event ?? '', data);
    }
  }

  /** What closes the body behind the last event; undefined = nothing. */
  closing(): string | undefined {
    if (this.framing !== 'json-array') return undefined;
    return this.isFirst ? '[]' : ']';
  }

  /** `bad-json` strikes the first delta. */
  private shown({ kind, data }: StreamEvent): string {
    if (this.faults['bad-json'] === undefined || kind !== 'delta' || this.isBroken) return data;
    this.isBroken = true;
    return data.slice(0, data.length >> 1);
  }

  private sse({ event }: StreamEvent, data: string): string {
    const { lineEnd } = this;
    const comment = this.faults.comments === undefined ? '' : `: ping${lineEnd}${lineEnd}`;
    const name = event === undefined ? '' : `event: ${event}${lineEnd}`;
    return `${comment}${name}data: ${data}${lineEnd}${lineEnd}`;
  }
}
