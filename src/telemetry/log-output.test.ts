// The log’s way to a file: order, partial writes, a full queue, a reader that went away.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type LogChunk, LogOutput } from './log-output.ts';

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

const released: string[] = [];

function chunk(text: string, lines: number): LogChunk {
  return { bytes: Buffer.from(text), lines, release: () => void released.push(text) };
}

/** An output whose writes end when the test says so. */
function setUp(maxQueuedBytes = 100) {
  const writes: { readonly text: string; readonly done: Done }[] = [];
  const timers: (() => void)[] = [];
  let dropped = 0;
  released.length = 0;
  const output = new LogOutput(
    'stdout',
    (lines) => {
      dropped += lines;
    },
    {
      write: (_fd, chunk, done) => void writes.push({ text: Buffer.from(chunk).toString(), done }),
      later: (callback) => void timers.push(callback),
      maxQueuedBytes,
    },
  );
  return { output, writes, timers, dropped: () => dropped };
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

test('chunks are written in order, one at a time, and partly written ones are finished', async () => {
  const { output, writes } = setUp();
  output.write(chunk('abc\n', 1));
  output.write(chunk('def\n', 1));
  const flushed = output.flush();
  assert.deepEqual(
    writes.map((each) => each.text),
    ['abc\n'],
  );
  writes[0].done(null, 1);
  writes[1].done(null, 3);
  assert.deepEqual(released, ['abc\n'], 'memory is given back when it is written, not before');
  writes[2].done(null, 4);
  assert.deepEqual(released, ['abc\n', 'def\n']);
  assert.deepEqual(
    writes.map((each) => each.text),
    ['abc\n', 'bc\n', 'def\n'],
  );
  await flushed;
  await output.flush();
});

test('past the limit whole chunks are dropped and their lines counted', () => {
  const { output, writes, dropped } = setUp(10);
  output.write(chunk('12345678', 3));
  output.write(chunk('123', 2));
  assert.equal(dropped(), 2);
  assert.deepEqual(released, ['123']);
  writes[0].done(null, 8);
  output.write(chunk('123', 2));
  assert.equal(dropped(), 2);
  assert.equal(writes[1].text, '123');
});

test('a full pipe is tried again later', () => {
  const { output, writes, timers, dropped } = setUp();
  output.write(chunk('abc', 1));
  writes[0].done(failure('EAGAIN'), 0);
  assert.equal(writes.length, 1);
  timers[0]();
  assert.equal(writes[1].text, 'abc');
  assert.equal(dropped(), 0);
});

test('when the reader is gone the program goes on and the lines are counted', async () => {
  const { output, writes, dropped } = setUp();
  output.write(chunk('abc', 1));
  output.write(chunk('def', 2));
  const flushed = output.flush();
  writes[0].done(failure('EPIPE'), 0);
  await flushed;
  assert.equal(dropped(), 3);
  assert.deepEqual(released, ['abc', 'def']);
  output.write(chunk('ghi', 4));
  assert.equal(dropped(), 7);
  assert.equal(writes.length, 1);
});

test('closed while the system writes, the memory it reads is not given back', () => {
  const { output, dropped } = setUp();
  output.write(chunk('abc', 1));
  output.write(chunk('def', 2));
  output.close();
  assert.equal(dropped(), 3);
  assert.deepEqual(released, ['def']);
});

test('a file is appended to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-output-'));
  try {
    const path = join(folder, 'access.log');
    for (const text of ['one\n', 'two\n']) {
      const output = new LogOutput(path, () => assert.fail('a line was dropped'));
      output.write(chunk(text, 1));
      await output.flush();
      output.close();
    }
    assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n');
    assert.throws(() => new LogOutput(join(folder, 'absent', 'x'), () => {}), /ENOENT/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
