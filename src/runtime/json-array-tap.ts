// A streamed AI answer that is one JSON array, on its way: relayed element by element, and an end that tells the truth. Beside
// sse-tap.ts, for Google's clients that do not ask for events.
import { JsonArrayRelay } from '../llm/json-array-relay.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { AnswerTap, AnswerVerdict } from './answer-tap.ts';
import { recordUsage } from './record-usage.ts';
import { CUT_CODES, type TapClock } from './sse-tap.ts';

/** Elements without a useful delta after which a stream is taken for a good one. */
const MAX_EVENTS_WAITED = 64;

export class JsonArrayTap implements AnswerTap {
  readonly changesLength = true;
  private readonly relay = new JsonArrayRelay();
  private hasFirstToken = false;
  private readonly exchange: Exchange;
  private readonly record: GenAiRecord;
  private readonly clock: TapClock;

  constructor(exchange: Exchange, record: GenAiRecord, clock: TapClock) {
    this.exchange = exchange;
    this.record = record;
    this.record.streaming = true;
    this.clock = clock;
    this.relay.reset();
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
    const { canFail } = this.relay;
    const end = this.tell(out, 'upstream-cut', 'the answer ended before it was complete');
    if (end === 'upstream-cut' && !canFail) this.relay.end(out);
    this.settle();
    return end;
  }

  cut(out: ByteSink, cause: StreamEnd): StreamEnd | undefined {
    const { canFail } = this.relay;
    const end = this.tell(out, cause, 'the answer was cut before it was complete');
    this.settle();
    return end === cause && !canFail ? undefined : end;
  }

  /** The one end that the client is told, unless it passed already: what was complete needs no error, only the connection broke. */
  private tell(out: ByteSink, cause: StreamEnd, message: string): StreamEnd {
    const { relay } = this;
    if (relay.inBandError !== undefined) {
      relay.end(out);
      this.exchange.errorDetail = `the stream told of ${relay.inBandError}`;
      return 'in-band-error';
    }
    if (relay.terminatedWell()) {
      relay.end(out);
      return 'complete';
    }
    if (relay.canFail) out.writeLatin1(relay.encodeError(CUT_CODES[cause] ?? 'upstream.cut', message));
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
  }
}
