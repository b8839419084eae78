// Text completions over HTTP.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, send } from '../testing/send.ts';

test('completions: prompts, echo, stream with usage', async () => {
  const simulator = await open();
  const json = { model: 'm', prompt: ['abcd', [1, 2, 3]], echo: true, max_tokens: 2 };
  const whole = (await send(simulator, '/v1/completions', { json })).json;
  assert.deepEqual(
    whole.choices.map(({ text }) => text),
    ['abcdYou said', 'tokens 1 2 3You said'],
  );
  assert.deepEqual([whole.usage.prompt_tokens, whole.usage.completion_tokens], [4, 4]);
  const options = { stream: true, stream_options: { include_usage: true } };
  const { events, text } = await send(simulator, '/v1/completions', { json: { ...json, ...options } });
  assert.deepEqual(events.at(-1)?.usage, whole.usage);
  assert.ok(text.endsWith('data: [DONE]\n\n'));
  assert.equal((await send(simulator, '/v1/completions', { json: { model: 'm' } })).status, 400);
});
