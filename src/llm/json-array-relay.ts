// Relays a streamed answer of Google that is one JSON array (without `alt=sse`), element by element, as it came, and learns from it
// what sse-relay.ts learns from events.
import type { ByteSink } from '../wire/byte-sink.ts';
import { EventTail } from './event-tail.ts';
import { geminiEvents, geminiFailureText } from './gemini-event.ts';
import { isBehindEnd } from './gemini-repeat.ts';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipPlain,
  skipSpace,
} from './json-scan.ts';
import { StreamFacts } from './stream-facts.ts';
import { UsageScanner } from './usage-scanner.ts';

/** Longest unfinished element that is held back; a longer one is relayed as it comes. */
export const MAX_HELD_BYTES = 64 * 1024;

/**
 * One stream after the other: `reset`, `push` every piece, `end`. Bytes leave only in whole elements, so that a failure may follow
 * at any time, except inside an element too long to be held.
 */
export class JsonArrayRelay extends StreamFacts {
  private depth = 0;
  private isInText = false;
  private isEscaped = false;
  private hasArray = false;
  private isClosed = false;
  private hasRelayed = false;
  /** What came since the last whole element. */
  private held = Buffer.alloc(0);
  /** Where in `held` the element begins that is not whole yet; -1 = none. */
  private elementAt = -1;
  /** Inside an element too long to be held. */
  private isTooLong = false;
  /** It comes behind a failure. */
  private dropsTooLong = false;
  private readonly tail = new EventTail();
  private readonly scanner = new UsageScanner();

  reset(): void {
    this.resetFacts();
    this.depth = 0;
    this.isInText = false;
    this.isEscaped = false;
    this.hasArray = false;
    this.isClosed = false;
    this.hasRelayed = false;
    this.held = Buffer.alloc(0);
    this.elementAt = -1;
    this.isTooLong = false;
  }

  push(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    let at = start;
    while (at < end && !this.isClosed) {
      const next = this.scan(bytes, at, end);
      this.take(bytes, at, next, out);
      at = next;
    }
    // Space behind the end is passed on with it, anything else is no part of the answer.
    const behind = this.isClosed ? skipSpace(bytes, at, end) : at;
    if (behind > at && !this.isTooLong) this.held = Buffer.concat([this.held, bytes.subarray(at, behind)]);
  }

  /** The body is over: the end of the array, which is held back for a failure to go before it, or the one that it lacks. */
  end(out: ByteSink): void {
    if (this.isTooLong) return;
    if (this.isClosed || !this.terminates) this.flush(out);
    else out.writeLatin1('\r\n]');
  }

  /** All of the answer was told; an end of the array that is missing can be written. */
  terminatedWell(): boolean {
    return this.sawFinish && geminiEvents.endedWell(this) && (this.isClosed || (!this.isTooLong && this.hasArray));
  }

  /** The elements so far can stand as a whole array. */
  private get terminates(): boolean {
    return this.hasArray && this.hasRelayed && (this.isOver || this.terminatedWell());
  }

  /** The array was closed, or the answer was one object and is whole. */
  get isWhole(): boolean {
    return this.isClosed;
  }

  /** False where a failure cannot be put behind what left: inside an element too long to be held, behind a lone object. */
  get canFail(): boolean {
    return !this.isTooLong && (this.hasArray || !this.hasRelayed);
  }

  /** The failure, as the last element, for a stream that must end here. Instead of `end`. */
  encodeError(code: string, message: string): string {
    return `${this.hasRelayed ? ',\r\n' : '['}${geminiFailureText(code, message)}]`;
  }

  /** Space between elements. */
  heartbeat(): string {
    return this.isTooLong || this.isClosed || this.isOver ? '' : '\r\n';
  }

  /** Behind the element that ends in this piece, or behind the piece. */
  private scan(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end) {
      if (this.isInText) {
        i = this.scanText(bytes, i, end);
        continue;
      }
      const byte = bytes[i++];
      if (byte === QUOTE) this.isInText = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte, i - 1 - start);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (this.close()) return i;
      }
    }
    return end;
  }

  /** Behind the quote that ends the text, or behind the piece. */
  private scanText(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    while (i < end) {
      if (this.isEscaped) {
        this.isEscaped = false;
        i++;
        continue;
      }
      i = skipPlain(bytes, i, end);
      if (i >= end) return end;
      const byte = bytes[i++];
      if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) {
        this.isInText = false;
        return i;
      }
    }
    return end;
  }

  private open(byte: number, offset: number): void {
    if (this.depth === 0 && byte === OPEN_BRACKET && !this.hasArray) {
      this.hasArray = true;
      return;
    }
    if (this.depth++ === 0) this.elementAt = this.held.length + offset;
  }

  /** True at the end of an element and of the array. */
  private close(): boolean {
    if (this.depth === 0) this.isClosed = this.hasArray;
    else this.depth--;
    return this.depth === 0;
  }

  private take(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    if (this.isTooLong) this.flow(bytes, start, end, out);
    else {
      this.held = Buffer.concat([this.held, bytes.subarray(start, end)]);
      if (this.depth === 0) this.endHeld(out);
      else if (this.held.length > MAX_HELD_BYTES) this.letGo(out);
    }
    if (this.isTooLong && this.depth === 0) this.endTooLong();
  }

  private endHeld(out: ByteSink): void {
    if (this.elementAt !== -1) {
      const { held, elementAt } = this;
      const isRepeated = this.isOver || (this.sawFinish && isBehindEnd(held, elementAt, held.length, this));
      if (!isRepeated) this.noteElement();
      geminiEvents.read(held, elementAt, held.length, this);
      if (isRepeated) this.drop();
      else this.flush(out);
    }
  }

  private drop(): void {
    this.held = Buffer.alloc(0);
    this.elementAt = -1;
  }

  /** An answer that is one object instead of an array is whole with it. */
  private noteElement(): void {
    this.events++;
    this.hasRelayed = true;
    if (!this.hasArray) this.isClosed = true;
  }

  private letGo(out: ByteSink): void {
    this.isTooLong = true;
    this.dropsTooLong = this.isOver;
    this.scanner.reset();
    this.tail.reset();
    const element = this.held.subarray(this.elementAt);
    geminiEvents.read(element, 0, element.length, this);
    this.scanner.push(element, 0, element.length);
    this.tail.push(element, 0, element.length);
    if (this.dropsTooLong) this.drop();
    else this.flush(out);
  }

  private flow(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    this.scanner.push(bytes, start, end);
    this.tail.push(bytes, start, end);
    if (!this.dropsTooLong) out.write(bytes, start, end);
  }

  private endTooLong(): void {
    const { scanner, tail } = this;
    this.isTooLong = false;
    this.noteElement();
    this.sawFirstDelta = true;
    geminiEvents.readTail?.(tail.bytes, 0, tail.length, this);
    if (scanner.usage.isFound) this.usage.take(scanner.usage);
    this.responseModel ??= scanner.model;
    if (!scanner.hasError) return;
    this.noteError('', '');
    this.noteTold();
  }

  private flush(out: ByteSink): void {
    const { held } = this;
    this.held = Buffer.alloc(0);
    this.elementAt = -1;
    if (held.length > 0) out.write(held, 0, held.length);
  }
}
