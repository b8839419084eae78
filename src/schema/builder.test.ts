// What the schema builder accepts and how it words what is wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Infer, s } from './builder.ts';

const schema = s.object({
  maxBytes: s.bytes('Largest body.'),
  mode: s.withDefault(s.choice(['fast', 'slow'], 'How.'), 'fast'),
  waitMs: s.optional(s.duration('Wait.')),
  target: s.optional(
    s.union(
      [s.string('Name.'), s.object({ url: s.url('Where.'), weight: s.optional(s.integer('Share.', { min: 0 })) })],
      'T.',
    ),
  ),
  pattern: s.optional(s.regex('Pattern.')),
  blocks: s.optional(s.array(s.cidr('Block.'), 'Blocks.')),
});

function problems(value: unknown): string[] {
  const parsed = schema.parse(value);
  if (parsed.ok) return [];
  return parsed.problems.map(({ path, code, message, mend }) => `${path.join('.')} ${code} ${message}|${mend ?? ''}`);
}

test('gives typed values with defaults applied and left-out keys absent', () => {
  const parsed = schema.parse({ maxBytes: '10MB', waitMs: '1m30s' });
  assert.ok(parsed.ok);
  const value: Infer<typeof schema> = parsed.value;
  assert.deepEqual(value, { maxBytes: 10_000_000, mode: 'fast', waitMs: 90_000 });
  assert.deepEqual(schema.parse(value), parsed);
});

test('names the unknown key, its place and the nearest valid one', () => {
  assert.deepEqual(problems({ maxBytes: 1, mod: 'x' }), [
    'mod config.unknown-key unknown key "mod"|did you mean "mode"?',
  ]);
  assert.deepEqual(problems({ maxBytes: 1, target: { url: 'http://a', wieght: 1 } }), [
    'target.wieght config.unknown-key unknown key "wieght"|did you mean "weight"?',
  ]);
});

test('tells missing, mistyped and wrong values apart, without repeating a value', () => {
  assert.deepEqual(problems({}), [
    'maxBytes config.missing-key "maxBytes" is required: expected a size such as 64KB, 10MB or 1GiB|',
  ]);
  assert.deepEqual(problems({ maxBytes: true }), [
    'maxBytes config.wrong-type expected a size such as 64KB, 10MB or 1GiB, found true or false|',
  ]);
  assert.deepEqual(problems({ maxBytes: 'sk-secret', mode: 'fst', pattern: '(' }), [
    'maxBytes config.wrong-value expected a size such as 64KB, 10MB or 1GiB|',
    'mode config.wrong-value not an accepted value; accepted: fast, slow|did you mean "fast"?',
    'pattern config.wrong-value expected a valid regular expression|',
  ]);
  assert.deepEqual(problems({ maxBytes: 1, target: 5, blocks: ['1.2.3.4/33'] }), [
    'target config.wrong-type expected text or a map, found a number|',
    'blocks.0 config.wrong-value expected an IP address or a block such as 10.0.0.0/8|',
  ]);
});

test('the JSON Schema describes the input, not the result', () => {
  const json = schema.jsonSchema as {
    properties: Record<string, { description: string; anyOf?: object[] }>;
    required: string[];
  };
  assert.deepEqual(json.required, ['maxBytes']);
  assert.equal(json.properties.maxBytes.description, 'Largest body.');
  assert.equal(json.properties.maxBytes.anyOf?.length, 2);
  assert.match(JSON.stringify(json), /"additionalProperties":false/);
});
