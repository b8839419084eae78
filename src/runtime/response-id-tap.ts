// Reads the id of a Responses answer while it passes, so that what is asked of it later goes to the endpoint that made it. The bytes
// go on as the inner tap leaves them.
import type { StreamEnd } from '../pipeline/outcome.ts';
import { responseIdOfAnswer, responseIdOfEvent } from '../upstream/affinity/response-ids.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';

/** A first event repeats the instructions and tools of its request; an answer that is longer is not remembered. */
const MAX_BYTES = 1024 * 1024;
const EVENT_ENDS = ['\n\n', '\r\n\r\n'];
const DATA = Buffer.from('data:');

export class ResponseIdTap implements AnswerTap {
  private readonly inner: AnswerTap | undefined;
  private readonly isStream: boolean;
  private readonly found: (id: string) => void;
  /** What came so far; undefined once nothing more is of interest. */
  private pieces: Buffer[] | undefined = [];
  private bytes = 0;

  constructor(inner: AnswerTap | undefined, isStream: boolean, found: (id: string) => void) {
    this.inner = inner;
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

  heartbeat(): string {
    return this.inner?.heartbeat?.() ?? '';
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
    const ends = EVENT_ENDS.map((text) => whole.indexOf(text)).filter((at) => at !== -1);
    if (ends.length === 0) {
      this.pieces = this.bytes > MAX_BYTES ? undefined : [whole];
      return;
    }
    this.pieces = undefined;
    const data = whole.indexOf(DATA);
    const end = Math.min(...ends);
    if (data === -1 || data > end) return;
    this.tell(responseIdOfEvent(whole, { start: data + DATA.length, end }));
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
