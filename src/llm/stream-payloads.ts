// The payloads of a streamed answer, one by one, whatever frames carry them: read by the tap that translates streams.
import { SseSplitter } from '../wire/sse-splitter.ts';
import { utf8Of } from './json-text.ts';
import { SsePayload, UNKNOWN_LINES } from './sse-payload.ts';

export interface PayloadSink {
  /** `name`: the `event:` field or the message's type, '' without one. */
  onPayload(name: string, payload: string): void;
}

export interface PayloadReader {
  /** False = the frames are broken, or one is longer than MAX_EVENT_BYTES: nothing more can be read. */
  push(bytes: Uint8Array, start: number, end: number, sink: PayloadSink): boolean;
  /** The body is over; a last event without its end is given if it is whole. */
  end(sink: PayloadSink): void;
}

/** Longest event that is translated: images of 12 MB in base64 pass, memory stays bounded. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** What the readers of the thread look with: a look never yields. */
const located = new SsePayload();

export class SsePayloadReader implements PayloadReader {
  private readonly splitter = new SseSplitter();
  /** Pieces of the event begun. */
  private held: Buffer[] = [];
  private heldBytes = 0;

  push(bytes: Uint8Array, start: number, end: number, sink: PayloadSink): boolean {
    let at = this.splitter.takesLf(bytes, start, end) ? start + 1 : start;
    while (at < end) {
      const next = this.splitter.next(bytes, at, end);
      if (next < 0) return this.hold(bytes, at, end);
      if (this.heldBytes === 0) this.tell(bytes, at, next, this.splitter.lines, sink);
      else {
        this.hold(bytes, at, next);
        this.tellHeld(this.splitter.lines, sink);
      }
      at = next;
    }
    return true;
  }

  end(sink: PayloadSink): void {
    if (this.heldBytes > 0) this.tellHeld(UNKNOWN_LINES, sink);
  }

  private hold(bytes: Uint8Array, start: number, end: number): boolean {
    if (end > start) this.held.push(Buffer.from(bytes.subarray(start, end)));
    this.heldBytes += end - start;
    return this.heldBytes <= MAX_EVENT_BYTES;
  }

  private tellHeld(lines: number, sink: PayloadSink): void {
    const whole = this.held.length === 1 ? this.held[0] : Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    this.tell(whole, 0, whole.length, lines, sink);
  }

  private tell(bytes: Uint8Array, start: number, end: number, lines: number, sink: PayloadSink): void {
    if (lines === 0) return;
    located.locate(bytes, start, end, lines);
    const { eventStart, eventEnd } = located;
    if (located.dataLines > 0) {
      const name = eventEnd > eventStart ? utf8Of(bytes, eventStart, eventEnd) : '';
      sink.onPayload(name, utf8Of(located.bytes, located.start, located.end));
      // A server that sends a plain JSON error under the type of a stream.
    } else if (located.isBareJson) sink.onPayload('', utf8Of(bytes, start, end).trim());
    located.release();
  }
}
