// What one access log line costs, up to where the main thread takes it: `taskset -c 0 node bench/micro/access-log.ts [post|get|headers]`.
// Prints nanoseconds and bytes of garbage per line, without the main thread's part.
import { getHeapStatistics } from 'node:v8';
import { AccessLogWriter } from '../../src/telemetry/access-log.ts';
import type { AccessAttempt, AccessGenAi, AccessRecord } from '../../src/telemetry/access-record.ts';
import { IdLines } from '../../src/telemetry/id-lines.ts';

const LINES = 40_000;
const ROUNDS = 25;
const WARM_ROUNDS = 5;
/** As many as a few turns of the event loop end with: their records are still in the processor's caches then. */
const RECORDS = 256;

const KINDS = ['post', 'get', 'headers'] as const;
type Kind = (typeof KINDS)[number];

const ids = new IdLines();

/** Built as requests are: texts are slices of a head or a body, which is neither flat nor equal by identity. */
class BenchRecord implements AccessRecord {
  readonly timestampMs: number;
  readonly requestId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly listener = 'main';
  readonly clientIp = '10.20.30.40';
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query = '';
  readonly httpVersion = '1.1';
  readonly status = 200;
  readonly routeName: string;
  readonly routeWhy = undefined;
  readonly upstream = 'openai';
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly durationMs: number;
  readonly firstByteMs: number;
  readonly attempts: readonly AccessAttempt[];
  readonly errorCode = undefined;
  readonly errorDetail = undefined;
  readonly streamEnd = undefined;
  readonly genAi: AccessGenAi | undefined;
  private readonly head: string;

  constructor(kind: Kind, index: number) {
    const path = kind === 'get' ? `/plain/items/${index}` : '/v1/chat/completions';
    this.method = kind === 'get' ? 'GET' : 'POST';
    this.head = `${this.method} ${path} HTTP/1.1\r\nhost: gateway.example.com:8080\r\nuser-agent: OpenAI/Python 2.1.0\r\nx-environment: production\r\n\r\n`;
    this.path = this.head.slice(this.method.length + 1, this.head.indexOf(' HTTP'));
    this.host = this.head.slice(this.head.indexOf('gateway'), this.head.indexOf(':8080'));
    this.routeName = kind === 'get' ? 'plain' : 'chat';
    ids.next();
    this.traceId = ids.traceId();
    this.spanId = ids.spanId();
    this.requestId = this.traceId;
    this.timestampMs = 1_800_000_000_000 + (index >> 4);
    this.requestBytes = kind === 'get' ? 0 : 512 + index;
    this.responseBytes = 2048 + index;
    this.durationMs = 12.3456 + index / 1000;
    this.firstByteMs = 4.5678 + index / 1000;
    this.attempts = [
      { backend: 'openai', endpoint: 'https://api.openai.com:443', status: 200, ms: 11.25 + index / 1000 },
    ];
    this.genAi = kind === 'get' ? undefined : createGenAi(index);
  }

  requestHeaders(lowerName: string): string | undefined {
    const start = this.head.indexOf(`${lowerName}: `);
    return start === -1
      ? undefined
      : this.head.slice(start + lowerName.length + 2, this.head.indexOf('\r', start + lowerName.length));
  }
}

const NOTHING_DROPPED: readonly string[] = [];

function createGenAi(index: number): AccessGenAi {
  const body = `{"model":"gpt-4o-mini","user":"${index}"}`;
  const model = body.slice(10, 21);
  return {
    operation: 'chat',
    provider: 'openai',
    requestModel: model,
    sentModel: model,
    dropped: NOTHING_DROPPED,
    responseModel: 'gpt-4o-mini-2024-07-18',
    streaming: false,
    inputTokens: 100 + (index & 63),
    outputTokens: 200 + (index & 63),
    totalTokens: 300 + (index & 127),
    cachedTokens: 0,
    reasoningTokens: 0,
    estimated: false,
    cacheWriteTokens: -1,
    audioInputTokens: -1,
    audioOutputTokens: -1,
    aborted: false,
    cost: undefined,
    priceVersion: '',
    spent: undefined,
    firstTokenMs: 4.5 + index / 1000,
  };
}

function measure(kind: Kind): void {
  const records = Array.from({ length: RECORDS }, (_, index) => new BenchRecord(kind, index));
  let bytes = 0;
  const writer = new AccessLogWriter({
    sink({ length }) {
      bytes += length;
    },
    later: () => {},
  });
  writer.configure({ enabled: true, requestHeaders: kind === 'headers' ? ['x-environment', 'user-agent'] : [] });
  const times: number[] = [];
  let garbage = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const allocated = getHeapStatistics().total_allocated_bytes;
    const start = process.hrtime.bigint();
    for (let line = 0; line < LINES; line++) writer.write(records[line & (RECORDS - 1)]);
    times.push(Number(process.hrtime.bigint() - start) / LINES);
    garbage = (getHeapStatistics().total_allocated_bytes - allocated) / LINES;
  }
  writer.close();
  const settled = times.slice(WARM_ROUNDS).sort((a, b) => a - b);
  const median = settled[settled.length >> 1];
  process.stdout.write(
    `${kind}: ${median.toFixed(0)} ns a line (least ${settled[0].toFixed(0)}), ${garbage.toFixed(0)} bytes of garbage, ` +
      `${Math.round(bytes / (ROUNDS * LINES))} bytes long\n`,
  );
}

const chosen = KINDS.find((kind) => kind === process.argv[2]);
for (const kind of chosen === undefined ? KINDS : [chosen]) measure(kind);
