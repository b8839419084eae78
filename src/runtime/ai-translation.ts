// An AI exchange whose candidate speaks another wire than the client: the request in that wire, and who reads the answer in it.
// Under ai-exchange.ts, which asks for it only where bytes cannot pass through.
import { startsIgnoringCase } from '../base/ascii-case.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { AwsPayloadReader } from '../llm/aws-payloads.ts';
import type { Decoded } from '../llm/codec.ts';
import { findOverflow } from '../llm/json-overflow.ts';
import { isJsonObject, type JsonValue } from '../llm/json-value.ts';
import type { ProviderAdapter, StreamFraming } from '../llm/provider.ts';
import type { LlmRequest } from '../llm/request.ts';
import { type PayloadReader, SsePayloadReader } from '../llm/stream-payloads.ts';
import { type ClientSide, decodeClientRequest, type Translation, translateRequest } from '../llm/translation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import type { AskedCount } from './own-count.ts';
import type { TapClock } from './sse-tap.ts';
import { TranslatedErrorTap } from './translated-error-tap.ts';
import { TranslatingStreamTap } from './translating-stream-tap.ts';
import { TranslatingWholeTap } from './translating-whole-tap.ts';

const ID_CONTENT_TYPE = headerId('content-type');

/** Why a candidate cannot be asked; another one may be. */
export interface AiRefusal {
  readonly code: ErrorCode;
  readonly detail: string;
}

const STREAM_TYPES: Readonly<Record<StreamFraming, string>> = {
  sse: 'text/event-stream',
  'aws-event-stream': 'application/vnd.amazon.eventstream',
};

function readerFor(framing: StreamFraming): PayloadReader {
  switch (framing) {
    case 'sse':
      return new SsePayloadReader();
    case 'aws-event-stream':
      return new AwsPayloadReader();
  }
}

export interface CandidateTranslation extends Translation {
  readonly errors: ProviderAdapter['errors'];
}

/** The client's request in the canonical shape, made once for all candidates. */
export class AiTranslation {
  private readonly exchange: Exchange;
  private readonly side: ClientSide;
  private decoded: Decoded<LlmRequest> | undefined;
  private isDecoded = false;

  constructor(exchange: Exchange, side: ClientSide) {
    this.exchange = exchange;
    this.side = side;
  }

  private canonical(): Decoded<LlmRequest> | undefined {
    if (!this.isDecoded) {
      this.isDecoded = true;
      this.decoded = decodeBody(this.exchange, this.side);
    }
    return this.decoded;
  }

  /** The request for one candidate. */
  translate(provider: CompiledProvider, model: string): CandidateTranslation | AiRefusal {
    const decoded = this.canonical();
    const { operation } = this.side;
    if (decoded === undefined)
      return { code: 'operation.not-supported', detail: `${provider.name} does not offer ${operation}` };
    if (!decoded.ok) return { code: 'request.invalid', detail: decoded.message };
    const { strictness } = provider;
    const wish = { side: this.side, request: decoded.value, model, strictness, limits: provider.limitsOf(model) };
    const outcome = translateRequest(wish, provider.adapter);
    if (outcome.kind === 'ready') return { ...outcome, errors: provider.adapter.errors };
    if (outcome.kind === 'refused') return { code: 'request.parameter-refused', detail: outcome.detail };
    return { code: 'operation.not-supported', detail: `${provider.name} does not offer ${operation}` };
  }

  /** What shall be counted, understood whatever the provider offers; undefined = something else was asked, or it is not understood. */
  count(model: string): AskedCount | undefined {
    const codec = this.side.format.tokenCountCodec;
    const decoded = codec === undefined ? undefined : this.canonical();
    if (codec === undefined || decoded?.ok !== true || decoded.value.operation !== 'count-tokens') return undefined;
    return { request: decoded.value, model, codec };
  }

  /** Who tells the answer to the client. */
  tapFor(translation: CandidateTranslation, head: ResponseHead, answer: AnswerParts): AnswerTap {
    const { side, exchange } = this;
    const { record, clock } = answer;
    if (head.status >= 400) return this.errorTap(translation, head);
    const { request, target, dropped } = translation;
    const frame = {
      id: exchange.requestId,
      model: record.requestModel,
      createdSeconds: Math.floor(exchange.timestampMs / 1000),
      ...(side.address.streamsArray === true && { streamsArray: true }),
    };
    const codec = target.codec.kind === 'chat' ? target.codec.codec : undefined;
    if (codec === undefined || request.operation !== 'chat' || !this.isStream(translation, head))
      return new TranslatingWholeTap(exchange, record, { side, translation, frame });
    const full = { ...frame, request };
    const encoder = side.format.chatCodec(side.operation)?.createStreamEncoder(full);
    if (encoder === undefined || !request.stream)
      return new TranslatingWholeTap(exchange, record, { side, translation, frame });
    const payloads = readerFor(target.framing);
    const decoder = codec.createStreamDecoder(request);
    const parts = { payloads, decoder, encoder, dropped, rateLimitStyle: side.format.rateLimitStyle };
    return new TranslatingStreamTap(exchange, record, parts, clock);
  }

  errorTap({ errors }: CandidateTranslation, { status, headers }: ResponseHead): TranslatedErrorTap {
    const { requestId } = this.exchange;
    // The head is the connection's own and may be gone when the body is whole.
    const fields = headers.copy();
    const field = (name: string): string | undefined => fields.get(name);
    return new TranslatedErrorTap({ format: this.side.format, errors, status, requestId, field });
  }

  isStream({ target }: CandidateTranslation, head: ResponseHead): boolean {
    return startsIgnoringCase(head.headers.getKnown(ID_CONTENT_TYPE) ?? '', STREAM_TYPES[target.framing]);
  }
}

export interface AnswerParts {
  readonly record: GenAiRecord;
  readonly clock: TapClock;
}

function decodeBody({ body }: Exchange, side: ClientSide): Decoded<LlmRequest> | undefined {
  const text = body.wholeBytes().toString();
  let document: JsonValue;
  try {
    document = JSON.parse(text) as JsonValue;
  } catch {
    return NO_OBJECT; // the client is told
  }
  const place = findOverflow(text, document);
  if (place !== undefined) return { ok: false, message: `${place} is larger than any number can be`, param: place };
  return isJsonObject(document) ? decodeClientRequest(side, document) : NO_OBJECT;
}

const NO_OBJECT: Decoded<LlmRequest> = { ok: false, message: 'the body must be one JSON object', param: undefined };
