// An AI request on its way: what each candidate is sent, and who reads its answer. Where client and provider speak the same wire,
// bytes pass through (ai-request.ts); where they do not, both are translated (ai-translation.ts).
import { startsIgnoringCase } from '../base/ascii-case.ts';
import { queryWithoutCredentials } from '../llm/client-query.ts';
import type { StreamFormat } from '../llm/event-reader.ts';
import type { Operation } from '../llm/operation.ts';
import type { ClientSide } from '../llm/translation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import {
  type AiAddress,
  type AiRequest,
  changeFor,
  hidesUsage,
  passedBody,
  splicedBody,
  translatedBody,
} from './ai-request.ts';
import { type AiRefusal, AiTranslation, type CandidateTranslation } from './ai-translation.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import { codingOf, PackedStreamTap, UnpackingTap } from './content-coding.ts';
import { JsonArrayTap } from './json-array-tap.ts';
import { JsonTap } from './json-tap.ts';
import type { AskedCount } from './own-count.ts';
import type { PlanTarget } from './plan.ts';
import { scanBody } from './read-model.ts';
import { abandonSpent, keepSpent, type TryPlace } from './spent-tries.ts';
import { SseTap, type TapClock } from './sse-tap.ts';
import type { TranslatedErrorTap } from './translated-error-tap.ts';

const ID_CONTENT_TYPE = headerId('content-type');

export interface AiFacts {
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly hasJsonBody: boolean;
}

/** What differs from one candidate to the next. */
export interface AiCandidate {
  readonly provider: string;
  readonly sentModel: string;
  readonly hidesUsage: boolean;
  readonly translation: CandidateTranslation | undefined;
}

export class AiExchange {
  readonly operation: Operation;
  private readonly side: ClientSide;
  private readonly exchange: Exchange;
  private readonly facts: AiFacts;
  private readonly record: GenAiRecord;
  private hidesUsage = false;
  private isScanned: boolean;
  private translation: CandidateTranslation | undefined = undefined;
  private translator: AiTranslation | undefined = undefined;

  constructor(exchange: Exchange, side: ClientSide, facts: AiFacts) {
    this.exchange = exchange;
    this.side = side;
    this.operation = side.operation;
    this.facts = facts;
    this.isScanned = facts.hasJsonBody;
    this.record = {
      operation: side.operation,
      format: side.format.name,
      translated: false,
      dropped: NOTHING,
      provider: '',
      requestModel: facts.model ?? '',
      sentModel: '',
      responseModel: '',
      streaming: facts.isStream,
      inputTokens: -1,
      outputTokens: -1,
      totalTokens: -1,
      cachedTokens: -1,
      reasoningTokens: -1,
      cacheWriteTokens: -1,
      cacheWrite1hTokens: -1,
      audioInputTokens: -1,
      audioOutputTokens: -1,
      estimated: false,
      aborted: false,
      relayedEvents: -1,
      relayedCharacters: -1,
      answerBody: undefined,
      spent: undefined,
      price: undefined,
      ownCost: undefined,
      cost: undefined,
      priceVersion: '',
      firstTokenMs: -1,
    };
    exchange.genAi = this.record;
  }

  /** What a candidate is sent, or why it cannot be asked. */
  requestFor(target: PlanTarget, provider: CompiledProvider): AiRequest | AiRefusal {
    if (this.exchange.wishedBody?.useFor(provider.name) === true) this.isScanned = false;
    const model = target.model ?? provider.model ?? this.facts.model ?? '';
    const { side, facts } = this;
    if (facts.hasJsonBody && model === '') return { code: 'request.model-missing', detail: '' };
    if (this.record.provider !== '') this.forgetAnswer();
    this.record.provider = provider.name;
    this.record.sentModel = model;
    if (!provider.adapter.passes(side.format.name, side.operation, model)) return this.translated(provider, model);
    this.setTranslation(undefined);
    const path = provider.adapter.path(side.operation, model, facts.isStream);
    if (path === undefined)
      return { code: 'operation.not-supported', detail: `${provider.name} does not offer ${side.operation}` };
    const address = { path: provider.basePath + path + this.pathRest(path), query: this.queryFor(provider) };
    if (!facts.hasJsonBody || provider.adapter.hasModelInPath) return passedBody(address, this.exchange);
    return this.spliced(address, provider, model);
  }

  private queryFor({ adapter }: CompiledProvider): string {
    const query = queryWithoutCredentials(this.exchange.query);
    return adapter.passedQuery === undefined ? query : adapter.passedQuery(query, this.side.operation);
  }

  private spliced(address: AiAddress, { adapter }: CompiledProvider, model: string): AiRequest {
    // Facts are the thread's, and a later candidate comes after other requests were scanned into them.
    if (!this.isScanned) scanBody(this.exchange);
    this.isScanned = false;
    const asksUsage =
      (this.operation === 'chat' || this.operation === 'completions') &&
      adapter.acceptsStreamOptions &&
      this.side.format.name === 'openai';
    const change = changeFor(model, this.facts.model, asksUsage);
    this.hidesUsage = hidesUsage(this.exchange, change);
    return splicedBody(address, this.exchange, change);
  }

  private translated(provider: CompiledProvider, model: string): AiRequest | AiRefusal {
    if (!this.facts.hasJsonBody)
      return { code: 'operation.not-supported', detail: `${provider.name} does not offer ${this.operation}` };
    this.translator ??= new AiTranslation(this.exchange, this.side);
    const translation = this.translator.translate(provider, model);
    if ('code' in translation) return translation;
    this.setTranslation(translation);
    const { path, query } = translation.target;
    return translatedBody({ path: provider.basePath + path, query }, JSON.stringify(translation.body));
  }

  /** Tokens of the request, where they were asked for and its provider does not count. */
  get askedCount(): AskedCount | undefined {
    if (this.operation !== 'count-tokens') return undefined;
    this.translator ??= new AiTranslation(this.exchange, this.side);
    return this.translator.count(this.record.sentModel);
  }

  /** The answer's counts are the gateway's own. */
  markEstimated(): void {
    this.record.estimated = true;
  }

  private setTranslation(translation: CandidateTranslation | undefined): void {
    this.translation = translation;
    this.record.translated = translation !== undefined;
    this.record.dropped = translation?.dropped ?? NOTHING;
  }

  /** What the last `requestFor` made of the request. */
  get candidate(): AiCandidate {
    const { provider, sentModel } = this.record;
    return { provider, sentModel, hidesUsage: this.hidesUsage, translation: this.translation };
  }

  /** A candidate asked before is the one that answers. */
  returnTo({ provider, sentModel, hidesUsage, translation }: AiCandidate): void {
    this.record.provider = provider;
    this.record.sentModel = sentModel;
    this.hidesUsage = hidesUsage;
    this.setTranslation(translation);
  }

  /** An answer that lost against another leaves nothing in the record but its cost. */
  discard(tap: AnswerTap, place: TryPlace): void {
    abandonSpent(this.record, tap, place);
  }

  /** The request as JSON is in memory: asking another target does no harm until a byte reached the client. */
  get isRepeatable(): boolean {
    return this.facts.hasJsonBody;
  }

  /** For explanations: the wire the candidate is asked in, where it is not the client's. */
  get translatedTo(): { readonly wire: string; readonly dropped: readonly string[] } | undefined {
    if (this.translation === undefined) return undefined;
    const { target, dropped } = this.translation;
    return { wire: target.codec.kind === 'chat' ? target.codec.codec.wire : target.codec.kind, dropped };
  }

  /** The client asked for its answer event by event. */
  get wantsStream(): boolean {
    return this.facts.isStream;
  }

  /** What a failed answer left in the record. */
  private forgetAnswer(): void {
    const { record } = this;
    keepSpent(record, this.exchange);
    record.responseModel = '';
    record.streaming = this.facts.isStream;
    record.estimated = false;
    record.firstTokenMs = -1;
  }

  /** What follows the operation in the client's path: `/v1/models/gpt-4o` asks for one model, `/responses/id/cancel` for one answer. */
  private pathRest(operationPath: string): string {
    // The commonest by far.
    const { path } = this.exchange;
    if (path.endsWith(operationPath)) return '';
    // A provider may have a prefix of its own before the word; ids of models may hold the word again (`accounts/a/models/m`).
    const word = `${operationPath.slice(operationPath.lastIndexOf('/'))}/`;
    const at = this.side.operation === 'models' ? path.indexOf(word) : path.lastIndexOf(word);
    return at === -1 ? '' : path.slice(at + word.length - 1);
  }

  /** The answer comes event by event. */
  isStream(head: ResponseHead): boolean {
    if (this.translation !== undefined && this.translator !== undefined)
      return this.translator.isStream(this.translation, head);
    return startsIgnoringCase(head.headers.getKnown(ID_CONTENT_TYPE) ?? '', 'text/event-stream');
  }

  /** Who reads along in this answer; undefined when there is nothing to read. */
  tapFor(head: ResponseHead, clock: TapClock): AnswerTap | undefined {
    const coding = codingOf(head);
    // Refusals are unpacked by who tells them.
    if (coding === undefined || head.status >= 400) return this.readerFor(head, clock);
    const isArray = this.translation === undefined && this.side.address.streamsArray === true;
    if (head.framing !== 'none' && (isArray || this.isStream(head))) return new PackedStreamTap(coding);
    const reader = this.readerFor(head, clock);
    return reader === undefined ? undefined : new UnpackingTap(reader, coding);
  }

  private readerFor(head: ResponseHead, clock: TapClock): AnswerTap | undefined {
    const { translation, translator, record } = this;
    if (translation !== undefined) return translator?.tapFor(translation, head, { record, clock });
    if (head.framing === 'none') return undefined;
    if (this.isStream(head)) {
      const { operation, hidesUsage, side } = this;
      const format = side.format.name as StreamFormat;
      return new SseTap(this.exchange, this.record, { format, operation, hidesUsage }, clock);
    }
    if (head.status >= 400) return undefined;
    const type = head.headers.getKnown(ID_CONTENT_TYPE) ?? '';
    if (this.side.address.streamsArray === true) return new JsonArrayTap(this.exchange, record, clock);
    return startsIgnoringCase(type, 'application/json') ? new JsonTap(this.record) : undefined;
  }

  /** Who tells a refusal of another wire in the client's words; undefined where it passes as it is. */
  errorTap(head: ResponseHead): TranslatedErrorTap | undefined {
    return this.translation === undefined ? undefined : this.translator?.errorTap(this.translation, head);
  }
}

const NOTHING: readonly string[] = [];
