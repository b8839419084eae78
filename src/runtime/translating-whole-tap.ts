// A whole answer of another wire: kept until it is complete, then told to the client in its own words, as a stream where it asked
// for one. Nothing of it is of use before that, so whatever is wrong with it can still be answered properly.
import type { ReplyFrame } from '../llm/codec.ts';
import { isProviderError } from '../llm/codec.ts';
import { type JsonValue, parseJson } from '../llm/json-value.ts';
import { eventsOfResponse } from '../llm/response-events.ts';
import { type ClientSide, type Translation, translateAnswer } from '../llm/translation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap } from './answer-tap.ts';
import { recordUsage } from './record-usage.ts';
import { translatedHead } from './translated-head.ts';

/** Images in base64 come whole. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

export interface WholeTranslation {
  readonly side: ClientSide;
  readonly translation: Translation;
  readonly frame: Omit<ReplyFrame, 'request'>;
}

export class TranslatingWholeTap implements AnswerTap {
  readonly changesLength = true;
  readonly isWhole = true;
  private readonly exchange: Exchange;
  private readonly record: GenAiRecord;
  private readonly parts: WholeTranslation;
  private pieces: Buffer[] = [];
  private bytes = 0;

  constructor(exchange: Exchange, record: GenAiRecord, parts: WholeTranslation) {
    this.exchange = exchange;
    this.record = record;
    this.parts = parts;
  }

  get verdict(): 'waiting' | 'failed' {
    return this.bytes > MAX_ANSWER_BYTES ? 'failed' : 'waiting';
  }

  private get isStreamed(): boolean {
    const { request } = this.parts.translation;
    return request.operation === 'chat' && request.stream;
  }

  headLines(head: ResponseHead, wallMs: number): string {
    const encoder = this.isStreamed ? this.encoder() : undefined;
    const { side, translation } = this.parts;
    const contentType = encoder?.contentType ?? 'application/json';
    const { rateLimitStyle } = side.format;
    return translatedHead(head, { contentType, dropped: translation.dropped, rateLimitStyle, wallMs });
  }

  push(bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    if (this.bytes <= MAX_ANSWER_BYTES) this.pieces.push(Buffer.from(bytes.subarray(start, end)));
    else this.pieces = [];
  }

  end(out: ByteSink): StreamEnd {
    const whole = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
    const document = parseJson(whole.toString());
    this.pieces = [];
    const text = document === undefined ? undefined : this.told(document);
    if (text === undefined) {
      this.exchange.errorDetail = 'the endpoint gave an answer that is not of its API';
      return 'bad-answer';
    }
    if (typeof text !== 'string') {
      this.exchange.errorDetail = `the answer told of ${text.failed}`;
      return 'in-band-error';
    }
    const bytes = Buffer.from(text);
    out.write(bytes, 0, bytes.length);
    return 'complete';
  }

  /** Undefined = not understood. */
  private told(document: JsonValue): string | { readonly failed: string } | undefined {
    if (this.isStreamed) return this.toldAsStream(document);
    const { side, translation, frame } = this.parts;
    const outcome = translateAnswer(translation, side, document, frame);
    if (outcome.kind === 'not-understood') return undefined;
    if (outcome.kind === 'failed') return { failed: outcome.error.code ?? outcome.error.type };
    if (outcome.model !== undefined) this.record.responseModel = outcome.model;
    if (outcome.usage !== undefined) recordUsage(this.record, outcome.usage);
    return JSON.stringify(outcome.body);
  }

  private toldAsStream(document: JsonValue): string | { readonly failed: string } | undefined {
    const { target } = this.parts.translation;
    const encoder = this.encoder();
    if (target.codec.kind !== 'chat' || encoder === undefined) return undefined;
    const response = target.codec.codec.decodeResponse(document);
    if (response === undefined) return undefined;
    if (isProviderError(response)) return { failed: response.code ?? response.type };
    if (response.model !== undefined) this.record.responseModel = response.model;
    if (response.usage !== undefined) recordUsage(this.record, response.usage);
    return (
      eventsOfResponse(response)
        .map((event) => encoder.encode(event))
        .join('') + encoder.end()
    );
  }

  private encoder() {
    const { side, translation, frame } = this.parts;
    const { request } = translation;
    if (request.operation === 'embeddings') return undefined;
    return side.format.chatCodec(side.operation)?.createStreamEncoder({ ...frame, request });
  }

  /** Nothing of it was told yet: the exchange can be answered with an error. */
  cut(): undefined {
    this.pieces = [];
  }

  abandon(): void {
    this.pieces = [];
  }
}
