// Bytes that stay in their read buffer while the read lasts, and are the same however they came and whenever they were kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldBytes } from './held-bytes.ts';
import { LentBytes } from './lent-bytes.ts';

/** The read buffer is overwritten by the next read. */
function read(buffer: Buffer, text: string): readonly [Buffer, number, number] {
  buffer.fill('?');
  buffer.write(text, 2, 'latin1');
  return [buffer, 2, 2 + text.length];
}

function released(held: HeldBytes): string {
  const out = new HeldBytes(1000);
  held.releaseTo(out);
  return out.whole().toString('latin1');
}

test('an answer of one read is released from where it lies', () => {
  const buffer = Buffer.alloc(64);
  const held = new LentBytes(100);
  held.write(...read(buffer, 'one'));
  assert.equal(held.length, 3);
  const pieces: Uint8Array[] = [];
  held.releaseTo({ write: (bytes) => pieces.push(bytes), writeLatin1: () => assert.fail() });
  assert.deepEqual(pieces, [buffer]);
  assert.equal(pieces[0], buffer);
});

test('what was kept at the end of its read outlives the buffer', () => {
  const buffer = Buffer.alloc(64);
  const held = new LentBytes(100);
  held.write(...read(buffer, 'one'));
  held.keep();
  held.write(...read(buffer, ' two'));
  held.keep();
  buffer.fill('!');
  assert.equal(held.length, 7);
  assert.equal(held.whole().toString(), 'one two');
  assert.equal(released(held), 'one two');
});

test('a second piece of the same read, and text of our own, stand behind the first', () => {
  const buffer = Buffer.alloc(64);
  const held = new LentBytes(5);
  const [bytes, start] = read(buffer, 'onetwo');
  held.write(bytes, start, start + 3);
  assert.equal(held.isFull, false);
  held.write(bytes, start + 3, start + 6);
  held.writeLatin1('!');
  buffer.fill('?');
  assert.equal(held.isFull, true);
  assert.equal(released(held), 'onetwo!');
});

test('asked for as a whole it is a copy', () => {
  const buffer = Buffer.alloc(64);
  const held = new LentBytes(100);
  held.write(...read(buffer, 'one'));
  const whole = held.whole();
  buffer.fill('?');
  assert.equal(whole.toString(), 'one');
  assert.equal(released(held), 'one');
});
