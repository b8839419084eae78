// Keeps a copy of a good answer while it passes, for the fallback `cached_response`; the bytes go on as the inner tap leaves them.

import { isCredentialHeader } from '../base/credential-header.ts';
import type { Failure } from '../errors/failure.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';
import { isKeepable, KEY_FIELDS, type KeptAnswers, keyOf, MAX_ANSWER_BYTES } from './kept-answers.ts';

/** Of the connection or of this one exchange. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'age',
  'cache-status',
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'via',
  'warning',
  'x-request-id',
  'x-switchyard-request-id',
]);
/** Whose author says that it must not be kept, or not be used when stale (RFC 9111 §5.2.2). */
const FORBIDS_KEEPING = /\b(?:no-store|no-cache|private|must-revalidate|proxy-revalidate)\b/i;

function varies(vary: string | undefined): boolean {
  if (vary === undefined) return false;
  return vary.split(',').some((name) => {
    const lower = name.trim().toLowerCase();
    return !KEY_FIELDS.includes(lower) && !(lower !== '*' && isCredentialHeader(lower));
  });
}

export function mayKeep(exchange: Exchange, head: ResponseHead): boolean {
  const { headers } = head;
  if (head.status !== 200 || head.contentLength > MAX_ANSWER_BYTES || head.hasNominatedFields) return false;
  if (headers.has('set-cookie') || varies(headers.get('vary'))) return false;
  if (FORBIDS_KEEPING.test(headers.get('cache-control') ?? '')) return false;
  if (/\bno-store\b/i.test(exchange.headers.get('cache-control') ?? '')) return false;
  return isKeepable(exchange);
}

function freshForMs(head: ResponseHead): number {
  const cacheControl = head.headers.get('cache-control') ?? '';
  const seconds = /\bs-maxage=(\d+)/i.exec(cacheControl) ?? /\bmax-age=(\d+)/i.exec(cacheControl);
  return seconds === null ? 0 : Number(seconds[1]) * 1000;
}

export class KeepingTap implements AnswerTap {
  readonly changesLength: boolean;
  /** Only where the inner tap has it: what has none is no stream to be watched. */
  readonly heartbeat?: () => string;
  private readonly inner: AnswerTap | undefined;
  private readonly store: KeptAnswers;
  private readonly key: string;
  private readonly fields: readonly (readonly [name: string, value: string])[];
  private readonly storedAtMs: number;
  private readonly freshUntilMs: number;
  /** Undefined once the answer has grown too large. */
  private pieces: Buffer[] | undefined = [];
  private bytes = 0;

  /** `wallMs`: now. The head is read here: its fields are gone when the answer ends. */
  constructor(parts: KeepingParts, head: ResponseHead, wallMs: number) {
    const { inner } = parts;
    this.inner = inner;
    if (inner?.heartbeat !== undefined) this.heartbeat = () => inner.heartbeat?.() ?? '';
    this.changesLength = parts.inner?.changesLength ?? false;
    this.store = parts.store;
    this.key = keyOf(parts.exchange);
    this.fields = [...head.headers.entries()].filter(([name]) => !NOT_KEPT.has(name) && !isCredentialHeader(name));
    this.storedAtMs = wallMs;
    this.freshUntilMs = wallMs + freshForMs(head);
  }

  get isWhole(): boolean {
    return this.inner?.isWhole ?? false;
  }

  headLines(head: ResponseHead, wallMs: number): string {
    return this.inner?.headLines?.(head, wallMs) ?? '';
  }

  get failure(): Failure | undefined {
    return this.inner?.failure;
  }

  get verdict(): AnswerVerdict {
    return this.inner?.verdict ?? 'useful';
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    this.bytes += end - start;
    if (this.bytes > MAX_ANSWER_BYTES) this.pieces = undefined;
    // The read buffer is used again: a copy.
    this.pieces?.push(Buffer.from(bytes.subarray(start, end)));
    if (this.inner === undefined) out.write(bytes, start, end);
    else this.inner.push(bytes, start, end, out);
  }

  end(out: ByteSink): StreamEnd {
    const end = this.inner?.end(out) ?? 'complete';
    if (end === 'complete' && this.pieces !== undefined) {
      const { fields, storedAtMs, freshUntilMs } = this;
      this.store.keep(this.key, { fields, body: Buffer.concat(this.pieces), storedAtMs, freshUntilMs });
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

export interface KeepingParts {
  readonly inner: AnswerTap | undefined;
  readonly store: KeptAnswers;
  readonly exchange: Exchange;
}
