// The chunked coding: grammar, bounds, and any split of any body.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHUNKED_BAD, CHUNKED_MORE, ChunkedDecoder } from './chunked-decoder.ts';

interface Decoded {
  /** What the last `decode` returned, as an offset into the whole stream when the body ended. */
  readonly end: number;
  readonly body: string;
  readonly trailers: string | undefined;
}

/** Decodes `pieces` one after another, until the body ends or is bad. */
function decode(pieces: readonly Buffer[]): Decoded {
  const decoder = new ChunkedDecoder();
  decoder.reset();
  let body = '';
  let before = 0;
  let end = CHUNKED_MORE;
  const sink = {
    write: (bytes: Uint8Array, from: number, to: number) => {
      body += Buffer.from(bytes.subarray(from, to)).toString('latin1');
    },
    writeLatin1: (text: string) => {
      body += text;
    },
  };
  for (const piece of pieces) {
    end = decoder.decode(piece, 0, piece.length, sink);
    if (end !== CHUNKED_MORE) break;
    before += piece.length;
  }
  return { end: end < 0 ? end : before + end, body, trailers: decoder.trailers?.lines() };
}

function whole(text: string): Decoded {
  return decode([Buffer.from(text, 'latin1')]);
}

function cut(text: string, at: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((left, right) => left - right);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

test('decodes, and says where the body ended', () => {
  assert.deepEqual(whole('3\r\nabc\r\n0\r\n\r\nHTTP'), { end: 13, body: 'abc', trailers: undefined });
  assert.deepEqual(whole('0\r\n\r\n'), { end: 5, body: '', trailers: undefined });
  assert.deepEqual(whole('2;x="y"\r\nab\r\n00\r\nT: u\r\n\r\nX'), { end: 25, body: 'ab', trailers: 'T: u\r\n' });
});

test('blanks are allowed behind a size only before an extension or the line end', () => {
  assert.equal(whole('2 \t\r\nab\r\n0\r\n\r\n').body, 'ab');
  assert.equal(whole('2 ;x\r\nab\r\n0\r\n\r\n').body, 'ab');
  assert.equal(whole('2 2\r\nab\r\n0\r\n\r\n').end, CHUNKED_BAD);
});

test('anything else is refused', () => {
  const bad = [
    '\r\n',
    '+1\r\na\r\n',
    '-1\r\n',
    '0x1\r\na',
    'g\r\n',
    ' 1\r\na',
    '1\na\r\n',
    '1\r\na\n0',
    '1\r\nab\r\n',
    '1;a\nb',
    '1;\0\r\na',
    '1;\x01\r\na',
    '1;a\rb',
    '0\r\nX : y\r\n\r\n',
    '0\r\nX\r\n\r\n',
    '0\r\n\n',
    '0\r\n\rX',
    '0\r\n X: y\r\n\r\n',
    '10000000000000\r\n',
    '00000000000001\r\na',
  ];
  for (const text of bad) assert.equal(whole(text).end, CHUNKED_BAD, JSON.stringify(text));
});

test('extensions are bounded against the bytes they come with', () => {
  const tiny = `1;${'x'.repeat(100)}\r\na\r\n`;
  assert.equal(whole(tiny.repeat(400)).end, CHUNKED_BAD);
  const signed = `1000;${'x'.repeat(85)}\r\n${'a'.repeat(4096)}\r\n`;
  assert.equal(whole(`${signed.repeat(400)}0\r\n\r\n`).body.length, 400 * 4096);
});

test('trailers are bounded', () => {
  assert.equal(
    decode([Buffer.from('0\r\n'), Buffer.from(`X: ${'y'.repeat(20_000)}`), Buffer.from('y')]).end,
    CHUNKED_BAD,
  );
  assert.equal(whole(`0\r\n${'X: y\r\n'.repeat(101)}\r\n`).end, CHUNKED_BAD);
});

const chunk = fc.tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.constantFrom('', ';a', ';a=b', ' ;c="d"', ' '));

function encode(chunks: readonly (readonly [string, string])[], trailers: string): { text: string; body: string } {
  let text = '';
  let body = '';
  for (const [data, extension] of chunks) {
    const bytes = Buffer.from(data).toString('latin1');
    text += `${bytes.length.toString(16)}${extension}\r\n${bytes}\r\n`;
    body += bytes;
  }
  return { text: `${text}0\r\n${trailers}\r\n`, body };
}

test('any split of any body decodes the same', () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 6 }),
      fc.constantFrom('', 'A: b\r\n', 'A: b\r\nC:\r\n'),
      fc.array(fc.nat(600), { maxLength: 12 }),
      (chunks, trailers, places) => {
        const { text, body } = encode(chunks, trailers);
        const decoded = decode(cut(`${text}rest`, places));
        assert.deepEqual(decoded, { end: text.length, body, trailers: trailers === '' ? undefined : trailers });
      },
    ),
    { seed: 23, numRuns: 2000 },
  );
});

test('any split of damaged coding gives the verdict of the whole', () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { minLength: 1, maxLength: 3 }),
      fc.nat(300),
      fc.constantFrom('\r', '\n', '\0', ' ', ';', 'f', 'x', ':', ''),
      fc.array(fc.nat(300), { maxLength: 8 }),
      (chunks, place, damage, places) => {
        const { text } = encode(chunks, 'A: b\r\n');
        const at = place % text.length;
        const damaged = text.slice(0, at) + damage + text.slice(at + 1);
        const expected = whole(damaged);
        const actual = decode(cut(damaged, places));
        assert.equal(actual.end, expected.end);
        if (expected.end >= 0) assert.deepEqual(actual, expected);
      },
    ),
    { seed: 24, numRuns: 3000 },
  );
});
