// What holds an answer back before its client sees it, and for how long: nothing useful yet, a rate or a cost still to be known, a
// refusal of another wire to be told in the client's words. Between send-try.ts and forward.ts, one object with both.
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { waitsForCost } from './cost-fields.ts';
import { HeldBytes } from './held-bytes.ts';
import { SendTry } from './send-try.ts';

export abstract class HeldAnswer extends SendTry {
  /** An answer that is held for its cost alone goes on with what comes after this; 0 = none is. */
  protected costDueMs = 0;

  /** Its head shall say what it cost, which its end tells. */
  protected awaitsCost(head: ResponseHead): boolean {
    return this.tap !== undefined && waitsForCost(this.resources.costs, this.exchange, head);
  }

  protected watchNow(): void {
    const limits = this.target?.backend.stream;
    if (limits !== undefined && this.tap?.heartbeat !== undefined) this.watchStream(limits);
  }

  /** What a stream is watched for can still be answered as an error, or by another target, while nothing of it was told. */
  protected awaitsStream(): boolean {
    const limits = this.target?.backend.stream;
    if (limits === undefined || this.tap?.heartbeat === undefined) return false;
    return limits.firstTokenMs > 0 || limits.windowMs > 0;
  }

  /** A held stream is the client's once it is useful and came as fast as it must. */
  protected isDue(hold: HeldBytes): boolean {
    if (hold.isFull || (this.costDueMs > 0 && this.resources.nowMs() >= this.costDueMs)) return true;
    const leastBytes = this.target?.backend.stream?.windowBytes ?? 0;
    return this.tap?.verdict === 'useful' && this.exchange.responseBytes >= leastBytes;
  }

  /** A refusal of another wire, held whole, in the client's words; others stay as they are. */
  protected tellRefusal(head: ResponseHead, hold: HeldBytes): HeldBytes {
    const tap = this.parts.ai?.errorTap(head);
    if (tap === undefined) return hold;
    const body = hold.whole();
    const told = new HeldBytes(Number.POSITIVE_INFINITY);
    tap.push(body, 0, body.length);
    this.tapEnd = tap.end(told);
    this.tap = tap;
    this.hold = told;
    this.out = told;
    return told;
  }

  /** The same for one whose end is not waited for. */
  protected tellLongRefusal(head: ResponseHead, hold: HeldBytes): void {
    const tap = this.parts.ai?.errorTap(head);
    if (tap === undefined) return;
    const body = hold.whole();
    tap.push(body, 0, body.length);
    this.tap = tap;
    this.hold = undefined;
  }

  protected save(head: ResponseHead, hold: HeldBytes): void {
    if (this.target?.cooling?.blamesKey(head.status) === true) return;
    const answer = this.answerHead(head);
    const saved = { ...answer, headers: answer.headers.copy() };
    this.retries().saved = { backend: this.exchange.upstream ?? '', head: saved, body: hold.whole() };
  }
}
