// The data of one server-sent event as a byte range: in place for the usual single `data:` line, joined for several.
import { standsAt } from './json-scan.ts';
import { latin1Of } from './json-text.ts';

const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const OPEN_BRACE = 123;
const MAX_KEPT_BYTES = 16 * 1024;

/** More lines than one: what is looked for is looked for line by line. */
export const UNKNOWN_LINES = 2;

/** Where the data of the event that was located last lies. Reusable; `bytes` is the caller's own or the joined copy. */
export class SsePayload {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** `data` lines; 0 = a comment, a ping, a blank line. With more than one, `bytes` is a copy joined by LF. */
  dataLines = 0;
  /** The text of the `event` line, in the caller's bytes. */
  eventStart = 0;
  eventEnd = 0;
  /** The first line is no field at all but the start of a JSON text: the server sent a plain body under the wrong type. */
  isBareJson = false;
  private joined = Buffer.alloc(0);
  private joinedLength = 0;

  /** Finds the data of the whole event `bytes[start, end)`, which has `lines` lines before its blank one. */
  locate(bytes: Uint8Array, start: number, end: number, lines: number): void {
    this.bytes = bytes;
    this.dataLines = 0;
    this.eventStart = 0;
    this.eventEnd = 0;
    this.isBareJson = false;
    this.joinedLength = 0;
    const from = behindMark(bytes, start, end);
    if (lines === 1 && end - from > 5 && bytes[from + 4] === COLON && standsAt(bytes, from, DATA)) {
      this.dataLines = 1;
      this.start = bytes[from + 5] === SPACE ? from + 6 : from + 5;
      this.end = trimLineEnds(bytes, this.start, end);
      return;
    }
    this.readLines(bytes, from, end);
  }

  /** The fields and comments of the located event besides its data, as they stand in `bytes` (latin1 text, each line ended by LF). */
  otherLines(bytes: Uint8Array, start: number, end: number): string {
    let text = '';
    for (const line of latin1Of(bytes, behindMark(bytes, start, end), end).split(/[\r\n]+/))
      if (line !== '' && line !== 'data' && !line.startsWith('data:')) text += `${line}\n`;
    return text;
  }

  /** Whether the `event` line says this. `bytes`: as given to `locate`. */
  isNamed(bytes: Uint8Array, name: Uint8Array): boolean {
    return this.eventEnd - this.eventStart === name.length && standsAt(bytes, this.eventStart, name);
  }

  /** Lets go of the caller's bytes, and of a copy larger than the usual. */
  release(): void {
    if (this.joined.length > MAX_KEPT_BYTES) this.joined = Buffer.alloc(0);
    this.bytes = this.joined;
  }

  private readLines(bytes: Uint8Array, from: number, end: number): void {
    this.isBareJson = from < end && bytes[from] === OPEN_BRACE;
    let i = from;
    while (i < end) {
      let lineEnd = i;
      while (lineEnd < end && bytes[lineEnd] !== LF && bytes[lineEnd] !== CR) lineEnd++;
      this.readLine(bytes, i, lineEnd);
      i = lineEnd + 1;
    }
    if (this.dataLines > 1) {
      this.bytes = this.joined;
      this.start = 0;
      this.end = this.joinedLength;
    }
  }

  private readLine(bytes: Uint8Array, start: number, end: number): void {
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon++;
    const length = colon - start;
    const valueStart = colon + 1 < end && bytes[colon + 1] === SPACE ? colon + 2 : Math.min(colon + 1, end);
    if (length === DATA.length && standsAt(bytes, start, DATA)) this.addData(bytes, valueStart, end);
    else if (length === EVENT.length && standsAt(bytes, start, EVENT)) {
      this.eventStart = valueStart;
      this.eventEnd = end;
    }
  }

  private addData(bytes: Uint8Array, start: number, end: number): void {
    if (this.dataLines === 0) {
      this.start = start;
      this.end = end;
    } else {
      if (this.dataLines === 1) this.append(bytes, this.start, this.end);
      this.joined[this.joinedLength++] = LF;
      this.append(bytes, start, end);
    }
    this.dataLines++;
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.joinedLength + (end - start) + 1;
    if (needed > this.joined.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, needed * 2));
      larger.set(this.joined.subarray(0, this.joinedLength));
      this.joined = larger;
    }
    this.joined.set(bytes.subarray(start, end), this.joinedLength);
    this.joinedLength += end - start;
  }
}

function behindMark(bytes: Uint8Array, start: number, end: number): number {
  const hasMark = end - start >= 3 && bytes[start] === BYTE_ORDER_MARK[0] && standsAt(bytes, start, BYTE_ORDER_MARK);
  return hasMark ? start + 3 : start;
}

function trimLineEnds(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && (bytes[i - 1] === LF || bytes[i - 1] === CR)) i--;
  return i;
}
