// A streamed AI answer on its way: relayed event by event, usage read and hidden where it was our wish, and an end that tells
// the truth (design decision 7).
import { type RelayOptions, SseRelay } from '../llm/sse-relay.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { AnswerTap } from './answer-tap.ts';
import { recordUsage } from './record-usage.ts';

/** The time of the thread's turn (ThreadResources): durations of one exchange are taken from one clock. */
export interface TapClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** A relay holds a buffer of some kilobytes; those whose stream ended serve the next one. */
const free: SseRelay[] = [];
const MAX_FREE = 256;

export class SseTap implements AnswerTap {
  readonly changesLength = true;
  private readonly relay: SseRelay;
  private hasFirstToken = false;
  private readonly exchange: Exchange;
  private readonly record: GenAiRecord;
  private readonly clock: TapClock;

  constructor(exchange: Exchange, record: GenAiRecord, options: RelayOptions, clock: TapClock) {
    this.exchange = exchange;
    this.record = record;
    this.record.streaming = true;
    this.clock = clock;
    this.relay = free.pop() ?? new SseRelay();
    this.relay.reset(options);
  }

  push(bytes: Buffer, start: number, end: number, out: ByteSink): void {
    this.relay.push(bytes, start, end, out);
    if (this.hasFirstToken || !this.relay.sawFirstDelta) return;
    this.hasFirstToken = true;
    this.record.firstTokenMs = this.clock.nowMs() - this.exchange.startedAtMs;
  }

  end(out: ByteSink): StreamEnd {
    const { relay } = this;
    relay.end(out);
    let cause: StreamEnd = 'complete';
    if (relay.inBandError !== undefined) {
      cause = 'in-band-error';
      this.exchange.errorDetail = `the stream told of ${relay.inBandError}`;
    } else if (!relay.terminatedWell() && !relay.sawFinish) {
      // HTTP ended cleanly, the protocol did not: some servers close so when they fail.
      out.writeLatin1(relay.encodeError('upstream.cut', 'the answer ended before it was complete'));
      cause = 'upstream-cut';
    }
    this.settle();
    return cause;
  }

  cut(out: ByteSink, cause: StreamEnd): boolean {
    const { relay } = this;
    relay.end(out);
    // What was complete for its protocol needs no error: only the connection broke.
    if (!relay.terminatedWell()) {
      const code =
        cause === 'idle-timeout'
          ? 'upstream.idle-timeout'
          : cause === 'total-timeout'
            ? 'upstream.total-timeout'
            : 'upstream.cut';
      out.writeLatin1(relay.encodeError(code, 'the answer was cut before it was complete'));
    }
    this.settle();
    return true;
  }

  abandon(): void {
    this.settle();
  }

  private settle(): void {
    const { relay, record } = this;
    record.responseModel = relay.responseModel ?? '';
    if (relay.usage.isFound) recordUsage(record, relay.usage);
    if (free.length < MAX_FREE) free.push(relay);
  }
}
