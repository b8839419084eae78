// A streamed AI answer on its way: relayed event by event, usage read and hidden where it was our wish, and an end that tells
// the truth (design decision 7).
import type { ErrorCode } from '../errors/codes.ts';
import { type RelayOptions, SseRelay } from '../llm/sse-relay.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';
import { recordUsage } from './record-usage.ts';

/** The time of the thread's turn (ThreadResources): durations of one exchange are taken from one clock. */
export interface TapClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** A relay holds a buffer of some kilobytes; those whose stream ended serve the next one. */
const free: SseRelay[] = [];
const MAX_FREE = 256;
/** Events without a useful delta after which a stream is taken for a good one. */
const MAX_EVENTS_WAITED = 64;

/** What a cut is called in the stream; anything else is the endpoint's. */
export const CUT_CODES: Readonly<Partial<Record<StreamEnd, ErrorCode>>> = {
  'idle-timeout': 'upstream.idle-timeout',
  'total-timeout': 'upstream.total-timeout',
  'too-slow': 'upstream.too-slow',
  shutdown: 'gateway.draining',
};

const NO_MESSAGE = 'the provider told of a failure';

function writeText(text: string, out: ByteSink): void {
  const bytes = Buffer.from(text);
  out.write(bytes, 0, bytes.length);
}

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

  get verdict(): AnswerVerdict {
    const { relay } = this;
    if (relay.sawFirstDelta || relay.events >= MAX_EVENTS_WAITED) return 'useful';
    return relay.inBandError === undefined ? 'waiting' : 'failed';
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
    const missing = relay.inBandError === undefined ? relay.missingEnd() : '';
    if (missing !== '') out.writeLatin1(missing);
    // Without a finish, HTTP ended cleanly and the protocol did not: some servers close so when they fail.
    const end = missing === '' ? this.tell(out, 'upstream-cut', 'the answer ended before it was complete') : 'complete';
    this.settle();
    return end;
  }

  cut(out: ByteSink, cause: StreamEnd): StreamEnd {
    this.relay.end(out);
    const end = this.tell(out, cause, 'the answer was cut before it was complete');
    this.settle();
    return end;
  }

  /** The one end that the client is told, unless it passed already: what was complete needs no error, only the connection broke. */
  private tell(out: ByteSink, cause: StreamEnd, message: string): StreamEnd {
    const { relay, exchange } = this;
    const { inBandError, inBandMessage } = relay;
    if (inBandError !== undefined) {
      if (!relay.isFailureTold) writeText(relay.encodeError(inBandError, inBandMessage || NO_MESSAGE), out);
      exchange.errorDetail = `the stream told of ${inBandError}`;
      return 'in-band-error';
    }
    if (relay.terminatedWell()) return 'complete';
    writeText(relay.encodeError(CUT_CODES[cause] ?? 'upstream.cut', message), out);
    return cause;
  }

  heartbeat(): string {
    return this.relay.heartbeat();
  }

  abandon(): void {
    this.settle();
  }

  private settle(): void {
    const { relay, record } = this;
    record.responseModel = relay.responseModel ?? '';
    record.relayedEvents = relay.events;
    if (relay.usage.isFound) recordUsage(record, relay.usage);
    if (free.length < MAX_FREE) free.push(relay);
  }
}
