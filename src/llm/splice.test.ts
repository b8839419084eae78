// Splicing against the obvious: parse, change the members, compare; and byte by byte everything else unchanged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RequestFacts, scanRequestFacts } from './request-facts.ts';
import {
  addsUsage,
  createRequestChange,
  planSplice,
  type RequestChange,
  spliceBuffer,
  spliceLatin1,
} from './splice.ts';

const facts = new RequestFacts();

function splice(text: string, change: RequestChange): string {
  const bytes = Buffer.from(`[${text}]`);
  const end = bytes.length - 1;
  assert.equal(scanRequestFacts(bytes, 1, end, facts), true, text);
  const edits = planSplice(bytes, facts, change);
  const asBuffer = spliceBuffer(bytes, 1, end, edits);
  assert.deepEqual(Buffer.from(spliceLatin1(bytes, 1, end, edits), 'latin1'), asBuffer);
  return asBuffer.toString();
}

const rename = createRequestChange({ model: 'b', asksUsage: false });
const ask = createRequestChange({ asksUsage: true });
const both = createRequestChange({ model: 'b"é\u{1f600}', asksUsage: true });

test('replaces the model and nothing else', () => {
  assert.equal(
    splice('{"n": 1.0,"model" : "a" ,"seed":12345678901234567890}', rename),
    '{"n": 1.0,"model" : "b" ,"seed":12345678901234567890}',
  );
  assert.equal(splice('{"model":null}', rename), '{"model":"b"}');
  assert.equal(splice('{}', rename), '{"model":"b"}');
  assert.equal(splice('{"n":1 }', rename), '{"n":1 ,"model":"b"}');
});

test('leaves the bytes alone when nothing changes', () => {
  const text = '{ "model" : "b", "stream": false }';
  assert.equal(splice(text, rename), text);
  assert.equal(splice(text, ask), text);
  assert.equal(planSplice(Buffer.from(text), facts, ask).length, 0);
});

test('asks for usage in whatever way the client wrote its options', () => {
  const cases = [
    ['{"stream":true}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream":true,"stream_options":null}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream":true,"stream_options":{ }}', '{"stream":true,"stream_options":{"include_usage":true }}'],
    ['{"stream_options":{"x":1},"stream":true}', '{"stream_options":{"include_usage":true,"x":1},"stream":true}'],
    [
      '{"stream_options":{"include_usage":false},"stream":true}',
      '{"stream_options":{"include_usage":true},"stream":true}',
    ],
    [
      '{"stream_options":{"include_usage":true},"stream":true}',
      '{"stream_options":{"include_usage":true},"stream":true}',
    ],
    ['{"stream_options":"no","stream":true}', '{"stream_options":"no","stream":true}'],
    ['{"stream":1}', '{"stream":1}'],
  ];
  for (const [before, after] of cases) assert.equal(splice(before, ask), after);
});

test('says whether it adds usage, so that it can be hidden', () => {
  for (const [text, expected] of [
    ['{"stream":true}', true],
    ['{"stream":true,"stream_options":{"include_usage":true}}', false],
    ['{"stream":true,"stream_options":"no"}', false],
    ['{"stream":false}', false],
  ] as const) {
    const bytes = Buffer.from(text);
    scanRequestFacts(bytes, 0, bytes.length, facts);
    assert.equal(addsUsage(bytes, facts, ask), expected, text);
    assert.equal(addsUsage(bytes, facts, rename), false);
  }
});

test('a repeated model names one model everywhere, asked to change it or not', () => {
  assert.equal(splice('{"model":"x","model":"é"}', ask), '{"model":"é","model":"é"}');
  assert.equal(splice('{"model":7,"n":1,"model":"a"}', rename), '{"model":"b","n":1,"model":"b"}');
});

const value = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('true', 'false', 'null', '{"include_usage":false,"a":1}', '{}'),
);
const member = fc.tuple(fc.constantFrom('model', 'stream', 'stream_options', 'messages', 'n'), value);

test('changes the effective members and no other', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 6 }), fc.constantFrom(rename, ask, both), (members, change) => {
      const text = `{${members.map(([name, json]) => `"${name}": ${json}`).join(' , ')} }`;
      const expected = JSON.parse(text) as Record<string, unknown>;
      const options = expected.stream_options;
      const isObject = typeof options === 'object' && !Array.isArray(options);
      if (change.model !== undefined) expected.model = change.model;
      if (change.asksUsage && expected.stream === true && (options === undefined || isObject))
        expected.stream_options = { ...options, include_usage: true };
      assert.deepEqual(JSON.parse(splice(text, change)), expected);
    }),
    { seed: 21, numRuns: 3000 },
  );
});
