// What one access log line costs, formatting and batching included: `node bench/micro/access-log.ts`. The budget is 2 µs.
import { AccessLogWriter } from '../../src/telemetry/access-log.ts';
import type { AccessRecord } from '../../src/telemetry/access-record.ts';

const LINES = 300_000;
const ROUNDS = 5;

const headers: Readonly<Record<string, string>> = {
  'x-environment': 'production',
  'user-agent': 'OpenAI/Python 2.1.0',
};

function createRecord(index: number): AccessRecord {
  return {
    timestampMs: 1_800_000_000_000 + index * 0.25,
    requestId: `4bf92f3577b34da6a3ce929d0e0e4${index.toString(16)}`,
    traceId: `7bf92f3577b34da6a3ce929d0e0e4${index.toString(16)}`,
    spanId: `00f067aa0ba9${index.toString(16)}`,
    listener: 'main',
    clientIp: '10.20.30.40',
    method: 'POST',
    host: 'gateway.example.com',
    path: '/v1/chat/completions',
    query: '',
    httpVersion: '1.1',
    status: 200,
    routeName: 'chat',
    routeWhy: 'path prefix /v1/chat',
    upstream: 'openai',
    requestBytes: 512 + (index & 255),
    responseBytes: 2048 + (index & 1023),
    durationMs: 12.3456 + index / 1000,
    firstByteMs: 4.5678 + index / 1000,
    attempts: [{ backend: 'openai', endpoint: 'https://api.openai.com:443', status: 200, ms: 11.25 + index / 1000 }],
    errorCode: undefined,
    errorDetail: undefined,
    streamEnd: 'complete',
    genAi: {
      operation: 'chat',
      provider: 'openai',
      requestModel: 'gpt-4o-mini',
      sentModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18',
      streaming: true,
      inputTokens: 100 + (index & 63),
      outputTokens: 200 + (index & 63),
      totalTokens: 300 + (index & 127),
      cachedTokens: 0,
      reasoningTokens: 0,
      estimated: false,
      firstTokenMs: 4.5 + index / 1000,
    },
    requestHeaders: (name) => headers[name],
  };
}

const records = Array.from({ length: 4096 }, (_, index) => createRecord(index));

function measure(): number {
  let bytes = 0;
  const writer = new AccessLogWriter({
    sink(chunk) {
      bytes += chunk.length;
      return true;
    },
    later: () => {},
  });
  writer.configure({ enabled: true, requestHeaders: ['x-environment', 'user-agent'] });
  const start = process.cpuUsage();
  for (let i = 0; i < LINES; i++) writer.write(records[i & 4095]);
  writer.close();
  const { user, system } = process.cpuUsage(start);
  const ns = (user + system) * 1000;
  process.stdout.write(
    `${Math.round(ns / LINES)} ns of processor time per line of ${Math.round(bytes / LINES)} bytes\n`,
  );
  return ns / LINES;
}

for (let round = 0; round < ROUNDS; round++) measure();
