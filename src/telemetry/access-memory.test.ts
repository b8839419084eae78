// Lines from one thread to another that does not look: what is on its way stays bounded, and nothing is lost uncounted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createLogMemory, type LogBatch, LogMemory } from './access-memory.ts';

test('a slot is taken once, the lowest free one first', () => {
  const shared = createLogMemory(64);
  const [writer, reader] = [new LogMemory(shared), new LogMemory(shared)];
  const taken = Array.from({ length: LogMemory.slots }, () => writer.take());
  assert.deepEqual(
    taken,
    Array.from({ length: LogMemory.slots }, (_, slot) => slot),
  );
  assert.equal(writer.take(), -1);
  reader.release(5);
  reader.release(3);
  assert.deepEqual([writer.take(), writer.take(), writer.take()], [3, 5, -1]);
  writer.bytes(3).fill(7);
  assert.deepEqual([...reader.bytes(3, 2), reader.bytes(2)[63], reader.bytes(4)[0]], [7, 7, 0, 0]);
});

const LINES = 20_000;
const SLOT_BYTES = 8192;

/** Writes all lines while the main thread sleeps, then wakes it. */
const WRITING_THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
Promise.all([import(workerData.log), import(workerData.memory)]).then(([{ AccessLogWriter }, { LogMemory }]) => {
  let dropped = 0;
  const writer = new AccessLogWriter({
    memory: new LogMemory(workerData.shared),
    sink: (batch) => parentPort.postMessage(batch),
    onDropped: (lines) => { dropped += lines; },
  });
  const record = { ...workerData.record, requestHeaders: () => undefined };
  for (let i = 0; i < workerData.lines; i++) writer.write({ ...record, requestId: String(i) });
  writer.close();
  Atomics.store(workerData.done, 1, dropped);
  Atomics.store(workerData.done, 0, 1);
  Atomics.notify(workerData.done, 0);
});`;

const RECORD = {
  ...{ timestampMs: 0, traceId: 't', spanId: 's', listener: 'main', clientIp: '192.0.2.1', method: 'GET', host: 'h' },
  ...{ path: '/', query: '', httpVersion: '1.1', status: 200, requestBytes: 0, responseBytes: 0, durationMs: 1 },
  ...{ firstByteMs: 1, attempts: [] },
};

test('while the main thread is stalled a thread has no more on its way than its memory holds', async () => {
  const shared = createLogMemory(SLOT_BYTES);
  const memory = new LogMemory(shared);
  const done = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(WRITING_THREAD, {
    eval: true,
    workerData: {
      log: new URL('./access-log.ts', import.meta.url).href,
      memory: new URL('./access-memory.ts', import.meta.url).href,
      ...{ shared, done, lines: LINES, record: RECORD },
    },
  });
  const batches: LogBatch[] = [];
  worker.on('message', (batch: LogBatch) => batches.push(batch));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('online', resolve));
  Atomics.wait(done, 0, 0);
  await ended;
  assert.equal(batches.length, LogMemory.slots, 'messages are bounded as memory is');
  const text = batches.map(({ slot, length }) => Buffer.from(memory.bytes(slot, length)).toString()).join('');
  const ids = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).request_id);
  assert.deepEqual(
    ids,
    Array.from({ length: ids.length }, (_, index) => String(index)),
  );
  assert.equal(ids.length + done[1], LINES);
  assert.ok(done[1] > LINES / 2);
});
