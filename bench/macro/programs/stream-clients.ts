// Many clients of streams, in a process of its own: each opens a stream, counts the events that arrive, notes how late they
// are, and tells whether the stream ended as it should (all events, the usage asked for, [DONE], the last chunk).
// `stream-clients.ts '{JSON of StreamClientsOptions}'` prints one JSON line when all are done.
import { connect, type Socket } from 'node:net';
import { CHAT_PATH, STREAM_REQUEST } from '../lab/chat.ts';
import { percentile } from '../lab/statistics.ts';
import { ChunkedReader } from './chunked-reader.ts';

export interface StreamClientsOptions {
  readonly port: number;
  readonly streams: number;
  /** Content events expected of each. */
  readonly events: number;
  /** Clients connect over this time, evenly. */
  readonly rampMs: number;
  /** A client whose stream has ended opens another until this time has passed; 0 = one stream each. */
  readonly repeatMs: number;
}

export interface StreamClientsResult {
  readonly complete: number;
  readonly cut: number;
  readonly contentEvents: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** The latest event of all. */
  readonly maxMs: number;
  /** Of some cut streams: what came, for whoever looks into it. */
  readonly samples: readonly string[];
}

const options = JSON.parse(process.argv[2]) as StreamClientsOptions;

/** Latencies kept: enough for percentiles of a long run too. */
const MOST_LATENCIES = 2_000_000;
const NOTHING: Buffer = Buffer.alloc(0);
const MARK = Buffer.from(' at ');
const STAMP_END = 34; // The quote behind the stamp.
const USAGE = Buffer.from('"usage":{"prompt_tokens"');
const DONE = Buffer.from('data: [DONE]');
const EVENT_END = Buffer.from('\n\n');

const REQUEST = `POST ${CHAT_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\nx-bench: streams\r\nconnection: close\r\ncontent-length: ${STREAM_REQUEST.length}\r\n\r\n${STREAM_REQUEST}`;

const sharedBuffer = Buffer.alloc(64 * 1024);
const latenciesMs = new Float64Array(MOST_LATENCIES);
let contentEvents = 0;
let complete = 0;
let cut = 0;
const samples: string[] = [];

/** Reads one stream's events; an event that has not arrived whole is kept for the next read. */
class StreamReader {
  private readonly framing = new ChunkedReader((bytes) => this.takePayload(bytes));
  private held: Buffer = NOTHING;
  private events = 0;
  private hasUsage = false;
  private isDone = false;

  get isWhole(): boolean {
    return this.events === options.events && this.hasUsage && this.isDone && this.framing.isEnded;
  }

  get summary(): string {
    const facts = `${this.events} events, usage ${this.hasUsage}, done ${this.isDone}, end ${this.framing.isEnded}`;
    return `${facts}: ${this.framing.complaint ?? this.held.toString('latin1')}`;
  }

  take(read: Buffer): void {
    this.framing.take(read);
  }

  private takePayload(payload: Buffer): void {
    const bytes = this.held.length === 0 ? payload : Buffer.concat([this.held, payload]);
    const nowMicroseconds = Number(process.hrtime.bigint() / 1000n);
    let from = 0;
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, from)) {
      const end = bytes.indexOf(STAMP_END, at);
      if (end < 0) break;
      this.note((nowMicroseconds - Number(bytes.toString('latin1', at + MARK.length, end))) / 1000);
      from = end;
    }
    // The end of a stream is looked for only when its events are in: the search costs as much as all the rest.
    if (this.events >= options.events) this.lookForEnd(bytes);
    const lastEnd = bytes.lastIndexOf(EVENT_END);
    const whole = lastEnd < 0 ? from : Math.max(from, lastEnd + EVENT_END.length);
    this.held = whole === bytes.length ? NOTHING : Buffer.from(bytes.subarray(whole));
  }

  private note(latencyMs: number): void {
    this.events++;
    if (contentEvents < MOST_LATENCIES) latenciesMs[contentEvents] = latencyMs;
    contentEvents++;
  }

  private lookForEnd(bytes: Buffer): void {
    this.hasUsage ||= bytes.includes(USAGE);
    this.isDone ||= bytes.includes(DONE);
  }
}

function readStream(): Promise<void> {
  return new Promise((resolve) => {
    const reader = new StreamReader();
    const socket: Socket = connect({
      port: options.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        // One buffer for all: a read is looked at before the next one comes.
        buffer: sharedBuffer,
        callback(length, buffer) {
          reader.take((buffer as Buffer).subarray(0, length));
          if (reader.isWhole) socket.end();
          return true;
        },
      },
    });
    socket.on('connect', () => socket.write(REQUEST, 'latin1'));
    // 'close' follows: a stream that was not whole by then was cut.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (reader.isWhole) complete++;
      else {
        cut++;
        if (samples.length < 3) samples.push(reader.summary);
      }
      resolve();
    });
  });
}

const startMs = performance.now();

async function runClient(index: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, (index / options.streams) * options.rampMs));
  do await readStream();
  while (performance.now() - startMs < options.repeatMs);
}

await Promise.all(Array.from({ length: options.streams }, (_, index) => runClient(index)));
const ascending = latenciesMs.subarray(0, Math.min(contentEvents, MOST_LATENCIES)).toSorted();
const result: StreamClientsResult = {
  complete,
  cut,
  contentEvents,
  p50Ms: percentile(ascending, 50),
  p95Ms: percentile(ascending, 95),
  p99Ms: percentile(ascending, 99),
  maxMs: percentile(ascending, 100),
  samples,
};
console.log(JSON.stringify(result));
