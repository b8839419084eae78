// The one-pass scan of requests against JSON.parse: same verdict, same facts, for any text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_DEPTH } from './json-scan.ts';
import { RequestFacts, scanRequestFacts } from './request-facts.ts';

const facts = new RequestFacts();

/** Scans `text` in the middle of a larger buffer whose surroundings would change the verdict if they were read. */
function scan(text: string): boolean {
  const bytes = Buffer.from(`"{${text}}"0`);
  return scanRequestFacts(bytes, 2, bytes.length - 3, facts);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // not JSON: what the scan must find, too
  }
}

function assertAgrees(text: string): void {
  const value = parsed(text);
  assert.equal(scan(text), value !== undefined, text);
  if (value === undefined) return;
  assert.equal(facts.model, typeof value.model === 'string' ? value.model : undefined, text);
  assert.equal(facts.modelStart >= 0, Object.hasOwn(value, 'model'), text);
  assert.equal(facts.stream, value.stream === true, text);
  const options = value.stream_options as Record<string, unknown> | null | undefined;
  assert.equal(facts.streamOptionsStart >= 0, Object.hasOwn(value, 'stream_options'), text);
  assert.equal(facts.includeUsage, isRecord(options) && options.include_usage === true, text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('model', 'stream', 'stream_options', 'include_usage', 'messages', '') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);

/** A JSON string of `text`, with letters written as escapes where the bits of `mask` say so. */
function written(text: string, mask: number): string {
  const letters = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const escaped = letters.map((unit, i) =>
    (mask >> (i % 16)) & 1 ? `\\u${unit.toString(16).padStart(4, '0')}` : JSON.stringify(text[i]).slice(1, -1),
  );
  return `"${escaped.join('')}"`;
}

const jsonText = fc.letrec<{ value: string; member: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('true', 'false', 'null', '0', '-1.5e+3', '12', '""', '{ }', '[]', '"gpt-4o"', '"\\u00e9\\n"'),
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat(65535)).map(([text, mask]) => written(text, mask)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
    tie('object'),
  ),
  member: fc
    .tuple(name, fc.constantFrom(0, 0, 0, 1, 0x5a5a, 0xffff), fc.constantFrom('', ' ', '\t\r\n'), tie('value'))
    .map(([text, mask, space, value]) => `${space}${written(text, mask)}${space}:${space}${value}${space}`),
  object: fc.array(tie('member'), { maxLength: 6 }).map((members) => `{${members.join(',')}}`),
}));

test('agrees with JSON.parse on every JSON object', () => {
  fc.assert(
    fc.property(jsonText.object, (text) => assertAgrees(`\n${text} `)),
    { seed: 11, numRuns: 3000 },
  );
});

test('agrees with JSON.parse on every JSON value', () => {
  fc.assert(fc.property(fc.json(), assertAgrees), { seed: 12, numRuns: 500 });
});

test('agrees with JSON.parse on damaged texts', () => {
  const damage = fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'{}[]",:\\u0e+-.tn1 \n\u0000\u001f\u00e9'));
  fc.assert(
    fc.property(jsonText.object, fc.array(damage, { minLength: 1, maxLength: 3 }), (text, damages) => {
      let damaged = text;
      for (const [position, removed, inserted] of damages) {
        const at = position % (damaged.length + 1);
        damaged = damaged.slice(0, at) + inserted + damaged.slice(at + removed);
      }
      assertAgrees(damaged);
    }),
    { seed: 13, numRuns: 5000 },
  );
});

test('agrees with JSON.parse on long texts, wherever they stand in memory and whatever ends them', () => {
  const part = fc.constantFrom(
    'x'.repeat(300),
    'y'.repeat(61),
    '\\n',
    '\\u00e9',
    'é',
    '\\"',
    '\\',
    '"',
    '\t',
    ' ',
    '\u007f',
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(7), (parts, shift) => {
      const text = `${' '.repeat(shift)}{"a":"${'z'.repeat(250)}${parts.join('')}","model":"m"}`;
      assertAgrees(text);
      const exact = new Uint8Array(new TextEncoder().encode(text)); // nothing lies behind it
      for (const end of [exact.length, exact.length - 14, exact.length - 15, exact.length - 16])
        assert.equal(
          scanRequestFacts(exact.slice(0, end), 0, end, facts),
          parsed(new TextDecoder().decode(exact.subarray(0, end))) !== undefined,
        );
    }),
    { seed: 15, numRuns: 2000 },
  );
});

test('refuses what JSON refuses', () => {
  const bad = [
    '',
    ' ',
    '{',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":-}',
  ];
  const worse = [
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":tru}',
    '{"a":[1,]}',
    '{"a":[}]}',
    '{} {}',
    '[{}]',
    'null',
  ];
  for (const text of [...bad, ...worse, '\ufeff{}', "{'a':1}", '{"a":NaN}', '{"a":1}x', '{"a":"', '{"a":"\\']) {
    assertAgrees(text);
    assert.equal(scan(text), false, text);
  }
});

test('gives the offsets of the raw values', () => {
  const text = ' {"model" : "a\\u0062c" ,"stream":true,"stream_options":{"x":1, "include_usage" : false }} ';
  const bytes = Buffer.from(text);
  assert.equal(scanRequestFacts(bytes, 0, bytes.length, facts), true);
  assert.equal(facts.model, 'abc');
  assert.equal(text.slice(facts.modelStart, facts.modelEnd), '"a\\u0062c"');
  assert.equal(text.slice(facts.streamOptionsStart, facts.streamOptionsEnd), '{"x":1, "include_usage" : false }');
  assert.equal(text.slice(facts.includeUsageStart, facts.includeUsageEnd), 'false');
  assert.equal(text[facts.objectEnd], '}');
  assert.equal(text.slice(facts.objectEnd + 1).trim(), '');
  assert.equal(facts.memberCount, 3);
});

test('a repeated model counts as its last, and every earlier place is known', () => {
  const text = '{"model":"a","\\u006dodel":7,"model":"c"}';
  assert.equal(scan(text), true);
  assert.equal(facts.model, 'c');
  assert.deepEqual(
    facts.earlierModels.map((at) => at - 2),
    [9, 12, 26, 27],
  );
  assert.equal(scan('{"model":"a"}'), true);
  assert.equal(facts.earlierModels.length, 0);
});

test('a name served from the cache is the name that was sent', () => {
  const names = fc.array(
    fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'o1', 'ab', 'ba', 'aé', 'é', '\ufffd', 'a\\', '"', 'x'.repeat(64)),
  );
  fc.assert(
    fc.property(names, (sent) => {
      for (const model of sent) {
        assert.equal(scan(JSON.stringify({ model })), true);
        assert.equal(facts.model, model);
      }
    }),
    { seed: 14, numRuns: 300 },
  );
});

test('bytes that are no UTF-8 never hit a cached name', () => {
  const bytes = Buffer.from('{"model":"a\xff"}', 'latin1');
  for (let i = 0; i < 2; i++) {
    assert.equal(scanRequestFacts(bytes, 0, bytes.length, facts), true);
    assert.equal(facts.model, 'a\ufffd');
  }
});

test('nesting is bounded, the outermost object included', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  assert.equal(scan(nested(MAX_DEPTH)), true);
  assert.equal(scan(nested(MAX_DEPTH + 1)), false);
});
