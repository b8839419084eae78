// The first step of a forwarded exchange: a place at its backend where that limits its concurrency, at once, after a wait or not at
// all. Between attempt-under-way.ts and forward.ts, one object with both; a backend without a limit costs one comparison.
import type { ErrorCode } from '../errors/codes.ts';
import type { Failure } from '../errors/failure.ts';
import { STREAMED, WHOLE } from '../state/concurrency-table.ts';
import type { AdmissionOwner, ShedReason, Waiter } from '../upstream/admission-queue.ts';
import type { BackendAdmission } from '../upstream/backend-admission.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { AttemptUnderWay } from './attempt-under-way.ts';
import type { PlanTarget } from './plan.ts';
import type { TryPurpose } from './retry-run.ts';

export abstract class Admission extends AttemptUnderWay implements AdmissionOwner {
  /** Where the exchange counts as in flight. */
  private place: BackendAdmission | undefined;
  /** Where the next candidate would. */
  private reserved: BackendAdmission | undefined;
  private waiter: Waiter | undefined;
  /** A stream has begun whose first useful part is to be timed. */
  protected awaitsUse = false;

  /** The first try at a target, which has admitted the exchange. */
  protected abstract firstAt(target: PlanTarget): void;
  /** It has not: another target may. */
  protected abstract shedAt(target: PlanTarget): void;
  protected abstract refuse(code: ErrorCode, detail: string): void;

  /** Goes to the first target, or waits for a place there. */
  protected first(): void {
    const { plan, ai } = this.parts;
    const own = ai === undefined ? undefined : this.affineTarget(plan, ai);
    const target = own ?? plan.next(undefined, this.resources.wallMs(), plan.bucketOf(this.exchange));
    if (target === undefined) this.refuse('route.no-target', 'no target has a positive weight');
    else if (target.backend.admission === undefined) this.firstAt(target);
    else this.admit(target, target.backend.admission);
  }

  private admit(target: PlanTarget, admission: BackendAdmission): void {
    const { admissionClass } = this.parts.route;
    if (admission.enter(admissionClass)) {
      this.place = admission;
      this.firstAt(target);
      return;
    }
    this.target = target;
    const waiter = admission.wait(this, admissionClass);
    if (waiter === undefined) this.onShed('queue-full');
    else if (this.place === undefined) this.waiter = waiter;
  }

  onAdmitted(): void {
    const { target, waiter } = this;
    this.waiter = undefined;
    if (target === undefined) return;
    const { admission } = target.backend;
    const nowMs = this.resources.nowMs();
    this.place = admission;
    admission?.observer.waited(this.parts.route.admissionClass, nowMs - (waiter?.sinceMs ?? nowMs));
    this.firstAt(target);
  }

  onShed(reason: ShedReason): void {
    const { target } = this;
    this.waiter = undefined;
    if (target === undefined) return;
    target.backend.admission?.observer.shed(this.parts.route.admissionClass, reason);
    this.shedAt(target);
  }

  /**
   * Whether a further candidate may be asked at this backend: nobody waits for one in the middle of an exchange. A retry has the
   * place of the try before it; one that runs beside it needs its own.
   */
  reserve({ backend }: PlanTarget, purpose: TryPurpose): boolean {
    const { admission } = backend;
    if (admission === undefined || (admission === this.place && purpose === 'retry')) return true;
    if (!admission.enter(this.parts.route.admissionClass)) return false;
    this.reserved = admission;
    return true;
  }

  /** The candidate is not asked after all. */
  dropReserved(): void {
    this.reserved?.leave();
    this.reserved = undefined;
  }

  /** It is asked beside the one under way. */
  protected takeReserved(): BackendAdmission | undefined {
    const { reserved } = this;
    this.reserved = undefined;
    return reserved;
  }

  /** A try that ran beside the one under way goes on alone. */
  protected adoptPlace(place: BackendAdmission | undefined): void {
    const before = this.place;
    this.place = place;
    before?.leave();
  }

  /** The candidate is asked now. */
  protected moveTo({ backend }: PlanTarget): void {
    const { place, reserved } = this;
    this.awaitsUse = false;
    if (place === backend.admission) return;
    this.place = reserved;
    this.reserved = undefined;
    place?.leave();
  }

  /** The exchange is over, or no request any more: each place is given back once. */
  protected leavePlaces(): void {
    const { place, reserved, waiter } = this;
    if (place === undefined && waiter === undefined && reserved === undefined) return;
    this.place = undefined;
    this.reserved = undefined;
    this.waiter = undefined;
    waiter?.forget();
    place?.leave();
    reserved?.leave();
  }

  /** Times an answer: a whole one by its head, a streamed AI answer by its first useful part, whose head says nothing of load. */
  protected sampleHead(head: ResponseHead): void {
    if (this.place === undefined || head.status >= 400) return;
    if (this.parts.ai?.isStream(head) === true) this.awaitsUse = true;
    else this.sample(WHOLE);
  }

  protected sampleUse(): void {
    if ((this.exchange.genAi?.firstTokenMs ?? -1) < 0) return;
    this.awaitsUse = false;
    this.sample(STREAMED);
  }

  /** An answer that did not come in time took at least that long. */
  protected sampleFailure({ code }: Failure): void {
    if (code === 'upstream.first-byte-timeout') this.sampleWait();
  }

  /** An answer that nobody waits for any more would have taken longer than this. */
  protected sampleWait(): void {
    if (this.place !== undefined) this.sample(this.exchange.genAi?.streaming === true ? STREAMED : WHOLE);
  }

  private sample(kind: typeof WHOLE | typeof STREAMED): void {
    const sentAtMs = this.call?.sentAtMs ?? 0;
    const { resources } = this;
    if (sentAtMs > 0) this.place?.sample(kind, resources.nowMs() - sentAtMs, resources.wallMs());
  }
}
