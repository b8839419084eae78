// What is learnt from a Google stream that is one array, whatever the pieces it comes in, and how it ends when cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonArrayRelay, MAX_HELD_BYTES } from './json-array-relay.ts';

function chunk(text: string, more: object = {}, usage: object = {}): string {
  return JSON.stringify({
    candidates: [{ content: { parts: [{ text }], role: 'model' }, ...more, index: 0 }],
    usageMetadata: { promptTokenCount: 10, totalTokenCount: 10, ...usage },
    modelVersion: 'gemini-2.5-flash',
  });
}

const WORD = chunk('wörd ]}[{ "q\\" \\');
const FINISH = chunk('.', { finishReason: 'STOP' }, { candidatesTokenCount: 4, totalTokenCount: 14 });
const WHOLE = `[${WORD}\n,\r\n${WORD},${FINISH}\n]\n`;

const relay = new JsonArrayRelay();
let text = '';
const out = {
  write(bytes: Uint8Array, start: number, end: number): void {
    text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  },
  writeLatin1(piece: string): void {
    text += piece;
  },
};

function begin(pieces: readonly Buffer[]): string {
  text = '';
  relay.reset();
  for (const piece of pieces) {
    const copy = Buffer.concat([Buffer.from('{"'), piece, Buffer.from('"}')]);
    relay.push(copy, 2, copy.length - 2, out);
    copy.fill(0x5b);
  }
  return Buffer.from(text, 'latin1').toString();
}

function run(pieces: readonly Buffer[]): string {
  begin(pieces);
  relay.end(out);
  return Buffer.from(text, 'latin1').toString();
}

const runText = (body: string): string => run([Buffer.from(body)]);

function assertWhole(): void {
  assert.deepEqual(
    [relay.isWhole, relay.sawFinish, relay.sawFirstDelta, relay.responseModel, relay.events, relay.inBandError],
    [true, true, true, 'gemini-2.5-flash', 3, undefined],
  );
  assert.deepEqual([relay.usage.input, relay.usage.output, relay.usage.total], [10, 4, 14]);
}

test('any pieces: the same bytes and facts', () => {
  const bytes = Buffer.from(WHOLE);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      assert.equal(run(at.slice(1).map((end, i) => bytes.subarray(at[i], end))), WHOLE);
      assertWhole();
    }),
    { seed: 51, numRuns: 300 },
  );
});

test('each element leaves when it is whole', () => {
  assert.equal(begin([Buffer.from(`[${WORD}`)]), `[${WORD}`);
  assert.ok(relay.sawFirstDelta);
});

test('cut anywhere, the failure is the last element of an array', () => {
  const bytes = Buffer.from(WHOLE);
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 3 }), (length) => {
      const before = begin([bytes.subarray(0, length)]);
      assert.equal(relay.isWhole, false);
      const elements = JSON.parse(before + relay.heartbeat() + relay.encodeError('upstream.cut', 'cut')) as readonly {
        readonly error?: { readonly code: number };
      }[];
      assert.equal(elements.at(-1)?.error?.code, 503);
      assert.equal(elements.length, relay.events + 1);
    }),
    { seed: 52, numRuns: 300 },
  );
});

test('a failure told as an element, or as one object instead of an array', () => {
  const error = JSON.stringify({ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } });
  for (const body of [`[${WORD},${error}]`, error, `[${error}]`]) {
    assert.equal(runText(body), body);
    assert.deepEqual([relay.inBandError, relay.isWhole], ['UNAVAILABLE', true]);
  }
});

test('an array that was closed without a finish can still be told to have failed', () => {
  const before = begin([Buffer.from(`[${WORD}\n]\n`)]);
  assert.deepEqual([relay.isWhole, relay.sawFinish, relay.canFail], [true, false, true]);
  assert.equal((JSON.parse(before + relay.encodeError('upstream.cut', 'cut')) as readonly object[]).length, 2);
});

test('behind an answer that is one object nothing can be told', () => {
  assert.equal(runText(WORD), WORD);
  assert.deepEqual([relay.isWhole, relay.canFail], [true, false]);
});

test('an empty array is whole and says nothing', () => {
  assert.equal(runText('[]'), '[]');
  assert.deepEqual([relay.isWhole, relay.sawFinish, relay.events], [true, false, 0]);
});

test('an element too long to be held passes, and tells at its end whether the answer is whole', () => {
  const long = 'a'.repeat(3 * MAX_HELD_BYTES);
  const body = `[${WORD},${chunk(long, { finishReason: 'STOP' }, { candidatesTokenCount: 9, totalTokenCount: 19 })}]`;
  const bytes = Buffer.from(body);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) =>
    bytes.subarray(i * 1000, i * 1000 + 1000),
  );
  assert.equal(run(pieces), body);
  assert.deepEqual([relay.sawFinish, relay.isWhole, relay.usage.output, relay.events], [true, true, 9, 2]);
  begin(pieces.slice(0, -10));
  assert.deepEqual([relay.canFail, relay.heartbeat()], [false, '']);
});

test('what is no JSON passes as it came', () => {
  for (const body of ['', 'null', '<html>', '}{', ']]', '["a", 5]']) assert.equal(runText(body), body);
});
