// Which text of requests and answers is counted, on every wire; and the estimates where there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { framedTokens, textParts, tokensBySize, tokensRelayed } from './estimate-text.ts';
import { countTokens, encodingOf } from './tokenizer.ts';

test('the text of requests and answers, whatever their wire', () => {
  for (const [body, text, messages] of [
    [
      {
        model: 'm',
        messages: [
          { role: 'user', content: 'one' },
          { role: 'user', content: [{ type: 'text', text: 'two' }] },
        ],
      },
      'one\ntwo',
      2,
    ],
    [{ system: 'be kind', messages: [{ content: 'hi' }] }, 'be kind\nhi', 1],
    [{ contents: [{ parts: [{ text: 'a' }, { inlineData: { data: 'AAAA' } }] }] }, 'a', 1],
    [{ input: ['x', 'y'] }, 'x\ny', 2],
    [{ instructions: 'i', input: 'j' }, 'i\nj', 0],
    [
      { choices: [{ message: { content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] } }] },
      'f\n{}',
      0,
    ],
    [{ messages: [{ content: [{ image_url: { url: 'data:image/png;base64,AA' } }, { text: 'data:x' }] }] }, '', 1],
  ] as const)
    assert.deepEqual(textParts(JSON.stringify(body)), { text, messages });
});

test('what is no JSON object has no text; depth and any JSON are borne', () => {
  for (const body of ['', 'x', 'null', '7', '"content"', '[]'])
    assert.deepEqual(textParts(body), { text: '', messages: 0 });
  assert.equal(textParts(`${'{"content":'.repeat(5000)}"x"${'}'.repeat(5000)}`).text, '');
  fc.assert(
    fc.property(fc.json(), (body) => {
      const { text, messages } = textParts(body);
      assert.ok(typeof text === 'string' && messages >= 0);
    }),
    { seed: 3 },
  );
});

test('estimates by size, by events and by frame', () => {
  assert.deepEqual([tokensBySize(-5), tokensBySize(0), tokensBySize(1), tokensBySize(8)], [0, 0, 1, 2]);
  assert.equal(tokensRelayed({ provider: 'openai', events: 11, bytes: 9999 }), 10);
  assert.equal(tokensRelayed({ provider: 'openai', events: 0, bytes: 0 }), 0);
  assert.equal(tokensRelayed({ provider: 'anthropic', events: 10, bytes: 1130 + 400 }), 100);
  assert.deepEqual([framedTokens(8, 0), framedTokens(8, 1), framedTokens(8, 3)], [8, 14, 20]);
});

test('the tokenizer counts as OpenAI does, special tokens as text', async () => {
  for (const model of ['gpt-4-0613', 'gpt-4', 'gpt-3.5-turbo', 'openai/gpt-4', 'text-embedding-3-small'])
    assert.equal(encodingOf(model), 'cl100k_base', model);
  for (const model of ['gpt-4o', 'gpt-4.1', 'gpt-4o-mini', 'gpt-5', 'claude-sonnet-4-5', 'llama'])
    assert.equal(encodingOf(model), 'o200k_base', model);
  assert.equal(await countTokens('hello world', 'gpt-4o'), 2);
  assert.equal(await countTokens('', 'gpt-4o'), 0);
  assert.ok((await countTokens('<|endoftext|>', 'gpt-4o')) > 1);
  assert.equal(await countTokens('hello world', 'gpt-4'), 2);
});
