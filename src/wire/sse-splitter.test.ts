// Event boundaries against a slow reference written from the standard, for every line end and every split.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SseSplitter } from './sse-splitter.ts';

/** Splits `pieces` and gives each event with the number of its lines; the unfinished rest is the last, with -1. */
function split(pieces: readonly string[]): [event: string, lines: number][] {
  const splitter = new SseSplitter();
  const events: [string, number][] = [];
  let open = '';
  for (const piece of pieces) {
    // Surrounded by what would end an event if it were read.
    const bytes = Buffer.from(`\n\n${piece}\n\n`, 'latin1');
    const end = bytes.length - 2;
    let at = 2;
    if (splitter.takesLf(bytes, at, end)) {
      at++;
      events[events.length - 1][0] += '\n';
    }
    for (let next = splitter.next(bytes, at, end); next >= 0; next = splitter.next(bytes, at, end)) {
      events.push([open + bytes.toString('latin1', at, next), splitter.lines]);
      open = '';
      at = next;
    }
    open += bytes.toString('latin1', at, end);
  }
  if (open !== '') events.push([open, -1]);
  return events;
}

/** The same from the whole text: lines by the grammar, an event ends behind each blank one. */
function reference(text: string): [event: string, lines: number][] {
  const events: [string, number][] = [];
  let event = '';
  let lines = 0;
  for (const [line] of text.matchAll(/[^\r\n]*(?:\r\n|\r|\n)/g)) {
    event += line;
    if (/[^\r\n]/.test(line)) lines++;
    else {
      events.push([event, lines]);
      event = '';
      lines = 0;
    }
  }
  const rest = /[^\r\n]*$/.exec(text)?.[0] ?? '';
  if (event + rest !== '') events.push([event + rest, -1]);
  return events;
}

function piecesOf(text: string, cuts: readonly number[]): string[] {
  const positions = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return positions.slice(1).map((position, i) => text.slice(positions[i], position));
}

const lines = fc.array(fc.constantFrom('data: x', 'event: y', ': ping', 'data', '', '', 'x'), { maxLength: 12 });

for (const [name, lineEnd] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const) {
  test(`splits streams whose lines end in ${name}, however they are cut`, () => {
    fc.assert(
      fc.property(lines, fc.string({ maxLength: 3 }), fc.array(fc.nat(), { maxLength: 10 }), (all, rest, cuts) => {
        const text = all.map((line) => line + lineEnd).join('') + rest.replaceAll(/[\r\n]/g, '');
        assert.deepEqual(split(piecesOf(text, cuts)), reference(text));
      }),
      { seed: 41, numRuns: 1000 },
    );
  });
}

test('splits streams of mixed LF and CRLF', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('data: x', '', ''), fc.boolean()), { maxLength: 12 }),
      fc.array(fc.nat()),
      (all, cuts) => {
        const text = all.map(([line, hasCr]) => line + (hasCr ? '\r\n' : '\n')).join('');
        assert.deepEqual(split(piecesOf(text, cuts)), reference(text));
      },
    ),
    { seed: 42, numRuns: 1000 },
  );
});

test('begins anew after reset', () => {
  const splitter = new SseSplitter();
  const first = Buffer.from('data: x\r\n\r\ndata: unfinished');
  assert.equal(splitter.next(first, 0, first.length), 11);
  assert.equal(splitter.next(first, 11, first.length), -1);
  splitter.reset();
  const second = Buffer.from('data: x\r\rdata');
  assert.equal(splitter.next(second, 0, second.length), 9);
  assert.equal(splitter.lines, 1);
});
