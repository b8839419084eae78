// Mistral: its own word for the seed, no stream_options.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAT_REQUEST, testProvider } from '../provider.contract.ts';
import { mistral } from './mistral.ts';

testProvider(mistral);

function encoded(request: Partial<typeof CHAT_REQUEST>) {
  const target = mistral.compile({}).translation({ operation: 'responses', model: 'm', stream: false });
  assert.equal(target?.codec.kind, 'chat');
  return target?.codec.kind === 'chat' ? target.codec.codec.encodeRequest({ ...CHAT_REQUEST, ...request }) : {};
}

test('is asked in its own words', () => {
  const body = encoded({ stream: true, parameters: { seed: 7, maxOutputTokens: 9 } });
  assert.equal(body.random_seed, 7);
  assert.equal(body.max_tokens, 9);
  assert.equal(body.seed, undefined);
  assert.equal(body.stream_options, undefined);
  assert.equal(body.stream, true);
});

test('goes on from an assistant message that stands last', () => {
  const messages = [
    ...CHAT_REQUEST.messages,
    { role: 'assistant', content: [{ type: 'text', text: 'Well,' }] },
  ] as const;
  assert.deepEqual(encoded({ messages }).messages, [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'Well,', prefix: true },
  ]);
});

test('settings of a deployment win over what is known of it', () => {
  const adapter = mistral.compile({ stream_options: true });
  assert.equal(adapter.acceptsStreamOptions, true);
  assert.equal(mistral.compile({}).acceptsStreamOptions, false);
});
