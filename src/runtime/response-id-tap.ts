// Reads the id of a Responses answer while it passes, so that what is asked of it later goes to the endpoint that made it. The bytes
// go on as the inner tap leaves them.
import type { Failure } from '../errors/failure.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import { responseIdOfAnswer, responseIdOfEvent } from '../upstream/affinity/response-ids.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';

/** A first event repeats the instructions and tools of its request; an answer that is longer is not remembered. */
const MAX_BYTES = 1024 * 1024;
const DATA = Buffer.from('data:');

/** Where the event that begins at `start` ends, its empty line not counted; -1 = not here yet. */
function endOfEvent(bytes: Buffer, start: number): number {
  const ends = ['\n\n', '\r\n\r\n'].map((text) => bytes.indexOf(text, start)).filter((at) => at !== -1);
  return ends.length === 0 ? -1 : Math.min(...ends);
}

export class ResponseIdTap implements AnswerTap {
  /** Only where the inner tap has it: what has none is no stream to be watched. */
  readonly heartbeat?: () => string;
  private readonly inner: AnswerTap | undefined;
  private readonly isStream: boolean;
  private readonly found: (id: string) => void;
  /** What came so far; undefined once nothing more is of interest. */
  private pieces: Buffer[] | undefined = [];
  private bytes = 0;

  constructor(inner: AnswerTap | undefined, isStream: boolean, found: (id: string) => void) {
    this.inner = inner;
    if (inner?.heartbeat !== undefined) this.heartbeat = () => inner.heartbeat?.() ?? '';
    this.isStream = isStream;
    this.found = found;
  }

  get changesLength(): boolean {
    return this.inner?.changesLength ?? false;
  }

  get isWhole(): boolean {
    return this.inner?.isWhole ?? false;
  }

  get verdict(): AnswerVerdict {
    return this.inner?.verdict ?? 'useful';
  }

  headLines(head: ResponseHead, wallMs: number): string {
    return this.inner?.headLines?.(head, wallMs) ?? '';
  }

  get failure(): Failure | undefined {
    return this.inner?.failure;
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    this.note(bytes, start, end);
    if (this.inner === undefined) out.write(bytes, start, end);
    else this.inner.push(bytes, start, end, out);
  }

  private note(bytes: Buffer, start: number, end: number): void {
    if (this.pieces === undefined) return;
    this.bytes += end - start;
    // The read buffer is used again: a copy.
    this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    if (this.isStream) this.readFirstEvent();
    else if (this.bytes > MAX_BYTES) this.pieces = undefined;
  }

  private readFirstEvent(): void {
    const whole = this.take();
    for (let start = 0; ; ) {
      const end = endOfEvent(whole, start);
      if (end === -1) {
        this.pieces = this.bytes > MAX_BYTES ? undefined : [whole.subarray(start)];
        return;
      }
      const data = whole.subarray(start, end).indexOf(DATA);
      if (data !== -1) {
        this.pieces = undefined;
        this.tell(responseIdOfEvent(whole, { start: start + data + DATA.length, end }));
        return;
      }
      // Comments come as events of their own.
      start = end + 2;
    }
  }

  private take(): Buffer {
    const { pieces = [] } = this;
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }

  private tell(id: string | undefined): void {
    if (id !== undefined) this.found(id);
  }

  end(out: ByteSink): StreamEnd {
    const end = this.inner?.end(out) ?? 'complete';
    if (!this.isStream && this.pieces !== undefined) {
      const whole = this.take();
      this.tell(responseIdOfAnswer(whole, { start: 0, end: whole.length }));
    }
    return end;
  }

  cut(out: ByteSink, cause: StreamEnd): StreamEnd | undefined {
    return this.inner?.cut(out, cause);
  }

  abandon(): void {
    this.inner?.abandon();
  }
}
