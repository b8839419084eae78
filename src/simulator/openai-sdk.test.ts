// OpenAI's own client against the simulator: what it reads without complaint is what its users will read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import OpenAI from 'openai';
import { startSimulator } from './simulator.ts';

const simulator = await startSimulator({ port: 0, requireKey: 'test-key' });
after(() => simulator.close());
const client = new OpenAI({ apiKey: 'test-key', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hello' }] as const;

test('chat: whole and by the stream helper', async () => {
  const whole = await client.chat.completions.create({ model: 'gpt-4o', messages: [...messages] });
  const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [...messages] });
  assert.equal(await stream.finalContent(), whole.choices[0].message.content);
});

test('chat: a streamed tool call is put together', async () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  const stream = client.chat.completions.stream({
    model: 'gpt-4o',
    messages: [...messages],
    tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    tool_choice: 'required',
  });
  assert.equal((await stream.finalFunctionToolCall())?.arguments, '{"city":"Hello"}');
});

test('responses: whole, streamed, retrieved', async () => {
  const response = await client.responses.create({ model: 'gpt-4o', input: 'Hello' });
  assert.match(response.output_text, /^You said: Hello/);
  assert.equal((await client.responses.retrieve(response.id)).id, response.id);
  const streamed = await client.responses.stream({ model: 'gpt-4o', input: 'Hello' }).finalResponse();
  assert.equal(streamed.output_text, response.output_text);
});

test('embeddings (base64 behind the scenes), models, completions', async () => {
  const { data } = await client.embeddings.create({ model: 'e', input: ['a', 'b'], dimensions: 4 });
  const floats = await client.embeddings.create({ model: 'e', input: 'a', dimensions: 4, encoding_format: 'float' });
  assert.deepEqual(data[0].embedding, floats.data[0].embedding);
  const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
  assert.ok(ids.includes('simulator'));
  const completion = await client.completions.create({ model: 'm', prompt: 'Hi', max_tokens: 2 });
  assert.equal(completion.choices[0].text, 'You said');
});

test('errors have the classes that programs catch', async () => {
  const ask = (model: string): Promise<unknown> => client.chat.completions.create({ model, messages: [...messages] });
  await assert.rejects(ask('sim-429'), OpenAI.RateLimitError);
  await assert.rejects(ask('sim-status-503'), OpenAI.InternalServerError);
  await assert.rejects(ask('sim-context-window'), { status: 400, code: 'context_length_exceeded' });
  await assert.rejects(ask('sim-reset-before-headers'), OpenAI.APIConnectionError);
  const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  const stream = await client.chat.completions.create({
    model: 'sim-error-in-stream-1',
    messages: [...messages],
    stream: true,
  });
  await assert.rejects(Array.fromAsync(stream), OpenAI.APIError);
});
