// A further try of an exchange whose first one has brought nothing of use: its call, what it was given by breakers and limits, and
// its answer, held until it is of use. Then it takes over (runtime/hedged.ts) and passes on all it hears; made only when hedging.
import type { Duplex } from 'node:stream';
import type { Failure } from '../errors/failure.ts';
import type { AttemptRecord } from '../pipeline/outcome.ts';
import { NO_RESULT } from '../upstream/attempt-result.ts';
import type { BackendAdmission } from '../upstream/backend-admission.ts';
import { isProbing } from '../upstream/breaker.ts';
import type { CallReceiver, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { StickySession } from '../upstream/sticky-sessions.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AiCandidate } from './ai-exchange.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { CompiledEndpoint, EndpointSet } from './endpoint-set.ts';
import { HeldBytes } from './held-bytes.ts';
import type { PlanTarget } from './plan.ts';
import { recordEnd, recordHead } from './routing/provider-outcome.ts';
import type { ThreadResources } from './thread-resources.ts';

/** Error of an attempt that another one of its exchange overtook. */
export const OVERTAKEN = 'hedge-lost';
/** A good answer is held back no further than this while it has no useful part. */
const MAX_HELD_BYTES = 256 * 1024;

export interface HedgeOwner extends CallReceiver {
  /** The answer of this try is of use: it is the exchange's own from now on. */
  takeOver(hedge: HedgeTry): void;
  /** This one came to nothing, and the others go on. */
  dropHedge(hedge: HedgeTry): void;
  /** Who reads along in its AI answer; undefined = nobody: it is of use at once. */
  tapForHedge(hedge: HedgeTry, head: ResponseHead): AnswerTap | undefined;
  /** What was read in an answer that nobody gets is forgotten. */
  discard(tap: AnswerTap, hedge: HedgeTry): void;
}

export interface HedgeParts {
  readonly target: PlanTarget;
  /** What its endpoint was chosen from. */
  readonly set: EndpointSet;
  readonly endpointIndex: number;
  /** What breakers gave for it. */
  readonly admission: number;
  readonly place: BackendAdmission | undefined;
  readonly session: StickySession | undefined;
}

export class HedgeTry implements CallReceiver {
  readonly parts: HedgeParts;
  readonly endpoint: CompiledEndpoint;
  readonly record: AttemptRecord;
  readonly startedMs: number;
  /** What the AI request was made into for its candidate. */
  candidate: AiCandidate | undefined;
  call: UpstreamCall | undefined;
  admission: number;
  /** Held while it has brought nothing of use. */
  head: ResponseHead | undefined;
  tap: AnswerTap | undefined;
  hold: HeldBytes | undefined;
  headAtMs = 0;
  receivedBytes = 0;
  private isRacing = true;
  private readonly owner: HedgeOwner;
  private readonly resources: ThreadResources;

  constructor(owner: HedgeOwner, resources: ThreadResources, parts: HedgeParts) {
    const { backend } = parts.target;
    this.owner = owner;
    this.resources = resources;
    this.parts = parts;
    this.admission = parts.admission;
    this.endpoint = parts.set.endpoints[parts.endpointIndex];
    this.startedMs = resources.nowMs();
    this.record = { backend: backend.name, endpoint: this.endpoint.url, status: 0, ms: 0, error: undefined };
  }

  start(call: UpstreamCall): void {
    this.call = call;
    this.parts.set.places?.count(this.parts.endpointIndex);
    this.resources.table.addInFlight(this.endpoint.row, 1);
    this.endpoint.pool.dispatch(call);
  }

  /** It was never sent, and will not be. False when it is over already. */
  forget(): boolean {
    const isNew = this.isRacing && this.call === undefined;
    if (isNew) this.isRacing = false;
    return isNew;
  }

  /** From now on it is the exchange's own try: nothing is owed for it here any more. */
  release(): void {
    this.isRacing = false;
  }

  /** Another one answers, or the exchange is over. */
  lose(): void {
    this.record.error ??= this.record.status >= 400 ? undefined : OVERTAKEN;
    this.end();
  }

  /** Gives back what was taken for it; its own failure is in the record then. */
  private end(): void {
    if (!this.isRacing) return;
    this.isRacing = false;
    const { record, call, parts, resources } = this;
    record.ms = resources.nowMs() - this.startedMs;
    this.settle(record.error === OVERTAKEN ? NO_RESULT : record);
    if (call !== undefined) {
      parts.target.backend.attempts.count(record.status, record.error);
      const { window } = parts.target.backend;
      if (window !== undefined && record.error !== undefined)
        recordEnd(window, record.status, record.error, resources.wallMs());
      resources.table.addInFlight(this.endpoint.row, -1);
    }
    if (this.tap !== undefined) this.owner.discard(this.tap, this);
    call?.cancel();
    parts.place?.leave();
  }

  private settle(result: Pick<AttemptRecord, 'status' | 'error'>): void {
    const { admission, resources, parts } = this;
    this.admission = 0;
    if (admission > 0) parts.set.settle(admission, result, resources.wallMs());
  }

  private fail(error: string | undefined): void {
    this.record.error = error;
    this.end();
    this.owner.dropHedge(this);
  }

  onInformational(head: ResponseHead): void {
    if (!this.isRacing) this.owner.onInformational(head);
  }

  onHead(head: ResponseHead): void {
    if (!this.isRacing) {
      this.owner.onHead(head);
      return;
    }
    // Only a good answer is worth more than to wait: the first try may still bring one.
    if (head.status >= 400) {
      this.noteHead(head);
      this.fail(undefined);
      return;
    }
    const tap = this.owner.tapForHedge(this, head);
    if (tap === undefined) {
      this.owner.takeOver(this);
      this.owner.onHead(head);
      return;
    }
    this.noteHead(head);
    this.tap = tap;
    this.head = head;
    this.hold = new HeldBytes(MAX_HELD_BYTES);
  }

  /** What the head says of the endpoint is told now: its answer may never be relayed. */
  private noteHead({ status, headers }: ResponseHead): void {
    const { resources, endpoint, record } = this;
    const { backend, cooling } = this.parts.target;
    this.headAtMs = resources.nowMs();
    record.status = status;
    if (status >= 500 || status === 429 || isProbing(this.admission)) this.settle(record);
    const answer = { status, firstByteMs: this.headAtMs - this.startedMs };
    const wallMs = resources.wallMs();
    resources.table.recordStatus(endpoint.row, answer, wallMs);
    if (backend.window !== undefined) recordHead(backend.window, status, answer.firstByteMs, wallMs);
    if (status >= 400) cooling?.onAnswer(status, headers, wallMs);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (!this.isRacing) {
      this.owner.write(bytes, start, end);
      return;
    }
    if (this.hold === undefined) return;
    this.receivedBytes += end - start;
    this.tap?.push(bytes as Buffer, start, end, this.hold);
  }

  writeLatin1(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.write(bytes, 0, bytes.length);
  }

  onReadEnd(): void {
    const { tap, hold } = this;
    if (this.isRacing && hold !== undefined) {
      if (tap?.verdict === 'failed') this.fail('upstream.in-band-error');
      else if (tap?.verdict === 'useful' || hold.isFull) this.owner.takeOver(this);
      else return;
    }
    if (!this.isRacing && this.call?.isCancelled === false) this.owner.onReadEnd();
  }

  onAnswerEnd(trailers: HeaderList | undefined): void {
    if (this.isRacing) this.owner.takeOver(this);
    this.owner.onAnswerEnd(trailers);
  }

  onFailure(failure: Failure): void {
    if (!this.isRacing) {
      this.owner.onFailure(failure);
      return;
    }
    this.resources.table.recordFailure(this.endpoint.row, this.resources.wallMs());
    this.fail(failure.code);
  }

  onUpgraded(head: ResponseHead, socket: Duplex, early: Buffer): void {
    if (!this.isRacing) {
      this.owner.onUpgraded(head, socket, early);
      return;
    }
    socket.destroy();
    this.fail('upstream.bad-response');
  }
}
