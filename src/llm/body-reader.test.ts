// Members of bodies as decoders read them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyReader } from './body-reader.ts';

test('null is as good as absent', () => {
  const reader = new BodyReader();
  const body = { a: null };
  for (const key of ['a', 'b']) {
    assert.equal(reader.text(body, key), undefined);
    assert.equal(reader.number(body, key), undefined);
    assert.equal(reader.count(body, key), undefined);
    assert.equal(reader.flag(body, key), undefined);
    assert.equal(reader.object(body, key), undefined);
    assert.equal(reader.list(body, key), undefined);
    assert.equal(reader.objects(body, key), undefined);
    assert.equal(reader.texts(body, key), undefined);
    assert.equal(reader.numbersByName(body, key), undefined);
    assert.equal(reader.textsByName(body, key), undefined);
  }
  assert.equal(reader.problem, undefined);
});

test('gives what is of the kind asked for', () => {
  const reader = new BodyReader();
  const body = { text: '', number: 0.5, count: 3, flag: false, object: { a: 1 }, list: [{ b: 2 }], texts: ['x'] };
  assert.equal(reader.text(body, 'text'), '');
  assert.equal(reader.number(body, 'number'), 0.5);
  assert.equal(reader.count(body, 'count'), 3);
  assert.equal(reader.flag(body, 'flag'), false);
  assert.deepEqual(reader.numbersByName(body, 'object'), { a: 1 });
  assert.deepEqual(reader.objects(body, 'list'), [{ b: 2 }]);
  assert.deepEqual(reader.texts(body, 'texts'), ['x']);
  assert.equal(reader.problem, undefined);
});

for (const [what, read, param, message] of [
  ['text', (reader) => reader.text({ a: 1 }, 'a', 'messages[2]'), 'messages[2].a', 'a string, not a number'],
  ['required', (reader) => reader.requiredText({ a: '' }, 'a'), 'a', 'is required'],
  ['number', (reader) => reader.number({ a: '1' }, 'a'), 'a', 'a number, not a string'],
  ['count', (reader) => reader.count({ a: 1.5 }, 'a'), 'a', 'a whole number, not 1.5'],
  ['negative count', (reader) => reader.count({ a: -1 }, 'a'), 'a', 'a whole number, not -1'],
  ['flag', (reader) => reader.flag({ a: [] }, 'a'), 'a', 'true or false, not a list'],
  ['object', (reader) => reader.object({ a: [] }, 'a'), 'a', 'an object, not a list'],
  ['list', (reader) => reader.list({ a: {} }, 'a'), 'a', 'a list, not an object'],
  ['objects', (reader) => reader.objects({ a: [{}, null] }, 'a'), 'a[1]', 'an object, not null'],
  ['texts', (reader) => reader.texts({ a: ['x', true] }, 'a'), 'a[1]', 'a string, not a boolean'],
  ['numbers', (reader) => reader.numbersByName({ a: { b: 'c' } }, 'a'), 'a.b', 'a number, not a string'],
  ['texts by name', (reader) => reader.textsByName({ a: { b: 1 } }, 'a'), 'a.b', 'a string, not a number'],
] as const satisfies readonly (readonly [string, (reader: BodyReader) => unknown, string, string])[]) {
  test(`says where the wrong member is: ${what}`, () => {
    const reader = new BodyReader();
    read(reader);
    assert.equal(reader.problem?.param, param);
    assert.ok(reader.problem?.message.includes(message), reader.problem?.message);
  });
}

test('the first problem is the one told', () => {
  const reader = new BodyReader();
  reader.text({ a: 1 }, 'a');
  reader.text({ b: 1 }, 'b');
  assert.equal(reader.problem?.param, 'a');
});
