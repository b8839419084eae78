// OpenAI's own client for Azure against the simulator, in both of Azure's path styles.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import OpenAI, { AzureOpenAI } from 'openai';
import { startSimulator } from '../../simulator.ts';

const simulator = await startSimulator({ port: 0, requireKey: 'test-key' });
after(() => simulator.close());
const version = { apiVersion: '2024-10-21' };
const client = new AzureOpenAI({ apiKey: 'test-key', endpoint: simulator.url, ...version, maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'Hello' }];

test('a deployment answers as OpenAI does, with the findings of the content filter', async () => {
  const whole = await client.chat.completions.create({ model: 'my-gpt', messages });
  assert.match(whole.choices[0].message.content ?? '', /^You said: Hello\n/);
  assert.equal(whole.model, 'my-gpt');
  assert.ok('content_filter_results' in whole.choices[0]);
  const [received] = simulator.received();
  assert.equal(received.url, '/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21');
  const stream = await client.chat.completions.create({ model: 'my-gpt', messages, stream: true });
  const [first, ...chunks] = await Array.fromAsync(stream);
  assert.deepEqual(first.choices, []);
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  assert.equal(text, whole.choices[0].message.content);
  const { data } = await client.embeddings.create({ model: 'e', input: 'a', dimensions: 4 });
  assert.equal(data[0].embedding.length, 4);
});

test('the newer path needs neither a deployment nor a version', async () => {
  const newer = new OpenAI({ apiKey: 'test-key', baseURL: `${simulator.url}/openai/v1`, maxRetries: 0 });
  const answer = await newer.chat.completions.create({ model: 'my-gpt', messages });
  assert.ok('prompt_filter_results' in answer);
  assert.match((await newer.responses.create({ model: 'my-gpt', input: 'Hello' })).output_text, /^You said: Hello/);
});

test('errors are told as Azure tells them', async () => {
  const by = (model: string): Promise<unknown> => client.chat.completions.create({ model, messages });
  await assert.rejects(by('sim-content-policy'), { status: 400, code: 'content_filter' });
  await assert.rejects(by('sim-status-404'), { status: 404, code: 'DeploymentNotFound' });
  await assert.rejects(by('sim-429-3s'), { status: 429, code: '429' });
  const stranger = new AzureOpenAI({ apiKey: 'wrong', endpoint: simulator.url, ...version, maxRetries: 0 });
  await assert.rejects(stranger.chat.completions.create({ model: 'm', messages }), OpenAI.AuthenticationError);
  const headers = { 'api-key': 'test-key' };
  const body = JSON.stringify({ messages });
  const versionless = await fetch(`${simulator.url}/openai/deployments/m/chat/completions`, {
    method: 'POST',
    headers,
    body,
  });
  assert.equal(versionless.status, 404);
});
