// Where an AI request goes back to: the endpoint that has the beginning of its conversation in its prompt cache, or that made the stored
// answer it is about. Between attempt-under-way.ts and upstream/affinity/.
import type { Operation } from '../llm/operation.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type ConversationKey, ConversationKeys } from '../upstream/affinity/conversation-keys.ts';
import { keyOfResponse, previousResponseId, responseIdOfPath } from '../upstream/affinity/response-ids.ts';
import type { Choice } from '../upstream/balancer.ts';
import { cacheHolder, makerOf } from './affine-target.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { PlanTarget, TargetPlan } from './plan.ts';
import { ResponseIdTap } from './response-id-tap.ts';
import type { ThreadResources } from './thread-resources.ts';

/** How long it is remembered who made an answer. */
const ANSWER_TTL_MS = 3_600_000;

/** Of the thread: reading never yields. */
const conversation = new ConversationKeys();

const NO_KEYS: readonly ConversationKey[] = [];

export interface AskedOperation {
  readonly operation: Operation;
  readonly plan: TargetPlan;
}

type Resources = Pick<ThreadResources, 'affinity' | 'table' | 'wallMs'>;

export class ExchangeAffinity {
  private readonly resources: Resources;
  private readonly exchange: Exchange;
  private readonly asked: AskedOperation;
  /** Of the endpoint to go back to; 0 = routed as usual. */
  private tag = 0;
  /** The tag is of who made an answer. */
  private isMaker = false;
  private keys = NO_KEYS;

  constructor(resources: Resources, exchange: Exchange, asked: AskedOperation) {
    this.resources = resources;
    this.exchange = exchange;
    this.asked = asked;
    const { operation, plan } = asked;
    if (operation === 'responses') this.findMaker();
    if (plan.isAffine && (operation === 'chat' || operation === 'responses')) this.readConversation();
  }

  private findMaker(): void {
    const { method, path, body } = this.exchange;
    const isNew = method === 'POST' && path.endsWith('/responses');
    const range = { start: body.wholeStart, end: body.wholeEnd };
    const previous = body.whole === undefined ? undefined : previousResponseId(body.whole, range);
    const id = isNew ? previous : responseIdOfPath(path);
    if (id === undefined) return;
    const { first, second } = keyOfResponse(id);
    this.tag = this.resources.affinity.answers.find(first, second, this.resources.wallMs());
    this.isMaker = this.tag !== 0;
  }

  private readConversation(): void {
    const { body, genAi } = this.exchange;
    if (body.whole === undefined) return;
    const range = { start: body.wholeStart, end: body.wholeEnd };
    if (!conversation.read(body.whole, range, genAi?.requestModel ?? '')) return;
    this.keys = conversation.kept();
    // a first question goes where there is room, not where others of its kind went
    if (this.tag !== 0 || !conversation.hasAnswer) return;
    const { affinity, wallMs } = this.resources;
    const now = wallMs();
    this.tag = conversation.longest((first, second) => affinity.prompts.find(first, second, now));
  }

  /** The target to begin with; undefined = the one of the plan. */
  target(): PlanTarget | undefined {
    const { tag, isMaker, resources } = this;
    const { plan } = this.asked;
    if (tag === 0) return undefined;
    if (isMaker) return makerOf(plan, tag);
    return cacheHolder(plan, tag, { table: resources.table, wallMs: resources.wallMs() });
  }

  /** The endpoint to go back to; -1 = whom the balancer takes. A client's session has the last word on caches, not on answers. */
  pick({ tags }: EndpointSet, choice: Choice, hasSession: boolean): number {
    if (this.tag === 0 || tags === undefined) return -1;
    const index = tags.indexOf(this.tag);
    if (index === -1) return -1;
    if (this.isMaker) return choice.tried(index) ? -1 : index;
    return !hasSession && tags.promptTtlMs > 0 && tags.mayKeep(index, choice) ? index : -1;
  }

  /** The endpoint gives a good answer: the conversation is in its cache from now on. */
  served({ tags }: EndpointSet, index: number): void {
    if (tags === undefined || tags.promptTtlMs === 0) return;
    const untilMs = this.resources.wallMs() + tags.promptTtlMs;
    for (const key of this.keys) this.resources.affinity.prompts.remember(key, tags.tagOf(index), untilMs);
  }

  /** Reads the id of a new stored answer along; translated answers are stored nowhere. */
  tapFor(inner: AnswerTap | undefined, { tags }: EndpointSet, answer: AnswerFacts): AnswerTap | undefined {
    const { method, genAi } = this.exchange;
    const { status, index, isStream } = answer;
    if (this.asked.operation !== 'responses' || method !== 'POST' || status >= 300 || tags === undefined) return inner;
    if (genAi?.translated === true) return inner;
    const { affinity, wallMs } = this.resources;
    const tag = tags.tagOf(index);
    return new ResponseIdTap(inner, isStream, (id) => {
      affinity.answers.remember(keyOfResponse(id), tag, wallMs() + ANSWER_TTL_MS);
    });
  }
}

export interface AnswerFacts {
  readonly status: number;
  /** Of the endpoint that gives it. */
  readonly index: number;
  readonly isStream: boolean;
}
