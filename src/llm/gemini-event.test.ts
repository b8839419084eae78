// What is learnt from a Google stream that passes through, whatever the pieces it comes in, and how it ends when cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_HELD_BYTES, SseRelay } from './sse-relay.ts';

function event(body: object): string {
  return `data: ${JSON.stringify(body)}\r\n\r\n`;
}

function chunk(parts: readonly object[], more: object = {}, usage: object = {}): string {
  return event({
    candidates: [{ content: { parts, role: 'model' }, ...more, index: 0 }],
    usageMetadata: { promptTokenCount: 10, totalTokenCount: 10, ...usage },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'r1',
  });
}

const PROOF = chunk([{ text: '', thoughtSignature: 'c2ln' }]);
const WORD = chunk([{ text: 'wörd "error" "finishReason":"STOP"' }]);
const CALL = chunk([{ functionCall: { name: 'look', args: { finishReason: null } } }]);
const FINISH = chunk(
  [{ text: '' }],
  { finishReason: 'STOP' },
  { candidatesTokenCount: 4, thoughtsTokenCount: 3, totalTokenCount: 17, cachedContentTokenCount: 6 },
);
const WHOLE = PROOF + WORD + CALL + WORD + FINISH;

const relay = new SseRelay();

function run(pieces: readonly Buffer[]): string {
  let text = '';
  const out = {
    write(bytes: Uint8Array, start: number, end: number): void {
      text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
    },
    writeLatin1(piece: string): void {
      text += piece;
    },
  };
  relay.reset({ format: 'gemini', operation: 'chat', hidesUsage: true });
  for (const piece of pieces) relay.push(piece, 0, piece.length, out);
  relay.end(out);
  return Buffer.from(text, 'latin1').toString();
}

const runText = (text: string): string => run([Buffer.from(text)]);

function assertWhole(): void {
  assert.deepEqual(
    [
      relay.responseModel,
      relay.sawFirstDelta,
      relay.sawFinish,
      relay.inBandError,
      relay.terminatedWell(),
      relay.events,
    ],
    ['gemini-2.5-flash', true, true, undefined, true, 5],
  );
  const { input, output, total, reasoning, cachedInput } = relay.usage;
  assert.deepEqual([input, output, total, reasoning, cachedInput], [10, 7, 17, 3, 6]);
}

test('learns everything from a whole stream and leaves its bytes as they are', () => {
  assert.equal(runText(WHOLE), WHOLE);
  assertWhole();
});

test('any pieces: the same bytes and facts', () => {
  const bytes = Buffer.from(WHOLE);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      assert.equal(run(at.slice(1).map((end, i) => bytes.subarray(at[i], end))), WHOLE);
      assertWhole();
    }),
    { seed: 41, numRuns: 300 },
  );
});

test('a proof alone is nothing a user would miss; text, calls and images are', () => {
  runText(PROOF);
  assert.equal(relay.sawFirstDelta, false);
  for (const useful of [WORD, CALL, chunk([{ inlineData: { mimeType: 'image/png', data: 'aa' } }])]) {
    runText(useful);
    assert.equal(relay.sawFirstDelta, true);
  }
});

test('without a finish the answer is cut, and the words "finishReason" in a text are none', () => {
  runText(PROOF + WORD + CALL);
  assert.equal(relay.terminatedWell(), false);
  runText(
    chunk([{ text: 'a' }], { finishReason: null }) +
      chunk([{ text: 'a' }], { finishReason: 'FINISH_REASON_UNSPECIFIED' }),
  );
  assert.equal(relay.terminatedWell(), false);
});

test('a blocked prompt is a whole answer', () => {
  runText(
    event({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } }),
  );
  assert.deepEqual([relay.terminatedWell(), relay.usage.input], [true, 3]);
});

test('a failure told inside the stream is found, by its word and its message', () => {
  runText(WORD + event({ error: { code: 503, message: 'Büsy', status: 'UNAVAILABLE', details: [{ a: 1 }] } }));
  assert.deepEqual([relay.inBandError, relay.inBandMessage], ['UNAVAILABLE', 'Büsy']);
  runText(event({ error: { code: 500 } }));
  assert.equal(relay.inBandError, '500');
  // A whole body under the type of a stream.
  runText('{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Slow"}}');
  assert.equal(relay.inBandError, 'RESOURCE_EXHAUSTED');
});

const IMAGE = { inlineData: { mimeType: 'image/png', data: 'a'.repeat(3 * MAX_HELD_BYTES) } };

test('an event too long to be held passes, and tells at its end whether the answer is whole', () => {
  const pieces = (text: string): readonly Buffer[] => {
    const bytes = Buffer.from(text);
    return Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) => bytes.subarray(i * 1000, i * 1000 + 1000));
  };
  const whole = WORD + chunk([IMAGE], { finishReason: 'STOP' }, { candidatesTokenCount: 9, totalTokenCount: 19 });
  assert.equal(run(pieces(whole)), whole);
  assert.deepEqual([relay.terminatedWell(), relay.sawFirstDelta, relay.usage.output], [true, true, 9]);
  const cut = WORD + chunk([IMAGE, { text: '"finishReason":"STOP"' }]);
  assert.equal(run(pieces(cut)), cut);
  assert.equal(relay.terminatedWell(), false);
});

test('a cut stream ends with the event at which Google’s client throws', () => {
  const [, json] = relay.encodeError('upstream.idle-timeout', 'cut').split('data: ');
  const { error } = JSON.parse(json) as { readonly error: Readonly<Record<string, unknown>> };
  assert.deepEqual([error.code, error.status, error.message], [504, 'DEADLINE_EXCEEDED', 'cut']);
});

test('no event makes the reader throw, and broken JSON tells nothing', () => {
  const names = [
    'candidates',
    'content',
    'parts',
    'text',
    'finishReason',
    'usageMetadata',
    'error',
    'promptFeedback',
    'blockReason',
    'modelVersion',
    'status',
  ];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 0, -1, '', 'STOP', 'é'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('json'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(json, fc.nat({ max: 20 }), (value, lost) => {
      const text = JSON.stringify({ value, candidates: value, error: value });
      runText(`data: ${text.slice(0, Math.max(1, text.length - lost))}\n\n`);
    }),
    { seed: 42, numRuns: 1000 },
  );
});
