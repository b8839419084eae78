// One try of an exchange goes out: its call is made for the target, at once or when its credential is there, and its time begins.
// Between first-try.ts and forward.ts, one object with both.
import { ERROR_CODES } from '../errors/codes.ts';
import { type CallReceiver, UpstreamCall } from '../upstream/client/upstream-call.ts';
import type { AiRefusal } from './ai-translation.ts';
import { buildCall } from './build-call.ts';
import type { CompiledEndpoint, EndpointSet } from './endpoint-set.ts';
import { FirstTry } from './first-try.ts';
import { answerCount, mayRefuseCount, saysNoCount } from './own-count.ts';
import type { PlanTarget } from './plan.ts';

export abstract class SendTry extends FirstTry implements CallReceiver {
  /** Why a target could not be asked at all. */
  private firstRefusal: AiRefusal | undefined;

  protected override attemptAt(target: PlanTarget, index: number, set: EndpointSet): void {
    const endpoint = set.endpoints[index];
    this.target = target;
    this.set = set;
    this.endpoint = endpoint;
    const source = { exchange: this.exchange, ai: this.parts.ai, ownLines: this.ownLines, receiver: this };
    const call = buildCall(source, target, endpoint);
    if (call instanceof UpstreamCall) this.send(call, target, index);
    else if (call instanceof Promise) this.sendLater(call, target, index);
    else this.skip(call, target);
  }

  private sendLater(pending: Promise<UpstreamCall>, target: PlanTarget, index: number): void {
    this.endpointIndex = index;
    pending.then(
      (call) => {
        if (!this.isDone) this.send(call, target, index);
      },
      (error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        this.onFailure({ code: 'upstream.credential-failed', detail, neverSent: true });
      },
    );
  }

  /** This target cannot be asked: another one may be. What the model it stands for counts is not another model's to say. */
  private skip({ code, detail }: AiRefusal, target: PlanTarget): void {
    if (code === 'operation.not-supported' && this.countHere()) return;
    const isCount = code === 'operation.not-supported' && this.parts.ai?.operation === 'count-tokens';
    const why = isCount ? `${detail}, and the gateway counts only where usage.estimate is on` : detail;
    this.firstRefusal ??= { code, detail: why };
    this.endAttempt();
    if (ERROR_CODES[code].retry === 'other-endpoint' && this.retries().skipTarget(target)) this.tryNext();
    // The refusal of a target that could be asked says more than that this one cannot.
    else if (this.run?.saved !== undefined) this.relay(this.run.saved);
    else this.refuse(this.firstRefusal.code, this.firstRefusal.detail);
  }

  /** Tokens are counted in the provider's place; false where nothing is to be counted, or nobody here does. */
  private countHere(): boolean {
    const { ai } = this.parts;
    const { tokenCounter } = this.resources.costs;
    const asked = tokenCounter === undefined ? undefined : ai?.askedCount;
    if (tokenCounter === undefined || asked === undefined) return false;
    this.endAttempt();
    answerCount(asked, tokenCounter, (reply) => {
      if (this.isDone) return;
      if (reply.error === undefined) ai?.markEstimated();
      this.answer(reply);
    });
    return true;
  }

  /** A provider that counts for some of its models says so only when it is asked. */
  protected mayCountInstead(status: number): boolean {
    return this.parts.ai?.operation === 'count-tokens' && mayRefuseCount(status);
  }

  /** Such a refusal is whole. */
  protected countsAfter(status: number, refusal: string): boolean {
    return saysNoCount(status, refusal) && this.countHere();
  }

  private send(call: UpstreamCall, target: PlanTarget, index: number): void {
    const endpoint = this.endpoint as CompiledEndpoint;
    this.beginAttempt(call, index, target);
    if (this.parts.route.hedge !== undefined) this.armHedge();
    this.limitTry(target);
    endpoint.pool.dispatch(call);
  }

  /** The time for this try: to its first useful part where a stream was asked for, else to its answer. */
  private limitTry({ retry, backend }: PlanTarget): void {
    const tokenMs = this.parts.ai?.wantsStream === true ? (backend.stream?.firstTokenMs ?? 0) : 0;
    if (tokenMs > 0 && (retry.perTryMs === 0 || tokenMs < retry.perTryMs)) this.retries().setTimer('token', tokenMs);
    else if (retry.perTryMs > 0) this.retries().setTimer('try', retry.perTryMs);
  }
}
