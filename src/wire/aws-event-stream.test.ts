// Binary messages come out the same however the stream is cut, and nothing that is broken comes out at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { AwsEventStreamReader, type AwsMessage, encodeAwsMessage, type FrameProblem } from './aws-event-stream.ts';

interface Outcome {
  readonly messages: readonly AwsMessage[];
  readonly problem: FrameProblem | undefined;
  readonly isInside: boolean;
}

/** Every piece lies amid other bytes and is overwritten after: nothing may be kept of it. */
function read(pieces: readonly Buffer[], maxBytes?: number): Outcome {
  const reader = new AwsEventStreamReader(maxBytes);
  const messages: AwsMessage[] = [];
  for (const piece of pieces) {
    const around = Buffer.concat([Buffer.alloc(3, 0xff), piece, Buffer.alloc(3, 0xff)]);
    reader.push(around, 3, 3 + piece.length, messages);
    around.fill(0xee);
  }
  return { messages, problem: reader.problem, isInside: reader.isInsideMessage };
}

function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

const DELTA: AwsMessage = { kind: 'event', name: 'contentBlockDelta', text: '{"delta":{"text":"héllo"}}' };
const THROTTLED: AwsMessage = { kind: 'exception', name: 'throttlingException', text: '{"message":"slow down"}' };
const UNKNOWN: AwsMessage = { kind: 'error', name: 'InternalFailure', text: 'something broke' };

const message: fc.Arbitrary<AwsMessage> = fc.record(
  {
    kind: fc.constantFrom('event', 'exception', 'error'),
    name: fc.string({ maxLength: 20 }),
    text: fc.string({ maxLength: 6000, unit: 'binary' }),
  },
  { noNullPrototype: true },
);

test('events, exceptions and errors are told apart', () => {
  const bytes = Buffer.concat([DELTA, THROTTLED, UNKNOWN].map(encodeAwsMessage));
  assert.deepEqual(read([bytes]), { messages: [DELTA, THROTTLED, UNKNOWN], problem: undefined, isInside: false });
});

test('however the stream is cut, the same messages come out', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(encodeAwsMessage));
      assert.deepEqual(read(cut(bytes, cuts)), { messages, problem: undefined, isInside: false });
    }),
    { seed: 11 },
  );
});

test('byte by byte', () => {
  const bytes = Buffer.concat([DELTA, UNKNOWN].map(encodeAwsMessage));
  const pieces = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
  assert.deepEqual(read(pieces).messages, [DELTA, UNKNOWN]);
});

test('a stream that stops inside a message says so, whatever came before', () => {
  const whole = encodeAwsMessage(DELTA);
  for (let kept = 1; kept < whole.length; kept++) {
    const outcome = read([Buffer.concat([whole, whole.subarray(0, kept)])]);
    assert.deepEqual(outcome, { messages: [DELTA], problem: undefined, isInside: true }, String(kept));
  }
});

test('a message with one bit changed never comes out, nor does anything behind it', () => {
  const good = encodeAwsMessage(THROTTLED);
  fc.assert(
    fc.property(fc.nat(good.length * 8 - 1), fc.array(fc.nat(), { maxLength: 4 }), (bit, cuts) => {
      const broken = Buffer.from(good);
      broken[bit >> 3] ^= 1 << (bit & 7);
      const { messages, problem } = read(cut(Buffer.concat([encodeAwsMessage(DELTA), broken, good]), cuts));
      assert.deepEqual(messages, [DELTA]);
      assert.notEqual(problem, undefined);
    }),
    { seed: 12 },
  );
});

test('noise never throws, gives no message and is found at its prelude', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 12, maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 4 }),
      (noise, cuts) => {
        assert.deepEqual(read(cut(Buffer.from(noise), cuts)).messages, []);
        assert.notEqual(read(cut(Buffer.from(noise), cuts)).problem, undefined);
      },
    ),
    { seed: 13 },
  );
});

/** A message of these bytes between prelude and checksum, both checksums right. */
function frame(headers: Buffer, body: Buffer, claimed = { length: 0, headerBytes: headers.length }): Buffer {
  const bytes = Buffer.alloc(16 + headers.length + body.length);
  bytes.writeUInt32BE(claimed.length === 0 ? bytes.length : claimed.length, 0);
  bytes.writeUInt32BE(claimed.headerBytes, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, 12);
  body.copy(bytes, 12 + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}

test('headers that are none, with right checksums, are a problem and not an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (headers) => {
      const { messages, problem } = read([frame(Buffer.from(headers), Buffer.from('{}'))]);
      assert.deepEqual(messages, []);
      assert.equal(problem, 'headers');
    }),
    { seed: 14 },
  );
});

test('lengths that cannot be are found before anything is waited for', () => {
  const empty = Buffer.alloc(0);
  assert.equal(read([frame(empty, empty, { length: 12, headerBytes: 0 })]).problem, 'length');
  assert.equal(read([frame(empty, empty, { length: 40, headerBytes: 30 })]).problem, 'length');
  assert.equal(read([frame(empty, empty, { length: 2 ** 32 - 1, headerBytes: 0 })]).problem, 'too-long');
  assert.equal(read([frame(empty, empty, { length: 1000, headerBytes: 200_000 })]).problem, 'too-long');
});

test('a message longer than the limit is a problem, one as long as it is none', () => {
  const bytes = encodeAwsMessage(DELTA);
  assert.equal(read([bytes], bytes.length).problem, undefined);
  assert.equal(read([bytes], bytes.length - 1).problem, 'too-long');
});

test('a message of several megabytes comes through in small pieces', () => {
  const text = 'x'.repeat(3_000_000);
  const bytes = encodeAwsMessage({ ...DELTA, text });
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 16_000) pieces.push(bytes.subarray(at, at + 16_000));
  assert.equal(read(pieces).messages[0].text.length, text.length);
});
