// Relays a streamed answer event by event, as it came, and learns from it: usage, model, finish, failure.
// Stands between the upstream body and the reply writer. Most events are never parsed and leave as part of one byte range.
import type { ByteSink } from '../wire/byte-sink.ts';
import { SseSplitter } from '../wire/sse-splitter.ts';
import { ChunkLook } from './chat-chunk.ts';
import type { EventReader, StreamFormat } from './event-reader.ts';
import { eventReaderOf } from './event-readers.ts';
import { EventTail } from './event-tail.ts';
import { noteInBandError } from './in-band-error.ts';
import { COMMA, closesText, OPEN_BRACE, skipSpace, skipValue, standsAt } from './json-scan.ts';
import { latin1Of, utf8Of } from './json-text.ts';
import { MARK_ERROR, MARK_FINISH, MARK_USAGE, Marks } from './marks.ts';
import type { Operation } from './operation.ts';
import { SsePayload, UNKNOWN_LINES } from './sse-payload.ts';
import { encodeChunkError, HEARTBEAT_COMMENT, STREAM_DONE } from './stream-error.ts';
import { StreamFacts } from './stream-facts.ts';
import { UsageScanner } from './usage-scanner.ts';

/**
 * Longest unfinished event that is held back. A longer one that arrives in several pieces is relayed as it comes: its usage is
 * still read, but a `usage` in it is not hidden.
 */
export const MAX_HELD_BYTES = 64 * 1024;
const FIRST_HELD_BYTES = 2 * 1024;
/** A buffer that grew beyond this is given back at the end of its stream. */
const MAX_KEPT_BYTES = 16 * 1024;

export interface RelayOptions {
  /** The provider's: what passes through this relay is the client's as well. */
  readonly format: StreamFormat;
  readonly operation: Operation;
  /** Usage was asked for by us, not by the client: take it out of what the client gets. Chat and completions only. */
  readonly hidesUsage: boolean;
}

/** What becomes of an event: relayed as it is, not at all, without the range of `cut`, or written anew from its payload. */
const KEEP = 0;
const DROP = 1;
const CUT = 2;
const REWRITE = 3;

const LF = 10;
const CR = 13;
/** How a plain event begins. */
const DATA_OBJECT = Buffer.from('data: {');
const DONE = Buffer.from('[DONE]');
/** What OpenAI puts into every chunk but the last once usage was asked for. */
const NULL_USAGE = Buffer.from('"usage":null');
const ERROR_EVENT = Buffer.from('error');

/** What the relays of the thread look with: a look never yields. */
const payload = new SsePayload();
const marks = new Marks(MARK_USAGE | MARK_ERROR | MARK_FINISH);
const look = new ChunkLook();

const indexOfByte = Buffer.prototype.indexOf as (this: Uint8Array, byte: number, from: number) => number;

/**
 * One stream after the other: `reset`, `push` every piece, `end`; the facts of StreamFacts are current after each call.
 * Bytes leave only in whole events, so that a failure event may follow at any time; what is held is at most MAX_HELD_BYTES.
 */
export class SseRelay extends StreamFacts {
  /** The stream stopped inside an event; what came of it was not relayed. */
  endedInsideEvent = false;
  /** Between two events of a chat stream whose lines end in LF and whose first delta came: plain events may pass unread. */
  private isSteady = false;
  private hidesUsage = false;
  /** Of events that name what they are; undefined = chunks of a chat or completions stream. */
  private reader: EventReader | undefined = undefined;
  private readonly splitter = new SseSplitter();
  /** Reads an event too long to be held; most streams have none. */
  private scanner: UsageScanner | undefined = undefined;
  private readonly tail = new EventTail();
  private held = Buffer.allocUnsafeSlow(FIRST_HELD_BYTES);
  private heldBytes = 0;
  /** Inside an event too long to be held: bytes go straight through. */
  private isTooLong = false;
  private dropsTooLong = false;
  /** What was known before such an event: an end that it tells counts when it is whole. */
  private finishBefore = false;
  private doneBefore = false;
  private cutStart = 0;
  private cutEnd = 0;
  private lastFate = KEEP;

  reset({ format, operation, hidesUsage }: RelayOptions): void {
    this.resetFacts();
    this.splitter.reset();
    this.reader = eventReaderOf(format, operation);
    this.hidesUsage = hidesUsage && this.reader === undefined;
    this.endedInsideEvent = false;
    this.heldBytes = 0;
    this.isTooLong = false;
    this.isSteady = false;
    this.lastFate = KEEP;
  }

  push(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    if (!this.isSteady || !this.relayPlain(bytes, start, end, out)) this.relayAny(bytes, start, end, out);
  }

  /**
   * hot: the usual piece of a chat stream, whole events of one data line with a JSON object each: looked through once for all of
   * them, and passed on in one write where none can tell anything. False = not such a piece; nothing was done.
   */
  private relayPlain(bytes: Uint8Array, start: number, end: number, out: ByteSink): boolean {
    let events = 0;
    for (let at = start; at < end; events++) {
      if (end - at <= DATA_OBJECT.length || !standsAt(bytes, at, DATA_OBJECT)) return false;
      const lf = indexOfByte.call(bytes, LF, at + DATA_OBJECT.length);
      if (lf < 0 || lf + 1 >= end) return false;
      if (bytes[lf + 1] === LF) at = lf + 2;
      else if (bytes[lf + 1] === CR && lf + 2 < end && bytes[lf + 2] === LF) at = lf + 3;
      else return false;
    }
    const found = marks.find(bytes, start, end);
    if (found !== 0) {
      // What OpenAI puts into every chunk once usage was asked for.
      const isNull =
        events === 1 && found === MARK_USAGE && this.isNullUsage(bytes, start + DATA_OBJECT.length - 1, end);
      if (!isNull) return false;
    }
    this.events += events;
    if (found === 0 || !this.hidesUsage) out.write(bytes, start, end);
    else {
      out.write(bytes, start, this.cutStart);
      out.write(bytes, this.cutEnd, end);
    }
    return true;
  }

  private relayAny(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    let at = start;
    if (this.splitter.takesLf(bytes, start, end)) {
      at++;
      if (this.lastFate !== DROP) out.write(bytes, start, at);
    }
    if (this.heldBytes > 0 || this.isTooLong) at = this.endUnfinished(bytes, at, end, out);
    at = this.relayWhole(bytes, at, end, out);
    if (at < end) this.hold(bytes, at, end, out);
    const isBetweenEvents = this.heldBytes === 0 && !this.isTooLong && this.splitter.endsInLf;
    this.isSteady = isBetweenEvents && this.sawFirstDelta && this.reader === undefined && !this.isOver;
    payload.release();
  }

  /** The upstream body is over. A last event without its blank line is relayed if it is whole, and gets one. */
  end(out: ByteSink): void {
    if (this.isTooLong) this.breakTooLong(out);
    else if (this.heldBytes > 0) this.endHeld(out);
    this.heldBytes = 0;
    payload.release();
    if (this.held.length > MAX_KEPT_BYTES) this.held = Buffer.allocUnsafeSlow(FIRST_HELD_BYTES);
  }

  /** Whether the protocol's own end was seen: `[DONE]`, or what ends a stream of typed events. */
  terminatedWell(): boolean {
    return this.reader === undefined ? this.sawDone : this.reader.endedWell(this);
  }

  /** What may be written while the provider is silent: whole events have left, or an event too long to be held is on its way. */
  heartbeat(): string {
    return this.isTooLong || this.isOver ? '' : (this.reader?.heartbeat ?? HEARTBEAT_COMMENT);
  }

  /** What a stream lacks that has told its finish and then ended without its last event; empty = nothing that is waited for. */
  missingEnd(): string {
    return this.sawFinish && !this.terminatedWell()
      ? this.reader === undefined
        ? STREAM_DONE
        : (this.reader.missingEnd ?? '')
      : '';
  }

  /** The failure event for a stream that must end here; to be written after `end`. */
  encodeError(code: string, message: string): string {
    const failure = { code, message, sequence: this.events };
    return this.reader === undefined ? encodeChunkError(failure) : this.reader.encodeFailure(failure);
  }

  /** Relays the events that end in this piece; adjacent ones that stay as they are leave in one write. */
  private relayWhole(bytes: Uint8Array, at: number, end: number, out: ByteSink): number {
    let runStart = at;
    let eventStart = at;
    for (let next = at; ; eventStart = next) {
      next = this.splitter.next(bytes, eventStart, end);
      if (next < 0) break;
      const fate = this.judge(bytes, eventStart, next, this.splitter.lines);
      if (fate === KEEP) continue;
      const runEnd = fate === CUT ? this.cutStart : eventStart;
      if (runEnd > runStart) out.write(bytes, runStart, runEnd);
      if (fate === REWRITE) this.rewrite(bytes, eventStart, next, out);
      runStart = fate === CUT ? this.cutEnd : next;
    }
    if (eventStart > runStart) out.write(bytes, runStart, eventStart);
    return eventStart;
  }

  /** Goes on with the event begun in earlier pieces. */
  private endUnfinished(bytes: Uint8Array, at: number, end: number, out: ByteSink): number {
    const next = this.splitter.next(bytes, at, end);
    const upTo = next < 0 ? end : next;
    this.hold(bytes, at, upTo, out);
    if (next < 0) return end;
    if (this.isTooLong) this.endTooLong();
    else {
      const { held, heldBytes } = this;
      this.heldBytes = 0;
      this.writeOne(held, heldBytes, this.splitter.lines, out);
    }
    return next;
  }

  private writeOne(bytes: Uint8Array, length: number, lines: number, out: ByteSink): void {
    const fate = this.judge(bytes, 0, length, lines);
    if (fate === KEEP) out.write(bytes, 0, length);
    else if (fate === CUT) {
      out.write(bytes, 0, this.cutStart);
      out.write(bytes, this.cutEnd, length);
    } else if (fate === REWRITE) this.rewrite(bytes, 0, length, out);
  }

  private hold(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    if (this.isTooLong) {
      this.flow(bytes, start, end, out);
      return;
    }
    const needed = this.heldBytes + (end - start);
    if (needed > MAX_HELD_BYTES) {
      this.letGo(bytes, start, end, out);
      return;
    }
    if (needed > this.held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(MAX_HELD_BYTES, needed * 2));
      larger.set(this.held.subarray(0, this.heldBytes));
      this.held = larger;
    }
    this.held.set(bytes.subarray(start, end), this.heldBytes);
    this.heldBytes = needed;
  }

  /** The event is too long to be held: from here on it flows. */
  private letGo(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    const { held, heldBytes, reader } = this;
    this.scanner ??= new UsageScanner();
    const { scanner } = this;
    this.isTooLong = true;
    this.dropsTooLong = this.isOver;
    this.finishBefore = this.sawFinish;
    this.doneBefore = this.sawDone;
    this.heldBytes = 0;
    if (reader === undefined) scanner.reset();
    else scanner.resetForEvent();
    if (heldBytes > 0) {
      payload.locate(held, 0, heldBytes, UNKNOWN_LINES);
      if (payload.dataLines > 0) {
        reader?.read(payload.bytes, payload.start, payload.end, this);
        scanner.push(payload.bytes, payload.start, payload.end);
      }
      if (!this.dropsTooLong) out.write(held, 0, heldBytes);
    }
    this.tail.reset();
    this.flow(bytes, start, end, out);
  }

  private flow(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    this.scanner?.push(bytes, start, end);
    if (this.reader?.readTail !== undefined) this.tail.push(bytes, start, end);
    if (!this.dropsTooLong) out.write(bytes, start, end);
  }

  /** The stream stopped inside an event too long to be held: its end is told, but not whole. */
  private breakTooLong(out: ByteSink): void {
    this.endTooLong();
    if (this.dropsTooLong) return;
    this.sawFinish = this.finishBefore;
    this.sawDone = this.doneBefore;
    this.endedInsideEvent = true;
    out.writeLatin1('\n\n');
  }

  private endTooLong(): void {
    const { scanner, tail } = this;
    this.reader?.readTail?.(tail.bytes, 0, tail.length, this);
    this.isTooLong = false;
    this.lastFate = this.dropsTooLong ? DROP : KEEP;
    this.events += this.dropsTooLong ? 0 : 1;
    this.sawFirstDelta ||= !this.dropsTooLong;
    if (scanner === undefined) return;
    if (scanner.usage.isFound) this.usage.take(scanner.usage);
    this.responseModel ??= scanner.model;
    if (!scanner.hasError || this.dropsTooLong) return;
    this.noteError('', '');
    this.noteTold();
  }

  /** What is held when the stream is over: an event whose blank line is missing, or a part of one. */
  private endHeld(out: ByteSink): void {
    const { held, heldBytes } = this;
    payload.locate(held, 0, heldBytes, UNKNOWN_LINES);
    const { bytes, start, end } = payload;
    const isDone = payload.dataLines > 0 && end - start === DONE.length && standsAt(bytes, start, DONE);
    const valueEnd = payload.dataLines > 0 && start < end ? skipValue(bytes, start, end, 0) : -1;
    if (isDone || (valueEnd >= 0 && skipSpace(bytes, valueEnd, end) === end)) {
      this.writeOne(held, heldBytes, UNKNOWN_LINES, out);
      if (this.lastFate !== DROP) out.writeLatin1('\n\n');
    } else if (payload.isBareJson) this.judgeBareJson(held, 0, heldBytes);
    else if (!this.isOver) this.endedInsideEvent = true;
  }

  private judge(bytes: Uint8Array, start: number, end: number, lines: number): number {
    this.lastFate = this.judgeEvent(bytes, start, end, lines);
    return this.lastFate;
  }

  private judgeEvent(bytes: Uint8Array, start: number, end: number, lines: number): number {
    const { reader } = this;
    if (this.isOver) return this.judgeBehindEnd(bytes, start, end, lines);
    if (lines === 0) return KEEP;
    if (reader?.isSilent(bytes, start, end, this)) {
      this.events++;
      return KEEP;
    }
    payload.locate(bytes, start, end, lines);
    if (payload.dataLines === 0) return payload.isBareJson ? this.judgeBareJson(bytes, start, end) : KEEP;
    this.events++;
    const first = payload.bytes[payload.start];
    if (payload.end > payload.start && first === OPEN_BRACE) {
      if (reader === undefined) return this.judgeChunk();
      return this.judgeTyped(reader);
    }
    if (payload.end - payload.start >= DONE.length && standsAt(payload.bytes, payload.start, DONE)) {
      // No word of wires whose events name their type, though some servers say it.
      if (reader !== undefined) return DROP;
      this.sawDone = true;
    } else if (payload.isNamed(bytes, ERROR_EVENT)) {
      this.noteError('', utf8Of(payload.bytes, payload.start, Math.min(payload.end, payload.start + 300)));
      return DROP; // no client reads it: it is told anew
    }
    return KEEP;
  }

  private judgeTyped(reader: EventReader): number {
    const { bytes, start, end } = payload;
    const isRepeated = this.sawFinish && reader.isBehindEnd?.(bytes, start, end, this) === true;
    reader.read(bytes, start, end, this);
    return isRepeated ? DROP : KEEP;
  }

  /** Nothing of it reaches the client, who has been told the one end of the stream; counts in it are counts. */
  private judgeBehindEnd(bytes: Uint8Array, start: number, end: number, lines: number): number {
    if (lines === 0) return DROP;
    payload.locate(bytes, start, end, lines);
    const isObject =
      payload.dataLines > 0 && payload.end > payload.start && payload.bytes[payload.start] === OPEN_BRACE;
    if (isObject && this.reader === undefined) look.read(payload.bytes, payload.start, payload.end, this);
    else if (isObject) this.reader?.read(payload.bytes, payload.start, payload.end, this);
    return DROP;
  }

  private judgeChunk(): number {
    const { bytes, start, end } = payload;
    const isInPlace = payload.dataLines === 1;
    if (this.sawFirstDelta) {
      const found = marks.find(bytes, start, end);
      if (found === 0) return KEEP;
      if (found === MARK_USAGE && isInPlace && this.isNullUsage(bytes, start, end)) return this.hidesUsage ? CUT : KEEP;
    }
    if (!look.read(bytes, start, end, this) || !this.hidesUsage || look.cutStart < 0) return KEEP;
    if (look.hasUsage && look.hasNoChoices) return DROP;
    this.cutStart = look.cutStart;
    this.cutEnd = look.cutEnd;
    return isInPlace ? CUT : REWRITE;
  }

  /** Whether the marked usage is a null member of the chunk itself, and not its first: the usual case, settled without a walk. */
  private isNullUsage(bytes: Uint8Array, start: number, end: number): boolean {
    const at = marks.usageAt;
    const behind = at + NULL_USAGE.length;
    if (at - 1 <= start || bytes[at - 1] !== COMMA || behind >= end || !standsAt(bytes, at, NULL_USAGE)) return false;
    this.cutStart = at - 1;
    this.cutEnd = behind;
    return closesText(bytes, behind, end);
  }

  /** A JSON body sent under the type of a stream: an error, as some servers tell it with status 200. It is no event: dropped. */
  private judgeBareJson(bytes: Uint8Array, start: number, end: number): number {
    if (this.reader === undefined) look.read(bytes, start, end, this);
    else this.reader.read(bytes, start, end, this);
    if (this.inBandError === undefined) noteInBandError(bytes, start, end, this);
    this.isFailureTold = false;
    return DROP;
  }

  /** An event of several data lines without the cut range: its payload is written anew, line by line, its text unchanged. */
  private rewrite(bytes: Uint8Array, start: number, end: number, out: ByteSink): void {
    const { cutStart, cutEnd } = this;
    const kept = latin1Of(payload.bytes, payload.start, cutStart) + latin1Of(payload.bytes, cutEnd, payload.end);
    out.writeLatin1(`${payload.otherLines(bytes, start, end)}data: ${kept.replaceAll('\n', '\ndata: ')}\n\n`);
  }
}
