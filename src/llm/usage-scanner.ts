// Reads tokens, model and failure from a JSON answer while its bytes flow past: any split, constant memory, nothing parsed whole.
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  closesText,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipString,
  standsAt,
} from './json-scan.ts';
import { modelNames } from './json-text.ts';
import { MARK_ERROR, MARK_USAGE, Marks } from './marks.ts';
import { readUsage, UsageFacts } from './usage-facts.ts';

/** A longer `usage` object or model name is not looked at. OpenAI's own usage is about 350 bytes. */
export const MAX_CAPTURE_BYTES = 16 * 1024;

const SPACE = 32;
const LOWER_E = 101;
const LOWER_M = 109;
const LOWER_N = 110;
const LOWER_R = 114;

/** What the member just named is, and what is being captured. */
const NOTHING = 0;
const NAME = 1;
const MODEL = 2;
const USAGE = 3;
const ERROR = 4;
const RESPONSE = 5;
const MODEL_NAME = Buffer.from('"model"');
const USAGE_NAME = Buffer.from('"usage"');
const ERROR_NAME = Buffer.from('"error"');
const RESPONSE_NAME = Buffer.from('"response"');
/** Gemini's words for model and usage. */
const MODEL_VERSION_NAME = Buffer.from('"modelVersion"');
const USAGE_METADATA_NAME = Buffer.from('"usageMetadata"');

/** Texts longer than this are left by native search instead of byte by byte: base64 embeddings, long answers. */
const LONG_TEXT_BYTES = 96;

const indexOfByte = Buffer.prototype.indexOf as (this: Uint8Array, byte: number, from: number) => number;

/** `model` stands among the first members of every known answer; further down it is found by the scan of every byte. */
const MODEL_WITHIN_BYTES = 512;

/** Bytes worth a look on the way to `"model"`: its first letter, one of `"error"`, and what makes the way uncertain. */
const STANDS_OUT = new Uint8Array(256);
for (const byte of Buffer.from('mr\\{[')) STANDS_OUT[byte] = 1;

const marks = new Marks(MARK_USAGE | MARK_ERROR);

/** Push every piece, then ask `finish`. Reusable through `reset`. */
export class UsageScanner {
  readonly usage = new UsageFacts();
  /** `model` as the provider names it. */
  model: string | undefined = undefined;
  /** A top-level `error` that is not null: a failure inside a 200. */
  hasError = false;
  /** Nothing was pushed yet. */
  private isFresh = true;
  private watchesResponse = false;
  private depth = 0;
  /** Members at this depth are looked at: 1, or 2 inside `response` of a Responses API event. */
  private watched = 1;
  private isInText = false;
  private isEscaped = false;
  private isComplete = false;
  private expectsName = false;
  private awaited = NOTHING;
  private capture = NOTHING;
  private captureStart = 0;
  private captured = Buffer.alloc(0);
  private capturedBytes = 0;
  private backslashAt = -1;

  reset(): void {
    this.usage.reset();
    this.model = undefined;
    this.hasError = false;
    this.isFresh = true;
    this.watchesResponse = false;
    this.depth = 0;
    this.watched = 1;
    this.isInText = false;
    this.isEscaped = false;
    this.isComplete = false;
    this.expectsName = false;
    this.awaited = NOTHING;
    this.capture = NOTHING;
    this.capturedBytes = 0;
  }

  /** Like `reset`, for an event of the Responses API, whose members stand in `response` as well as beside it. */
  resetForEvent(): void {
    this.reset();
    this.isFresh = false;
    this.watchesResponse = true;
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    if (this.isFresh && this.takeWhole(bytes, start, end)) return;
    this.isFresh = false;
    this.captureStart = start;
    this.backslashAt = -1;
    let i = start;
    while (i < end) {
      if (this.isInText) i = this.leaveText(bytes, i, end);
      else if (this.depth > this.watched) i = this.skipNested(bytes, i, end);
      else this.readStructure(bytes, i++);
    }
    if (this.capture !== NOTHING) this.keep(bytes, end);
  }

  /** Whether the pieces were one whole JSON object or array (its braces and texts closed; the grammar in between is not checked). */
  finish(): boolean {
    return this.isComplete && this.depth === 0;
  }

  /**
   * hot: the usual answer, whole in one piece, in a third of the time of the scan of every byte (bench/micro/sse-relay.ts): usage is
   * looked for by its name and proven to be a member of the outermost object by the short tail behind it. False = not that
   * simple; nothing was taken.
   */
  private takeWhole(bytes: Uint8Array, start: number, end: number): boolean {
    const behindModel = this.takeModel(bytes, start, end);
    if (behindModel < 0) return false;
    if (marks.find(bytes, behindModel, end) === MARK_USAGE) {
      let i = skipSpace(bytes, marks.usageAt + USAGE_NAME.length, end);
      if (i < end && bytes[i] === COLON) {
        i = readUsage(bytes, skipSpace(bytes, i + 1, end), end, this.usage);
        if (i > 0 && closesText(bytes, i, end)) {
          this.isComplete = true;
          return true;
        }
        this.usage.reset();
      }
    }
    this.model = undefined;
    return false;
  }

  /**
   * Takes the model where only plain members stand before it, as in every usual answer; the offset behind it, or -1. Without a
   * backslash or an inner container before it, `"model":` can only be a name of the outermost object.
   */
  private takeModel(bytes: Uint8Array, start: number, end: number): number {
    let i = skipSpace(bytes, start, end);
    const within = Math.min(end - MODEL_NAME.length, start + MODEL_WITHIN_BYTES);
    if (i >= within || bytes[i] !== OPEN_BRACE) return -1;
    for (i++; i < within; i++) {
      const byte = bytes[i];
      if (STANDS_OUT[byte] === 0) continue;
      if (byte === LOWER_R) {
        if (bytes[i - 1] === LOWER_E && bytes[i - 2] === QUOTE) return -1; // `"error"`, as far as is known here
        continue;
      }
      if (byte !== LOWER_M) return -1;
      if (!standsAt(bytes, i - 1, MODEL_NAME)) continue;
      i = skipSpace(bytes, i - 1 + MODEL_NAME.length, end);
      if (i >= end || bytes[i] !== COLON) return -1;
      i = skipSpace(bytes, i + 1, end);
      const behind = i < end && bytes[i] === QUOTE ? skipString(bytes, i + 1, end) : -1;
      if (behind > 0) this.model = modelNames.decode(bytes, i, behind);
      return behind;
    }
    return -1;
  }

  /** One byte outside of text, at a depth where members are looked at. */
  private readStructure(bytes: Uint8Array, i: number): void {
    const byte = bytes[i];
    if (byte <= SPACE || byte === COLON) return;
    if (this.awaited === ERROR) {
      this.awaited = NOTHING;
      this.hasError = byte !== LOWER_N;
    }
    if (byte === QUOTE) this.enterText(i);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.enterContainer(byte, i);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.leaveContainer();
    else if (byte === COMMA) {
      this.expectsName = true;
      this.awaited = NOTHING;
    }
  }

  private enterText(i: number): void {
    this.isInText = true;
    if (this.expectsName) this.capture = NAME;
    else if (this.awaited === MODEL) this.capture = MODEL;
    if (this.capture !== NOTHING) this.captureStart = i;
  }

  private enterContainer(byte: number, i: number): void {
    const isMemberValue = this.depth === this.watched;
    this.depth++;
    if (byte !== OPEN_BRACE) {
      if (this.depth === 1) this.watched = 0; // a top-level array: nothing in it is ours
    } else if (this.depth === 1) this.expectsName = true;
    else if (isMemberValue && this.awaited === RESPONSE && this.watchesResponse) {
      this.watched = this.depth;
      this.expectsName = true;
    } else if (isMemberValue && this.awaited === USAGE) {
      this.capture = USAGE;
      this.captureStart = i;
    }
    this.awaited = NOTHING;
  }

  private leaveContainer(): void {
    this.depth--;
    this.expectsName = false;
    if (this.depth < this.watched && this.depth > 0) this.watched = this.depth;
    if (this.depth === 0) this.isComplete = true;
  }

  /** Through containers that are not looked into, up to the text or the closing byte that ends them. */
  private skipNested(bytes: Uint8Array, at: number, end: number): number {
    const { watched } = this;
    let { depth } = this;
    let i = at;
    while (i < end) {
      const byte = bytes[i++];
      // hot: numbers of embeddings are settled by one range test
      if (byte > QUOTE && byte < OPEN_BRACKET) continue;
      if (byte === QUOTE) {
        this.isInText = true;
        break;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === watched) break;
    }
    this.depth = depth;
    if (depth === watched) {
      if (this.capture === USAGE) this.takeCapture(bytes, i);
      if (depth === 0) this.isComplete = true;
    }
    return i;
  }

  /** To behind the closing quote, or to the end of the piece. */
  private leaveText(bytes: Uint8Array, at: number, end: number): number {
    let i = at;
    if (this.isEscaped) {
      this.isEscaped = false;
      i++;
    }
    let jumpAt = i + LONG_TEXT_BYTES;
    while (i < end) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        this.isInText = false;
        if (this.capture === NAME || this.capture === MODEL) this.takeCapture(bytes, i + 1);
        return i + 1;
      }
      if (byte === BACKSLASH) {
        i += 2;
        if (i > end) {
          this.isEscaped = true;
          return end;
        }
      } else if (++i > jumpAt) {
        i = this.jump(bytes, i, end);
        jumpAt = i + LONG_TEXT_BYTES;
      }
    }
    return end;
  }

  /** The next quote or backslash, by native search. Where the next backslash is gets remembered: both searches stay linear. */
  private jump(bytes: Uint8Array, at: number, end: number): number {
    if (this.backslashAt < at) {
      const found = indexOfByte.call(bytes, BACKSLASH, at);
      this.backslashAt = found < 0 ? end : found;
    }
    const quoteAt = indexOfByte.call(bytes, QUOTE, at);
    return Math.min(end, this.backslashAt, quoteAt < 0 ? end : quoteAt);
  }

  /** Copies the captured part of this piece: what it belongs to goes on in the next. */
  private keep(bytes: Uint8Array, end: number): void {
    const length = end - this.captureStart;
    const needed = this.capturedBytes + length;
    if (needed > MAX_CAPTURE_BYTES) {
      this.dropCapture();
      return;
    }
    if (needed > this.captured.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_CAPTURE_BYTES, Math.max(512, needed * 2)));
      larger.set(this.captured.subarray(0, this.capturedBytes));
      this.captured = larger;
    }
    this.captured.set(bytes.subarray(this.captureStart, end), this.capturedBytes);
    this.capturedBytes = needed;
  }

  private dropCapture(): void {
    if (this.capture === NAME) this.expectsName = false;
    this.capture = NOTHING;
    this.capturedBytes = 0;
  }

  private takeCapture(bytes: Uint8Array, end: number): void {
    const kind = this.capture;
    if (this.capturedBytes === 0) this.take(kind, bytes, this.captureStart, end);
    else {
      this.keep(bytes, end);
      if (this.capture !== NOTHING) this.take(kind, this.captured, 0, this.capturedBytes);
    }
    this.dropCapture();
  }

  private take(kind: number, bytes: Uint8Array, start: number, end: number): void {
    if (kind === USAGE) readUsage(bytes, start, end, this.usage);
    else if (kind === NAME) this.awaited = memberNamed(bytes, start, end);
    else if (this.model === undefined && skipString(bytes, start + 1, end) === end)
      this.model = modelNames.decode(bytes, start, end);
  }
}

/** Names are compared as they are written: no provider escapes the letters of its own member names. */
function memberNamed(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === RESPONSE_NAME.length) return standsAt(bytes, start, RESPONSE_NAME) ? RESPONSE : NOTHING;
  if (length !== MODEL_NAME.length) return geminiMemberNamed(bytes, start, length);
  if (standsAt(bytes, start, MODEL_NAME)) return MODEL;
  if (standsAt(bytes, start, USAGE_NAME)) return USAGE;
  return standsAt(bytes, start, ERROR_NAME) ? ERROR : NOTHING;
}

function geminiMemberNamed(bytes: Uint8Array, start: number, length: number): number {
  if (length === USAGE_METADATA_NAME.length) return standsAt(bytes, start, USAGE_METADATA_NAME) ? USAGE : NOTHING;
  return length === MODEL_VERSION_NAME.length && standsAt(bytes, start, MODEL_VERSION_NAME) ? MODEL : NOTHING;
}
