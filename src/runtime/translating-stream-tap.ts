// A streamed answer of another wire on its way: read event by event, told to the client in its own words, and an end that tells
// the truth (design decision 7). Beside sse-tap.ts, which passes bytes of the same wire on.
import type { StreamDecoder, StreamEncoder } from '../llm/codec.ts';
import { isUseful, type LlmEvent } from '../llm/event.ts';
import type { RateLimitStyle } from '../llm/rate-limit-fields.ts';
import type { ProviderError } from '../llm/response.ts';
import type { PayloadReader, PayloadSink } from '../llm/stream-payloads.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';
import { recordUsage } from './record-usage.ts';
import { CUT_CODES, type TapClock } from './sse-tap.ts';
import { translatedHead } from './translated-head.ts';

/** Events without a useful part after which a stream is taken for a good one. */
const MAX_EVENTS_WAITED = 64;

export interface StreamTranslation {
  readonly payloads: PayloadReader;
  readonly decoder: StreamDecoder;
  readonly encoder: StreamEncoder;
  readonly dropped: readonly string[];
  readonly rateLimitStyle: RateLimitStyle | undefined;
}

function failure(type: string, message: string): ProviderError {
  return { status: 502, type, code: type, message, param: undefined };
}

export class TranslatingStreamTap implements AnswerTap, PayloadSink {
  readonly changesLength = true;
  readonly isWhole = false;
  private readonly exchange: Exchange;
  private readonly record: GenAiRecord;
  private readonly parts: StreamTranslation;
  private readonly clock: TapClock;
  private readonly events: LlmEvent[] = [];
  private text = '';
  private seen = 0;
  private isUseful = false;
  private failed: ProviderError | undefined;
  private hasFirstToken = false;
  /** The end was told, or the frames of the stream broke behind it. */
  private isDeaf = false;

  constructor(exchange: Exchange, record: GenAiRecord, parts: StreamTranslation, clock: TapClock) {
    this.exchange = exchange;
    this.record = record;
    this.parts = parts;
    this.clock = clock;
    record.streaming = true;
    record.relayedCharacters = 0;
  }

  get verdict(): AnswerVerdict {
    if (this.isUseful || this.seen >= MAX_EVENTS_WAITED) return 'useful';
    return this.failed === undefined ? 'waiting' : 'failed';
  }

  headLines(head: ResponseHead, wallMs: number): string {
    const { encoder, dropped, rateLimitStyle } = this.parts;
    return translatedHead(head, { contentType: encoder.contentType, dropped, rateLimitStyle, wallMs });
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    if (this.failed !== undefined || this.isDeaf) return;
    if (!this.parts.payloads.push(bytes, start, end, this)) this.failToRead();
    this.flush(out);
  }

  /** Junk behind an answer that is whole is no part of it. */
  private failToRead(): void {
    if (this.failed !== undefined) return;
    if (this.parts.decoder.isWhole()) this.isDeaf = true;
    else this.fail(failure('upstream.bad-response', 'the endpoint sent a stream that cannot be read'));
  }

  onPayload(name: string, payload: string): void {
    if (this.failed !== undefined) return;
    this.parts.decoder.decode(name, payload, this.events);
    this.tellAll();
  }

  private tellAll(): void {
    const { events } = this;
    for (const event of events) if (this.failed === undefined) this.tell(event);
    events.length = 0;
  }

  private tell(event: LlmEvent): void {
    const { record } = this;
    this.seen++;
    if (event.type === 'error') {
      this.fail(event.error);
      return;
    }
    if (event.type === 'usage') recordUsage(record, event.usage);
    else if (event.type === 'start') {
      if (event.model !== undefined) record.responseModel = event.model;
      if (event.usage !== undefined) recordUsage(record, event.usage);
    } else if (!this.hasFirstToken && isUseful(event)) this.noteFirstToken();
    if ('text' in event) record.relayedCharacters += event.text.length;
    this.text += this.parts.encoder.encode(event);
  }

  private noteFirstToken(): void {
    this.hasFirstToken = true;
    this.isUseful = true;
    this.record.firstTokenMs = this.clock.nowMs() - this.exchange.startedAtMs;
  }

  private fail(error: ProviderError): void {
    this.failed = error;
    this.text += this.parts.encoder.fail(error);
  }

  private flush(out: ByteSink): void {
    if (this.text === '') return;
    const bytes = Buffer.from(this.text);
    this.text = '';
    out.write(bytes, 0, bytes.length);
  }

  end(out: ByteSink): StreamEnd {
    if (this.failed === undefined && !this.isDeaf) this.parts.payloads.end(this);
    const isWhole = this.failed === undefined && this.parts.decoder.end(this.events);
    return this.conclude(out, isWhole ? undefined : failure('upstream.cut', 'the answer ended before it was complete'));
  }

  cut(out: ByteSink, cause: StreamEnd): StreamEnd {
    const { decoder } = this.parts;
    // What was complete for its protocol needs no error: only the connection broke.
    if (this.failed === undefined && decoder.isWhole() && decoder.end(this.events))
      return this.conclude(out, undefined);
    const code = CUT_CODES[cause] ?? 'upstream.cut';
    return this.conclude(out, failure(code, 'the answer was cut before it was complete'), cause);
  }

  /** The one end of the client's stream, unless it was told a failure. `cut` = the answer is not whole. */
  private conclude(out: ByteSink, cut: ProviderError | undefined, cause: StreamEnd = 'upstream-cut'): StreamEnd {
    this.tellAll();
    let end: StreamEnd = cut === undefined ? 'complete' : cause;
    if (this.failed !== undefined) {
      end = 'in-band-error';
      this.exchange.errorDetail = `the stream told of ${this.failed.code ?? this.failed.type}`;
    } else if (cut === undefined) this.text += this.parts.encoder.end();
    else this.fail(cut);
    this.isDeaf = true;
    this.flush(out);
    return end;
  }

  heartbeat(): string {
    return this.failed === undefined && !this.isDeaf ? this.parts.encoder.heartbeat() : '';
  }

  abandon(): void {
    // Usage and model are in the record already.
  }
}
