// An AI request on its way: the body each candidate gets, and what is read out of the answer. Bytes pass through; only `model`
// and the wish for usage are spliced in (design decision 6).
import { startsIgnoringCase } from '../base/ascii-case.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Operation } from '../llm/operation.ts';
import {
  addsUsage,
  createRequestChange,
  planSplice,
  type RequestChange,
  spliceBuffer,
  spliceLatin1,
} from '../llm/splice.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { headerId } from '../wire/known-headers.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledProvider } from './compiled-backend.ts';
import { JsonTap } from './json-tap.ts';
import type { PlanTarget } from './plan.ts';
import { bodyFacts, scanBody } from './read-model.ts';
import { SseTap, type TapClock } from './sse-tap.ts';

const ID_CONTENT_TYPE = headerId('content-type');
/** Spliced bodies up to this leave as text together with their head. */
const MAX_TEXT_BODY_BYTES = 16 * 1024;

export interface AiFacts {
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly hasJsonBody: boolean;
}

/** What one candidate is sent. */
export interface AiRequest {
  readonly path: string;
  readonly hasBody: boolean;
  /** The body is passed on as it arrives (multipart uploads). */
  readonly isStreamed: boolean;
  readonly bodyBytes: number;
  /** The body as text, or empty when it is in `bytes`. */
  readonly text: string;
  readonly bytes: Buffer | undefined;
}

/** What differs from one candidate to the next. */
export interface AiCandidate {
  readonly provider: string;
  readonly sentModel: string;
  readonly hidesUsage: boolean;
}

export class AiExchange {
  readonly operation: Operation;
  private readonly exchange: Exchange;
  private readonly facts: AiFacts;
  private readonly record: GenAiRecord;
  private hidesUsage = false;
  private isScanned: boolean;

  constructor(exchange: Exchange, operation: Operation, facts: AiFacts) {
    this.exchange = exchange;
    this.operation = operation;
    this.facts = facts;
    this.isScanned = facts.hasJsonBody;
    this.record = {
      operation,
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
      estimated: false,
      firstTokenMs: -1,
    };
    exchange.genAi = this.record;
  }

  /** Path and body for a candidate, or why it cannot be asked. */
  requestFor(target: PlanTarget, provider: CompiledProvider): AiRequest | ErrorCode {
    const model = target.model ?? provider.model ?? this.facts.model ?? '';
    const path = provider.adapter.path(this.operation, model);
    if (path === undefined) return 'operation.not-supported';
    if (this.facts.hasJsonBody && model === '') return 'request.model-missing';
    if (this.record.provider !== '') this.forgetAnswer();
    this.record.provider = provider.name;
    this.record.sentModel = model;
    const fullPath = provider.basePath + path + this.pathRest(path);
    if (!this.facts.hasJsonBody) return this.passedBody(fullPath);
    return this.splicedBody(fullPath, provider, model);
  }

  /** What the last `requestFor` made of the request. */
  get candidate(): AiCandidate {
    const { provider, sentModel } = this.record;
    return { provider, sentModel, hidesUsage: this.hidesUsage };
  }

  /** A candidate asked before is the one that answers. */
  returnTo({ provider, sentModel, hidesUsage }: AiCandidate): void {
    this.record.provider = provider;
    this.record.sentModel = sentModel;
    this.hidesUsage = hidesUsage;
  }

  /** An answer that lost against another leaves nothing in the record. */
  discard(tap: AnswerTap): void {
    const kept = { ...this.record };
    tap.abandon();
    Object.assign(this.record, kept);
  }

  /** The request as JSON is in memory: asking another target does no harm until a byte reached the client. */
  get isRepeatable(): boolean {
    return this.facts.hasJsonBody;
  }

  /** What a failed answer left in the record. */
  private forgetAnswer(): void {
    const { record } = this;
    record.responseModel = '';
    record.streaming = this.facts.isStream;
    record.inputTokens = -1;
    record.outputTokens = -1;
    record.totalTokens = -1;
    record.cachedTokens = -1;
    record.reasoningTokens = -1;
    record.estimated = false;
    record.firstTokenMs = -1;
  }

  /** What follows the operation in the client's path: `/v1/models/gpt-4o` asks for one model, `/responses/id/cancel` for one answer. */
  private pathRest(operationPath: string): string {
    // The commonest by far.
    if (this.exchange.path.endsWith(operationPath)) return '';
    const at = this.exchange.path.lastIndexOf(`${operationPath}/`);
    return at === -1 ? '' : this.exchange.path.slice(at + operationPath.length);
  }

  private passedBody(path: string): AiRequest {
    const body = this.exchange.body;
    if (body.whole === undefined)
      return { path, hasBody: true, isStreamed: true, bodyBytes: body.declaredBytes, text: '', bytes: undefined };
    const bytes = body.wholeBytes();
    return {
      path,
      hasBody: bytes.length > 0,
      isStreamed: false,
      bodyBytes: bytes.length,
      text: '',
      bytes: bytes.length > 0 ? bytes : undefined,
    };
  }

  private splicedBody(path: string, provider: CompiledProvider, model: string): AiRequest {
    // Facts are the thread's, and a later candidate comes after other requests were scanned into them.
    if (!this.isScanned) scanBody(this.exchange);
    this.isScanned = false;
    const { whole, wholeStart, wholeEnd } = this.exchange.body;
    const bytes = whole ?? Buffer.alloc(0);
    const change = this.changeFor(provider, model);
    this.hidesUsage = addsUsage(bytes, bodyFacts, change);
    const edits = planSplice(bytes, bodyFacts, change);
    if (wholeEnd - wholeStart > MAX_TEXT_BODY_BYTES) {
      const spliced =
        edits.length === 0 ? bytes.subarray(wholeStart, wholeEnd) : spliceBuffer(bytes, wholeStart, wholeEnd, edits);
      return { path, hasBody: true, isStreamed: false, bodyBytes: spliced.length, text: '', bytes: spliced };
    }
    const text = spliceLatin1(bytes, wholeStart, wholeEnd, edits);
    return { path, hasBody: true, isStreamed: false, bodyBytes: text.length, text, bytes: undefined };
  }

  private changeFor(provider: CompiledProvider, model: string): RequestChange {
    const asksUsage =
      (this.operation === 'chat' || this.operation === 'completions') && provider.adapter.acceptsStreamOptions;
    if (model === this.facts.model) return asksUsage ? ASK_USAGE : AS_IS;
    return createRequestChange({ model, asksUsage });
  }

  /** The answer comes event by event. */
  isStream(head: ResponseHead): boolean {
    return startsIgnoringCase(head.headers.getKnown(ID_CONTENT_TYPE) ?? '', 'text/event-stream');
  }

  /** Who reads along in this answer; undefined when there is nothing to read. */
  tapFor(head: ResponseHead, clock: TapClock): AnswerTap | undefined {
    if (head.framing === 'none') return undefined;
    if (this.isStream(head)) {
      const { operation, hidesUsage } = this;
      return new SseTap(this.exchange, this.record, { format: 'openai', operation, hidesUsage }, clock);
    }
    if (head.status >= 400) return undefined;
    const type = head.headers.getKnown(ID_CONTENT_TYPE) ?? '';
    return startsIgnoringCase(type, 'application/json') ? new JsonTap(this.record) : undefined;
  }
}

const AS_IS = createRequestChange({ asksUsage: false });
const ASK_USAGE = createRequestChange({ asksUsage: true });
