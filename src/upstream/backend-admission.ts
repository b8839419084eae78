// Who may be sent to a backend with a concurrency limit, and who waits or is shed: limit and queue of one backend in one thread and
// generation. Asked by runtime/admission.ts before the first try; a backend without a limit has none of this.
import type { SampleKind } from '../state/concurrency-table.ts';
import type { AdmissionOwner, AdmissionQueue, QueueRules, ShedReason, Waiter } from './admission-queue.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';

/** For the metrics. */
export interface AdmissionObserver {
  shed(classIndex: number, reason: ShedReason): void;
  waited(classIndex: number, ms: number): void;
}

export interface AdmissionParts {
  readonly limit: ConcurrencyLimit;
  readonly queue: AdmissionQueue;
  readonly rules: QueueRules;
  readonly observer: AdmissionObserver;
}

export class BackendAdmission {
  readonly observer: AdmissionObserver;
  private readonly limit: ConcurrencyLimit;
  private readonly queue: AdmissionQueue;
  private readonly rules: QueueRules;

  constructor(parts: AdmissionParts) {
    this.limit = parts.limit;
    this.queue = parts.queue;
    this.rules = parts.rules;
    this.observer = parts.observer;
  }

  /** Takes a place without waiting, to be given back by `leave`. hot: allocates nothing. */
  enter(classIndex: number): boolean {
    return this.limit.takeAtOnce(classIndex);
  }

  /** Waits for a place; undefined = the queue is full. The owner may be admitted before this returns. */
  wait(owner: AdmissionOwner, classIndex: number): Waiter | undefined {
    const { size, timeoutMs } = this.rules;
    return this.queue.enqueue({ owner, classIndex, limit: this.limit, timeoutMs }, size);
  }

  get hasRoom(): boolean {
    return this.limit.hasRoom;
  }

  /** For explanations. */
  now(): { readonly limit: number; readonly inFlight: number } {
    return this.limit.now();
  }

  leave(): void {
    this.limit.give();
    this.queue.onPlaceFree();
  }

  sample(kind: SampleKind, ms: number, wallMs: number): void {
    this.limit.sample(kind, ms, wallMs);
  }
}
