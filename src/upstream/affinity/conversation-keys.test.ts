// A longer conversation finds its shorter self, in every format, wherever clients put their cache marks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConversationKeys } from './conversation-keys.ts';

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });

function read(body: object | string, scope = 'm'): ConversationKeys {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const keys = new ConversationKeys();
  keys.read(bytes, { start: 0, end: bytes.length }, scope);
  return keys;
}

/** Whether `later` goes back to where `earlier` went. */
function finds(later: ConversationKeys, earlier: ConversationKeys): boolean {
  const kept = new Set(earlier.kept().map(({ first, second }) => `${first} ${second}`));
  return later.longest((first, second) => (kept.has(`${first} ${second}`) ? 1 : 0)) === 1;
}

const TURN = [user('hello')];
const NEXT = [...TURN, assistant('hi'), user('and now?')];

test('the next turn finds the one before', () => {
  assert.ok(finds(read({ messages: NEXT }), read({ messages: TURN })));
  assert.equal(read({ messages: TURN }).hasAnswer, false);
  assert.equal(read({ messages: NEXT }).hasAnswer, true);
});

const OTHERS: readonly (readonly [title: string, body: object])[] = [
  ['another question', { messages: [user('hello!')] }],
  ['another system prompt', { messages: [{ role: 'system', content: 'x' }, ...TURN] }],
  ["Anthropic's system", { system: 'x', messages: TURN }],
  ['tools', { tools: [{ type: 'function' }], messages: TURN }],
];

for (const [title, body] of OTHERS)
  test(`is not that of another: ${title}`, () => {
    assert.ok(!finds(read({ messages: NEXT }), read(body)));
  });

test('another model has another cache', () => {
  assert.ok(!finds(read({ messages: NEXT }, 'other'), read({ messages: TURN })));
});

test('the order of members does not matter, nor what else is asked', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];
  const later = read({ temperature: 1, messages: NEXT, tools, system: 's' });
  assert.ok(finds(later, read({ system: 's', tools, stream: true, messages: TURN })));
});

test('contents of Gemini, input of the Responses API', () => {
  const contents = [{ role: 'user', parts: [{ text: 'a' }] }];
  const later = [...contents, { role: 'model', parts: [{ text: 'b' }] }, { role: 'user', parts: [{ text: 'c' }] }];
  assert.ok(finds(read({ contents: later }), read({ contents })));
  assert.ok(read({ contents: later }).hasAnswer);
  const call = { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' };
  const input = [user('a'), call, { type: 'function_call_output', call_id: 'a', output: 'b' }];
  assert.ok(finds(read({ instructions: 'i', input }), read({ instructions: 'i', input: [user('a')] })));
  assert.ok(read({ input }).hasAnswer);
  assert.equal(read({ input: 'a' }).count, 1);
});

const MARK = { cache_control: { type: 'ephemeral' } };

test('cache marks that wander to the newest message change nothing', () => {
  const marked = (text: string, first: boolean) =>
    user([first ? { ...MARK, type: 'text', text } : { type: 'text', text, ...MARK }]);
  const plain = (text: string) => user([{ type: 'text', text }]);
  for (const first of [true, false]) {
    const before = read({ messages: [marked('hello', first)] });
    assert.ok(finds(read({ messages: [plain('hello'), assistant('hi'), marked('more', first)] }), before));
  }
  const alone = read({ messages: [user([MARK])] });
  assert.ok(finds(read({ messages: [user([{}]), assistant('a')] }), alone));
});

test('text that looks like a mark is text', () => {
  const said = (text: string) => read({ messages: [user(text), assistant('x')] });
  assert.ok(!finds(said('{"cache_control":1}'), said('{}')));
  assert.ok(finds(said('{"cache_control":1}'), said('{"cache_control":1}')));
});

test('conversations that part after a while find what they have in common', () => {
  const common = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0 ? user(`q${index}`) : assistant(`a${index}`),
  );
  const one = read({ messages: [...common, user('left')] });
  const other = read({ messages: [...common, user('right')] });
  assert.ok(finds(other, one));
  assert.ok(one.kept().length <= 12);
});

test('a long agent run adds dozens of messages between two turns at most', () => {
  const steps = Array.from({ length: 60 }, (_, index) =>
    index % 2 === 0 ? assistant(`a${index}`) : user(`r${index}`),
  );
  assert.ok(finds(read({ messages: [...TURN, ...steps] }), read({ messages: TURN })));
  assert.equal(read({ messages: [...TURN, ...steps, ...steps, ...steps] }).count, 181);
});

test('long messages are told apart by their ends', () => {
  const long = 'x'.repeat(100_000);
  const said = (text: string) => read({ messages: [user(text), assistant('x')] });
  assert.ok(finds(said(long), said(long)));
  assert.ok(!finds(said(long), said(`${long}y`)));
  assert.ok(!finds(said(`y${long}`), said(`z${long}`)));
});

test('what is no conversation has no keys, and nothing makes it throw', () => {
  for (const body of [
    '',
    '[]',
    '{',
    '{"messages":',
    '{"messages":[',
    '{"messages":7}',
    '{"messages":[]}',
    '{"prompt":"x"}',
  ])
    assert.equal(read(body).count, 0, body);
  assert.equal(read('{"messages":[1,null,"x",[],{}]}').count, 5);
  const value = fc.jsonValue();
  const body = fc.record(
    { messages: fc.oneof(value, fc.array(value)), tools: value, system: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(body, fc.nat(), (document, cut) => {
      const text = JSON.stringify(document);
      read(text);
      read(text.slice(0, cut % (text.length + 1)));
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('every conversation finds each of its beginnings that was asked, marks or none', () => {
  const block = fc.record({ type: fc.constant('text'), text: fc.string() });
  const message = fc.tuple(fc.boolean(), fc.array(block, { minLength: 1, maxLength: 3 }));
  const property = fc.property(
    fc.array(message, { minLength: 2, maxLength: 40 }),
    fc.nat(),
    fc.nat(),
    (drawn, cut, at) => {
      const messages = drawn.map(([isUser, content]) => (isUser ? user(content) : assistant(content)));
      const shorter = messages.slice(0, 1 + (cut % (messages.length - 1)));
      const marked = shorter.map(({ role, content }, index) =>
        index === at % shorter.length
          ? { role, content: (content as object[]).map((each) => ({ ...each, ...MARK })) }
          : { role, content },
      );
      assert.ok(finds(read({ messages }), read({ messages: marked })));
    },
  );
  fc.assert(property, { seed: 12, numRuns: 200 });
});
