// The binary framing of AWS's streamed answers (application/vnd.amazon.eventstream): messages found however the stream is cut,
// checksums proven, sizes bounded. It never looks into a payload; codecs of llm/ do.
import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/eventstream-codec';

/** What the `:message-type` of a message says it is. */
export type AwsMessageKind =
  /** A part of the answer. */
  | 'event'
  /** A failure the service's model knows (`throttlingException`); its payload is JSON. */
  | 'exception'
  /** A failure it does not know; what is told stands in headers, the payload is empty. */
  | 'error';

export interface AwsMessage {
  readonly kind: AwsMessageKind;
  /** `:event-type`, `:exception-type` or `:error-code`. */
  readonly name: string;
  /** UTF-8; of an `error` its `:error-message`. */
  readonly text: string;
}

/** Why a stream cannot be read on. Nothing that follows is trusted: there is no place to begin anew. */
export type FrameProblem = 'prelude-checksum' | 'message-checksum' | 'length' | 'too-long' | 'headers';

/** What the protocol allows: 24 MiB of payload and 128 KiB of headers. */
export const MAX_MESSAGE_BYTES = 24 * 1024 * 1024 + 128 * 1024 + 16;

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const MAX_HEADER_BYTES = 128 * 1024;
const FIRST_HELD_BYTES = 4 * 1024;
/** A buffer that grew beyond this is given back once its message is read. */
const MAX_KEPT_BYTES = 64 * 1024;

const codec = new EventStreamCodec(
  (bytes) =>
    typeof bytes === 'string' ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
  (text) => Buffer.from(text),
);

type Headers = ReturnType<EventStreamCodec['decode']>['headers'];

function textHeader(headers: Headers, name: string): string {
  const header = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return header?.type === 'string' ? header.value : '';
}

function toMessage(headers: Headers, body: Uint8Array): AwsMessage | undefined {
  const kind = textHeader(headers, ':message-type');
  if (kind === 'event' || kind === 'exception') {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    return { kind, name: textHeader(headers, `:${kind}-type`), text };
  }
  if (kind !== 'error') return undefined;
  return { kind, name: textHeader(headers, ':error-code'), text: textHeader(headers, ':error-message') };
}

/** The length a prelude tells, or what is wrong with it. */
function lengthOf(prelude: Buffer, at: number, maxBytes: number): number | FrameProblem {
  if (crc32(prelude.subarray(at, at + 8)) !== prelude.readUInt32BE(at + 8)) return 'prelude-checksum';
  const length = prelude.readUInt32BE(at);
  const headerBytes = prelude.readUInt32BE(at + 4);
  if (length > maxBytes || headerBytes > MAX_HEADER_BYTES) return 'too-long';
  return length < headerBytes + PRELUDE_BYTES + CHECKSUM_BYTES ? 'length' : length;
}

/** One stream: `push` every piece, then ask `isInsideMessage`. */
export class AwsEventStreamReader {
  /** The first thing that was wrong; nothing is read after it. */
  problem: FrameProblem | undefined = undefined;
  private readonly maxBytes: number;
  private held: Buffer = Buffer.alloc(0);
  private heldBytes = 0;
  /** Of the held message; 0 until its prelude is whole. */
  private length = 0;

  constructor(maxBytes: number = MAX_MESSAGE_BYTES) {
    this.maxBytes = maxBytes;
  }

  /** The stream stopped here would be cut. */
  get isInsideMessage(): boolean {
    return this.heldBytes > 0;
  }

  /** Appends the messages that end in `bytes[start, end)`; those before a problem are good. The bytes are not kept. */
  push(bytes: Buffer, start: number, end: number, into: AwsMessage[]): void {
    let at = start;
    while (at < end && this.problem === undefined)
      at = this.heldBytes > 0 ? this.goOn(bytes, at, end, into) : this.begin(bytes, at, end, into);
  }

  /** A message that begins at `at`; read in place when it is whole. */
  private begin(bytes: Buffer, at: number, end: number, into: AwsMessage[]): number {
    if (end - at >= PRELUDE_BYTES) {
      const length = lengthOf(bytes, at, this.maxBytes);
      if (typeof length === 'string') return this.fail(length, end);
      if (end - at >= length) {
        this.read(bytes, at, at + length, into);
        return at + length;
      }
      this.length = length;
    } else this.length = 0;
    this.hold(bytes, at, end);
    return end;
  }

  /** Completes the held message: first its prelude, so that a false length is found before anything is waited for. */
  private goOn(bytes: Buffer, at: number, end: number, into: AwsMessage[]): number {
    if (this.length === 0) {
      const upTo = Math.min(end, at + PRELUDE_BYTES - this.heldBytes);
      this.hold(bytes, at, upTo);
      if (this.heldBytes < PRELUDE_BYTES) return upTo;
      const length = lengthOf(this.held, 0, this.maxBytes);
      if (typeof length === 'string') return this.fail(length, end);
      this.length = length;
      return upTo;
    }
    const upTo = Math.min(end, at + this.length - this.heldBytes);
    this.hold(bytes, at, upTo);
    if (this.heldBytes === this.length) {
      this.heldBytes = 0;
      this.read(this.held, 0, this.length, into);
      this.length = 0;
      if (this.held.length > MAX_KEPT_BYTES) this.held = Buffer.alloc(0);
    }
    return upTo;
  }

  private hold(bytes: Buffer, start: number, end: number): void {
    const needed = this.heldBytes + (end - start);
    if (needed > this.held.length) {
      // Never as much as a prelude claims, only what has come: a claim costs its sender nothing.
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_HELD_BYTES, needed * 2));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    bytes.copy(this.held, this.heldBytes, start, end);
    this.heldBytes = needed;
  }

  private read(bytes: Buffer, start: number, end: number, into: AwsMessage[]): void {
    const trailer = end - CHECKSUM_BYTES;
    if (crc32(bytes.subarray(start, trailer)) !== bytes.readUInt32BE(trailer)) {
      this.problem = 'message-checksum';
      return;
    }
    const message = decodeMessage(bytes.subarray(start, end));
    if (message === undefined) this.problem = 'headers';
    else into.push(message);
  }

  private fail(problem: FrameProblem, end: number): number {
    this.problem = problem;
    this.heldBytes = 0;
    return end;
  }
}

/** Undefined = headers that are none, or a message of no known kind. */
function decodeMessage(bytes: Buffer): AwsMessage | undefined {
  try {
    // A copy, in memory of its own: header lengths that lie must not reach bytes of other connections.
    const { headers, body } = codec.decode(new Uint8Array(bytes));
    return toMessage(headers, body);
  } catch {
    return undefined; // headers that run out of the message, or of an unknown type: told as `headers`
  }
}

/** One message as the service writes it. */
export function encodeAwsMessage({ kind, name, text }: AwsMessage): Buffer {
  const value = (of: string) => ({ type: 'string' as const, value: of });
  const headers: Headers = { ':message-type': value(kind) };
  if (kind === 'error') {
    headers[':error-code'] = value(name);
    headers[':error-message'] = value(text);
  } else {
    headers[`:${kind}-type`] = value(name);
    headers[':content-type'] = value('application/json');
  }
  const bytes = codec.encode({ headers, body: Buffer.from(kind === 'error' ? '' : text) });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
