// Sends an answer that is a stream of events, and every fault that concerns one.
import type { StreamAnswer, StreamEvent } from './answer.ts';
import type { Call } from './call.ts';
import { contentTypeOf, EventFrames } from './event-frame.ts';

/** Beyond this a stream waits for its client: far above the socket's own mark, so that `drain` is sure to come. */
const MAX_UNSENT_BYTES = 262_144;

export function deliverStream(call: Call, answer: StreamAnswer, headers: Readonly<Record<string, string>>): void {
  const framing = answer.framing ?? 'sse';
  const cacheControl: Record<string, string> = framing === 'sse' ? { 'cache-control': 'no-cache' } : {};
  call.writeHead(200, { ...headers, 'content-type': contentTypeOf(framing), ...cacheControl });
  call.response.flushHeaders();
  if (call.faults['reset-after-headers'] !== undefined) call.resetSoon();
  else if (call.faults['empty-stream'] !== undefined) call.response.end();
  else new StreamDelivery(call, answer).step();
}

class StreamDelivery {
  private readonly call: Call;
  private readonly answer: StreamAnswer;
  private readonly iterator: Iterator<StreamEvent>;
  private readonly frames: EventFrames;
  private deltas = 0;

  constructor(call: Call, answer: StreamAnswer) {
    this.call = call;
    this.answer = answer;
    this.iterator = answer.events[Symbol.iterator]();
    this.frames = new EventFrames(answer, call.faults);
  }

  /** One system call for the events that may go now; each keeps a chunk of its own. */
  step(): void {
    const { socket } = this.call.response;
    socket?.cork();
    this.sendReady();
    socket?.uncork();
  }

  /** Sends events until one must wait: for a timer, for the socket, or for ever. */
  private sendReady(): void {
    const { call } = this;
    while (!call.closed) {
      const next = this.iterator.next();
      if (next.done === true) {
        call.response.end(this.frames.closing());
        return;
      }
      const event = next.value;
      if (this.isInterruptedAt(event)) return;
      if (call.faults['no-done'] !== undefined && (event.kind === 'end' || event.kind === 'trailer')) continue;
      const frame = this.framesOf(event);
      const waitMs = this.waitBefore(event, frame);
      if (event.kind === 'delta') this.deltas++;
      if (waitMs > 0 || call.faults.split !== undefined) {
        call.after(waitMs, () => this.sendThenStep(frame));
        return;
      }
      this.send(frame);
      const { socket } = call.response;
      if (socket !== null && socket.writableLength > MAX_UNSENT_BYTES) {
        socket.once('drain', () => this.step());
        return;
      }
    }
  }

  /** A fault "after n deltas" strikes before the next event, at the latest when no further delta can come. */
  private isInterruptedAt(event: StreamEvent): boolean {
    const { call } = this;
    const { cut, stall } = call.faults;
    const isDue = (afterDeltas: number | undefined): boolean =>
      afterDeltas !== undefined && event.kind !== 'opening' && (this.deltas >= afterDeltas || event.kind !== 'delta');
    if (isDue(cut)) call.cut();
    else if (isDue(call.faults['bad-chunk'])) call.breakChunk();
    else if (isDue(call.faults['error-in-stream'])) {
      this.send(this.frames.frame(this.answer.errorEvent(call.entry.eventsSent)));
      call.response.end(this.frames.closing());
    } else return isDue(stall);
    return true;
  }

  private waitBefore(event: StreamEvent, frame: string | Buffer): number {
    const { faults } = this.call;
    const pacedMs = faults.slow === undefined ? 0 : (Buffer.byteLength(frame) * 8000) / faults.slow;
    if (event.kind !== 'delta') return pacedMs;
    return pacedMs + ((this.deltas === 0 ? faults['first-token'] : faults.gap) ?? 0);
  }

  /** One frame, or the end twice. */
  private framesOf(event: StreamEvent): string | Buffer {
    const frame = this.frames.frame(event);
    if (event.kind !== 'end' || this.call.faults['duplicate-end'] === undefined) return frame;
    return Buffer.concat([Buffer.from(frame), Buffer.from(this.frames.frame(event))]);
  }

  /** Without cork and uncork node:http joins all writes of a tick into one chunk. */
  private send(frame: string | Buffer): void {
    const { response, entry } = this.call;
    entry.eventsSent++;
    response.cork();
    response.write(frame);
    response.uncork();
  }

  private sendThenStep(frame: string | Buffer): void {
    if (this.call.faults.split === undefined) {
      this.send(frame);
      this.step();
      return;
    }
    const bytes = Buffer.from(frame);
    this.call.response.write(bytes.subarray(0, bytes.length >> 1));
    this.call.after(1, () => {
      this.send(bytes.subarray(bytes.length >> 1));
      this.step();
    });
  }
}
