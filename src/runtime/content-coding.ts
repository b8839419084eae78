// Answers that come compressed although we asked for them as they are. Whole ones are unpacked; of a stream no event can be read
// before its end, so it is an answer we cannot use, and another target may give a better one.
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Failure } from '../errors/failure.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import type { AnswerTap } from './answer-tap.ts';

const ID_CONTENT_ENCODING = headerId('content-encoding');
/** Longest answer that is kept to be unpacked, and longest one that may come of it: a few kilobytes can hold gigabytes. */
const MAX_PACKED_BYTES = 16 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

type Unpack = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** As the answer names it; undefined = it is as it is. */
export function codingOf({ headers }: ResponseHead): string | undefined {
  return codingNamed(headers.getKnown(ID_CONTENT_ENCODING));
}

/** By the text of the field. */
export function codingNamed(text: string | undefined): string | undefined {
  const coding = text?.trim().toLowerCase();
  return coding === undefined || coding === '' || coding === 'identity' ? undefined : coding;
}

/** Undefined = not of that coding, cut, or longer than anything a model says. */
export function unpacked(pieces: readonly Buffer[], coding: string): Buffer | undefined {
  if (!Object.hasOwn(UNPACK, coding)) return undefined;
  try {
    return UNPACK[coding](Buffer.concat(pieces), { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch {
    return undefined; // as said above
  }
}

const NOWHERE: ByteSink = { write: () => {}, writeLatin1: () => {} };

/**
 * Before a tap that reads an answer whole. Where the inner tap passes bytes on as they come (`passes`), the client gets them packed,
 * as their head says, and the tap reads along beside it; else the client gets what the tap makes of the unpacked answer.
 */
export class UnpackingTap implements AnswerTap {
  private readonly inner: AnswerTap;
  private readonly coding: string;
  private pieces: Buffer[] = [];
  private bytes = 0;

  constructor(inner: AnswerTap, coding: string) {
    this.inner = inner;
    this.coding = coding;
  }

  get isWhole(): boolean {
    return this.inner.isWhole ?? false;
  }

  get changesLength(): boolean {
    return this.inner.changesLength;
  }

  get verdict(): AnswerTap['verdict'] {
    return this.inner.verdict;
  }

  headLines(head: ResponseHead, wallMs: number): string {
    return this.inner.headLines?.(head, wallMs) ?? '';
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    if (!this.changesLength) out.write(bytes, start, end);
    this.bytes += end - start;
    if (this.bytes <= MAX_PACKED_BYTES) this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    else this.pieces = [];
  }

  /** Tells the inner tap; false = there is nothing to tell. */
  private tell(out: ByteSink): boolean {
    const whole = unpacked(this.pieces, this.coding);
    this.pieces = [];
    if (whole !== undefined) this.inner.push(whole, 0, whole.length, this.changesLength ? out : NOWHERE);
    return whole !== undefined;
  }

  end(out: ByteSink): StreamEnd {
    if (this.tell(out)) return this.inner.end(this.changesLength ? out : NOWHERE);
    // What was passed on as it came is whole for its client, who may know more codings than we do.
    this.inner.abandon();
    return this.changesLength ? 'bad-answer' : 'complete';
  }

  cut(out: ByteSink, cause: StreamEnd): StreamEnd | undefined {
    return this.inner.cut(out, cause);
  }

  abandon(): void {
    this.inner.abandon();
  }
}

/** A stream that comes packed: refused with its first byte. */
export class PackedStreamTap implements AnswerTap {
  readonly isWhole = true;
  readonly changesLength = true;
  readonly failure: Failure;
  private hasCome = false;

  constructor(coding: string) {
    const detail = `the endpoint sent a stream in the coding ${coding.slice(0, 20)}, although it was asked not to`;
    this.failure = { code: 'upstream.bad-response', detail, neverSent: false };
  }

  get verdict(): 'waiting' | 'failed' {
    return this.hasCome ? 'failed' : 'waiting';
  }

  push(): void {
    this.hasCome = true;
  }

  end(): StreamEnd {
    return 'bad-answer';
  }

  cut(): undefined {
    // nothing of it left
  }

  abandon(): void {
    // Nothing was read out of it.
  }
}
