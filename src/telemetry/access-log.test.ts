// Lines of the access log: valid JSON whatever the record holds, no secret in them, batches that never wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineBytes } from './access-bytes.ts';
import { AccessLine } from './access-line.ts';
import { AccessLogWriter } from './access-log.ts';
import { createLogMemory, type LogBatch, LogMemory } from './access-memory.ts';
import type { AccessGenAi, AccessRecord } from './access-record.ts';

const GEN_AI: AccessGenAi = {
  operation: 'chat',
  provider: 'openai',
  requestModel: 'fast',
  sentModel: 'gpt-4o-mini',
  responseModel: 'gpt-4o-mini-2024-07-18',
  streaming: true,
  dropped: [],
  inputTokens: 12,
  outputTokens: 30,
  totalTokens: 42,
  cachedTokens: 0,
  reasoningTokens: -1,
  estimated: false,
  cacheWriteTokens: -1,
  audioInputTokens: -1,
  audioOutputTokens: -1,
  aborted: false,
  cost: undefined,
  priceVersion: '',
  spent: undefined,
  firstTokenMs: 8.25,
};

function recordWith(changes: Partial<AccessRecord>): AccessRecord {
  return {
    timestampMs: Date.UTC(2026, 10, 21, 6, 3, 7, 45),
    requestId: 'r-1',
    traceId: 't',
    spanId: 's',
    listener: 'main',
    clientIp: '192.0.2.1',
    method: 'POST',
    host: 'api.test',
    path: '/v1/chat/completions',
    query: '',
    httpVersion: '1.1',
    status: 200,
    routeName: 'chat',
    routeWhy: undefined,
    upstream: 'openai',
    requestBytes: 300,
    responseBytes: 1200,
    durationMs: 12.3456,
    firstByteMs: -1,
    attempts: [],
    errorCode: undefined,
    errorDetail: undefined,
    streamEnd: undefined,
    genAi: undefined,
    requestHeaders: () => undefined,
    ...changes,
  };
}

const scratch = new Uint8Array(1 << 20);

function format(line: AccessLine, record: AccessRecord): string {
  const out = new LineBytes(scratch);
  assert.ok(line.write(record, out));
  return Buffer.from(scratch.buffer, 0, out.at).toString('latin1');
}

function parse(record: AccessRecord, headers: readonly string[] = []) {
  const line = new AccessLine();
  line.showHeaders(headers);
  const text = format(line, record);
  assert.match(text, /^[\x20-\x7e]+\n$/, 'one line of ASCII');
  return JSON.parse(text);
}

test('a line has the names that programs read', () => {
  const headers: Record<string, string> = { 'x-environment': 'staging', authorization: 'Bearer secret' };
  const record = recordWith({
    genAi: GEN_AI,
    query: 'alt=sse&key=secret',
    attempts: [{ backend: 'openai', endpoint: 'a', status: 0, ms: 3, error: 'upstream.reset' }],
    requestHeaders: (name) => headers[name],
  });
  const line = parse(record, ['X-Environment', 'Authorization', 'x-absent']);
  assert.equal(line.timestamp, '2026-11-21T06:03:07.045Z');
  assert.equal(line.gen_ai.request.model, 'fast');
  assert.equal(line.gen_ai.usage.total_tokens, 42);
  assert.equal(line.gen_ai.usage.reasoning_tokens, null);
  assert.equal(line.route_name, 'chat');
  assert.deepEqual(line.request.headers, { 'x-environment': 'staging' });
  assert.equal(line.request.query, 'alt=sse&key=***');
  assert.equal(line.duration_ms, 12.346);
  assert.equal(line.first_byte_ms, null);
  assert.deepEqual(line.attempts, [{ backend: 'openai', endpoint: 'a', status: 0, ms: 3, error: 'upstream.reset' }]);
  assert.ok(!JSON.stringify(line).includes('secret'));
  assert.equal(line.dropped, undefined);
});

test('wishes that the provider was not told are named, whatever clients call theirs', () => {
  const dropped = ['seed', 'a "wish"\n', '\u4e2d'];
  assert.deepEqual(parse(recordWith({ genAi: { ...GEN_AI, dropped }, errorCode: 'x' })).dropped, dropped);
  assert.deepEqual(parse(recordWith({ genAi: { ...GEN_AI, dropped } })).dropped, dropped);
});

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
const bytes = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const maybe = fc.option(text, { nil: undefined });
const durations = fc.double({ min: 0, max: 1e9, noNaN: true });
const millisecondsOf = (value: number): number => Math.round(value * 1000) / 1000;

const records = fc.record({
  timestampMs: fc.integer({ min: 0, max: 4e12 }),
  requestId: text,
  clientIp: text,
  query: fc.constantFrom('', 'a=b'),
  streamEnd: maybe,
  listener: text,
  host: text,
  path: text,
  status: fc.integer({ min: 100, max: 599 }),
  routeName: maybe,
  routeWhy: maybe,
  upstream: maybe,
  requestBytes: bytes,
  responseBytes: bytes,
  durationMs: durations,
  firstByteMs: durations,
  attempts: fc.array(fc.record({ backend: text, endpoint: text, status: fc.nat(599), ms: durations, error: maybe }), {
    maxLength: 4,
  }),
  errorCode: maybe,
  errorDetail: maybe,
  genAi: fc.option(
    fc.record({ requestModel: text, responseModel: text, totalTokens: bytes, streaming: fc.boolean() }),
    { nil: undefined },
  ),
});

const few = fc.constantFrom('', 'a', 'b', '"', '-', '\u4e2d', 'x'.repeat(300));
const alike = fc.record({
  listener: few,
  clientIp: few,
  method: few,
  path: few,
  requestId: few,
  streamEnd: fc.option(few, { nil: undefined }),
  status: fc.nat(2),
  host: few,
  httpVersion: few,
  routeName: fc.option(few, { nil: undefined }),
  routeWhy: fc.option(few, { nil: undefined }),
  upstream: few,
  attempts: fc.array(fc.record({ backend: few, endpoint: few, status: fc.nat(2), ms: fc.nat(2) }), { maxLength: 2 }),
  genAi: fc.record({
    operation: few,
    provider: few,
    requestModel: few,
    responseModel: few,
    sentModel: few,
    streaming: fc.boolean(),
  }),
  header: fc.option(few, { nil: undefined }),
});

test('what is kept from the lines before never shows in a line', () => {
  const line = new AccessLine();
  line.showHeaders(['h']);
  fc.assert(
    fc.property(alike, ({ header, genAi, ...drawn }) => {
      const record = recordWith({ ...drawn, genAi: { ...GEN_AI, ...genAi }, requestHeaders: () => header });
      const fresh = new AccessLine();
      fresh.showHeaders(['h']);
      assert.equal(format(line, record), format(fresh, record));
    }),
    { seed: 7, numRuns: 2000 },
  );
});

/** JSON text written to UTF-8 has no lone surrogates; escaped they survive, so the values are the same all the same. */
test('any record gives one line that JSON.parse reads with the same values', () => {
  fc.assert(
    fc.property(records, text, (drawn, header) => {
      const genAi = drawn.genAi === undefined ? undefined : { ...GEN_AI, ...drawn.genAi };
      const line = parse(recordWith({ ...drawn, genAi, requestHeaders: () => `x${header.replaceAll('?', '')}` }), [
        'x-"odd"',
      ]);
      assert.equal(line.timestamp, new Date(drawn.timestampMs).toISOString());
      assert.equal(line.request_id, drawn.requestId);
      assert.equal(line.client_ip, drawn.clientIp);
      assert.equal(line.request.query, drawn.query === '' ? undefined : drawn.query);
      assert.equal(line.stream_end, drawn.streamEnd);
      assert.equal(line.request.host, drawn.host);
      assert.equal(line.request.path, drawn.path);
      assert.equal(line.request.headers['x-"odd"'], `x${header.replaceAll('?', '')}`);
      assert.equal(line.route_name, drawn.routeName ?? null);
      assert.equal(line.route_why, drawn.routeWhy);
      assert.equal(line.upstream, drawn.upstream);
      assert.equal(line.request.bytes, drawn.requestBytes);
      assert.equal(line.duration_ms, millisecondsOf(drawn.durationMs));
      assert.equal(line.first_byte_ms, millisecondsOf(drawn.firstByteMs));
      assert.deepEqual(
        line.attempts,
        drawn.attempts.map(({ error, ms, ...rest }) => ({
          ...rest,
          ms: millisecondsOf(ms),
          ...(error === undefined ? {} : { error }),
        })),
      );
      assert.equal(line.error?.code, drawn.errorCode);
      if (drawn.errorCode !== undefined) assert.equal(line.error.detail, drawn.errorDetail);
      assert.equal(line.gen_ai?.request.model, drawn.genAi?.requestModel);
      assert.equal(line.gen_ai?.usage.total_tokens, drawn.genAi?.totalTokens);
    }),
    { seed: 20_261_121, numRuns: 500 },
  );
});

/** A log whose batches are read as they come, and kept for a test that releases them itself. */
function writerWith(options: { readonly slotBytes?: number; readonly keeps?: boolean } = {}) {
  const memory = new LogMemory(createLogMemory(options.slotBytes));
  const batches: LogBatch[] = [];
  const chunks: { readonly text: string; readonly lines: number }[] = [];
  const timers: (() => void)[] = [];
  let dropped = 0;
  const writer = new AccessLogWriter({
    memory,
    sink(batch) {
      batches.push(batch);
      chunks.push({ text: Buffer.from(memory.bytes(batch.slot, batch.length)).toString(), lines: batch.lines });
      if (!options.keeps) memory.release(batch.slot);
    },
    onDropped: (lines) => {
      dropped += lines;
    },
    later: (callback) => void timers.push(callback),
  });
  return { writer, memory, batches, chunks, timers, dropped: () => dropped };
}

function idsIn(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).request_id);
}

test('lines leave together when the time has come, with one timer at a time', () => {
  const { writer, chunks, timers } = writerWith();
  writer.write(recordWith({ requestId: 'one' }));
  writer.write(recordWith({ requestId: 'two' }));
  assert.equal(chunks.length, 0);
  assert.equal(timers.length, 1);
  timers.shift()?.();
  assert.equal(chunks[0].lines, 2);
  assert.deepEqual(idsIn(chunks[0].text), ['one', 'two']);
  writer.write(recordWith({}));
  assert.equal(timers.length, 1);
});

test('a full slot leaves at once', () => {
  const { writer, chunks } = writerWith();
  for (let i = 0; i < 220; i++) writer.write(recordWith({ path: `/${'x'.repeat(1000)}` }));
  assert.ok(chunks.length === 1 && chunks[0].text.length > 250_000 && chunks[0].text.length <= 262_144);
});

test('when nothing is given back, lines fill the memory, then are dropped and counted; what was taken arrives as it was written', () => {
  const slotBytes = 8192;
  const { writer, memory, batches, chunks, timers, dropped } = writerWith({ slotBytes, keeps: true });
  const total = 3000;
  for (let i = 0; i < total; i++) {
    writer.write(recordWith({ requestId: String(i) }));
    if (i % 50 === 0) timers.shift()?.();
  }
  const lost = dropped();
  assert.ok(lost > total / 2);
  assert.equal(batches.length, LogMemory.slots - 1, 'the last slot stays with the writer');
  assert.ok(batches.reduce((sum, batch) => sum + batch.length, 0) <= slotBytes * LogMemory.slots);
  assert.equal(new Set(batches.map((batch) => batch.slot)).size, batches.length, 'no slot is lent twice');
  const kept = batches.map(({ slot, length }) => Buffer.from(memory.bytes(slot, length)).toString());
  assert.deepEqual(
    kept,
    chunks.map((chunk) => chunk.text),
    'what is lent is not written over',
  );
  for (const { slot } of batches) memory.release(slot);
  timers.shift()?.();
  writer.write(recordWith({ requestId: 'last' }));
  writer.close();
  assert.equal(dropped(), lost);
  const ids = chunks.flatMap((chunk) => idsIn(chunk.text));
  assert.equal(ids.length, total - lost + 1);
  assert.deepEqual(
    ids.slice(0, -1),
    Array.from({ length: total - lost }, (_, i) => String(i)),
  );
  assert.equal(
    chunks.reduce((sum, chunk) => sum + chunk.lines, 0),
    ids.length,
  );
});

test('a line too long for a slot is cut, not lost', () => {
  const { writer, chunks, dropped } = writerWith({ slotBytes: 131_072 });
  const long = '"\u4e2d'.repeat(20_000);
  const attempts = Array.from({ length: 12 }, () => ({ backend: 'b', endpoint: 'e', status: 0, ms: 1, error: long }));
  const own = { dropped: Array.from({ length: 12 }, () => long) };
  const genAi = { ...GEN_AI, ...own, requestModel: long, sentModel: long, responseModel: long };
  const texts = { requestId: long, path: long, query: long, host: long, errorCode: 'x', errorDetail: long };
  writer.configure({ enabled: true, requestHeaders: ['a', 'b'] });
  writer.write(recordWith({ requestId: 'before' }));
  writer.write(recordWith({ ...texts, tenant: long, attempts, genAi, requestHeaders: () => long }));
  writer.write(recordWith({ requestId: 'after' }));
  writer.close();
  assert.equal(dropped(), 0);
  const lines = chunks.flatMap((chunk) => chunk.text.trimEnd().split('\n')).map((line) => JSON.parse(line));
  assert.equal(lines.length, 3);
  for (const value of [lines[1].request.path, lines[1].gen_ai.request.model, lines[1].request.headers.b])
    assert.equal(value, `${long.slice(0, 512)}…`);
  assert.equal(lines[1].tenant, `${long.slice(0, 512)}…`);
  assert.equal(lines[1].dropped.length, 8);
});

test('close gives the rest away', () => {
  const { writer, chunks } = writerWith();
  writer.write(recordWith({}));
  writer.close();
  assert.equal(chunks.length, 1);
  writer.write(recordWith({}));
  writer.close();
  assert.equal(chunks.length, 1);
});

test('without shared memory a batch is lent only while it is given', () => {
  let lines = 0;
  const writer = new AccessLogWriter({
    sink: (batch) => {
      lines += batch.lines;
    },
    onDropped: () => assert.fail('a line was dropped'),
    later: () => {},
  });
  for (let i = 0; i < 12_000; i++) writer.write(recordWith({}));
  writer.close();
  assert.equal(lines, 12_000, 'more than the memory holds at once');
});

test('a log that is off writes nothing', () => {
  const { writer, chunks, timers } = writerWith();
  writer.configure({ enabled: false, requestHeaders: [] });
  writer.write(recordWith({}));
  writer.flush();
  assert.equal(chunks.length + timers.length, 0);
});
