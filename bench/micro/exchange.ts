// Our own JavaScript of one exchange, without sockets: head parsing, routing, plan, both heads, usage, metrics, log line.
// `node bench/micro/exchange.ts [post|get|translated] [plain|guarded]` prints nanoseconds per exchange (the least is what a busy
// machine cannot change), translated between OpenAI and Anthropic, guarded with circuit breakers and outlier detection on; run it under --cpu-prof to see where they go.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { createCatalog } from '../../src/app/catalog.ts';
import { PriceSource } from '../../src/app/price-source.ts';
import { translateDocuments } from '../../src/dialects/translate-documents.ts';
import { mergeFragments } from '../../src/model/merge.ts';
import { rowIdsOf } from '../../src/model/row-ids.ts';
import { compileRuntime } from '../../src/runtime/compile.ts';
import { createThreadResources } from '../../src/runtime/thread-resources.ts';
import { Http1Connection } from '../../src/server/http1-connection.ts';
import { createEndpointTableMemory, createLedgerMemory } from '../../src/state/endpoint-table.ts';
import { createRetryBudgetMemory, retryBudgetKey } from '../../src/state/retry-budget.ts';
import { AccessLogWriter } from '../../src/telemetry/access-log.ts';
import { createMetricMemory, MetricRegistry } from '../../src/telemetry/metric-registry.ts';
import type { EndpointPool } from '../../src/upstream/client/endpoint-pool.ts';
import type { UpstreamCall } from '../../src/upstream/client/upstream-call.ts';
import { parseResponseHead, ResponseHead } from '../../src/wire/http1-response-parser.ts';
import { CHAT_REPLY, CHAT_REQUEST, MESSAGES_REPLY } from '../macro/lab/chat.ts';

const GUARD =
  process.argv[3] === 'guarded'
    ? ', circuit_breaker: {failure_threshold: 5, states: {closed: {success_rate: "> 95%"}}}, outlier_detection: {}'
    : '';

const isTranslated = process.argv[2] === 'translated';
const PROVIDER = isTranslated
  ? 'provider: anthropic, base_url: "http://127.0.0.1:1", model: claude-haiku-4-5'
  : 'provider: openai, base_url: "http://127.0.0.1:1/v1"';
const REPLY = isTranslated ? MESSAGES_REPLY : CHAT_REPLY;

const CONFIG = `
backends:
  mini: {${PROVIDER}, api_key: sk-u${GUARD}}
  up: {endpoints: ["http://127.0.0.1:1"]${GUARD}}
routes:
  - {name: ai, match: {path: /v1/*}, backend: mini}
  - {name: plain, match: {path: /plain/*}, backend: up}
`;

/** What a write costs beside the system call: the text, a tree of its parts by then, becomes bytes. */
const scratch = Buffer.alloc(1 << 16);

/** A socket that takes everything and sends nothing. */
class FakeSocket extends EventEmitter {
  readonly writable = true;
  writtenBytes = 0;
  write(text: string | Buffer): boolean {
    this.writtenBytes += typeof text === 'string' ? scratch.write(text, 'latin1') : text.length;
    return true;
  }
  isPaused(): boolean {
    return false;
  }
}

const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 06:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: ${REPLY.length}\r\nConnection: keep-alive\r\n\r\n${REPLY}`,
);
const responseHead = new ResponseHead();

let waiting: UpstreamCall[] = [];
const upstream = new FakeSocket();

/** Takes calls, and answers them in the next turn from memory. */
const fakePool = {
  dispatch(call: UpstreamCall): void {
    upstream.write(call.text);
    if (call.bytes !== undefined) upstream.write(call.bytes);
    waiting.push(call);
  },
} as unknown as EndpointPool;

function answerAll(): void {
  const calls = waiting;
  waiting = [];
  for (const call of calls) {
    const end = parseResponseHead(ANSWER, 0, ANSWER.length, call.method, responseHead);
    call.receiver.onHead(responseHead);
    call.receiver.write(ANSWER, end, ANSWER.length);
    call.receiver.onAnswerEnd(undefined);
  }
}

const { fragments } = translateDocuments([{ source: 'bench.yaml', text: CONFIG }], {
  environment: {},
  readFile: () => undefined,
  catalog: createCatalog(),
});
const { model } = mergeFragments(fragments);
const accessLog = new AccessLogWriter({ sink: () => {} });
const resources = {
  ...createThreadResources({
    endpointMemory: createEndpointTableMemory(16, Date.now()),
    ledger: createLedgerMemory(16),
    retryBudgetMemory: createRetryBudgetMemory(16, Date.now()),
    metrics: new MetricRegistry({ buffer: createMetricMemory(), onSeries() {} }),
    accessLog,
    instanceName: 'switchyard-bench',
    isDraining: () => false,
    reportBug: (stack) => console.error(stack),
  }),
  pools: { acquire: () => fakePool, release() {}, close() {} } as never,
};
const rows = Object.fromEntries([
  ...rowIdsOf(model).map((id, row) => [id, row] as const),
  ...model.backends.map((backend, row) => [retryBudgetKey(backend.id), row] as const),
]);
const runtime = compileRuntime(model, rows, resources, 1);
resources.costs.use(await new PriceSource().settingsFor(model));
const listener = model.listeners[0];
const handler = runtime.handlerFor(listener.id);
if (handler === undefined) throw new Error('no handler');

const client = {
  listener: 'default',
  ip: '127.0.0.1',
  port: 1,
  isTls: false,
  isTrusted: false,
  isTrustedProxy: () => false,
  forwardedLines: 'x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\n',
  memo: { authority: undefined, lines: '' },
  maxBufferedBodyBytes: 1 << 24,
};
const settings = { name: 'default', ...listener.limits, path: listener.path, isTrusted: () => false };
const observer = { connectionOpened() {}, connectionClosed() {}, handedOff() {}, parseError() {} };
/** As many requests come in one turn of the event loop under load. */
const CONNECTIONS = 32;
const sockets = Array.from({ length: CONNECTIONS }, () => {
  const socket = new FakeSocket();
  new Http1Connection(
    { socket: socket as unknown as Socket, reads: undefined },
    {
      handler: () => handler,
      settings: () => settings,
      wheel: resources.wheel,
      observer,
      nowMs: resources.nowMs,
      tick: resources.tick,
      isDraining: () => false,
    },
    client,
    () => {},
  );
  return socket;
});

const isPost = process.argv[2] !== 'get';
const request = Buffer.from(
  isPost
    ? `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\nContent-Length: ${CHAT_REQUEST.length}\r\n\r\n${CHAT_REQUEST}`
    : 'GET /plain/x HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n',
);
const ROUNDS = Number(process.env.ROUNDS ?? 60);
const TURNS = 400;
const turnEnd = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rounds: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const before = process.hrtime.bigint();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const socket of sockets) socket.emit('data', request);
    await turnEnd();
    answerAll();
    await turnEnd();
  }
  rounds.push(Number(process.hrtime.bigint() - before) / (TURNS * CONNECTIONS));
  accessLog.flush();
}
rounds.sort((one, other) => one - other);
const [least, fifth, middle] = [0, Math.floor(ROUNDS / 5), Math.floor(ROUNDS / 2)].map((at) => rounds[at].toFixed(0));
console.log(
  `${isTranslated ? 'translated' : isPost ? 'post' : 'get'}: ns per exchange: least ${least}, 20 % of rounds below ${fifth}, median ${middle}`,
);
const written = sockets.reduce((sum, socket) => sum + socket.writtenBytes, upstream.writtenBytes);
console.log(`${Math.round(written / (ROUNDS * TURNS * CONNECTIONS))} bytes written per exchange`);
resources.close();
