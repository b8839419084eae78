// Providers of OpenAI's wires over real sockets: Azure's two styles of paths, Cohere's two APIs under one address, servers that have
// chat alone, and what follows an operation in the client's path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AiGateway, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';

const VERSION = '2024-10-21';

const ai: AiGateway = await startAiGateway(FILE_SCOPE, {
  config: (url) => {
    const azure = { provider: 'azure', base_url: url, api_key: 'azure-key' };
    const small = { provider: 'openai-compatible', base_url: `${url}/v1`, options: { operations: ['chat'] } };
    return {
      backends: {
        dated: { ...azure, options: { api_version: VERSION, deployments: { 'gpt-4o': 'chat-eu' } } },
        undated: azure,
        cohere: { provider: 'cohere', base_url: url, api_key: 'co-key' },
        chat_alone: small,
        plain: { provider: 'openai-compatible', base_url: `${url}/v1` },
      },
      routes: [
        { name: 'dated', match: { path: '/dated/*' }, backend: 'dated' },
        { name: 'undated', match: { path: '/undated/*' }, backend: 'undated' },
        { name: 'cohere', match: { path: '/cohere/*' }, backend: 'cohere' },
        { name: 'chat-alone', match: { path: '/small/*' }, backend: 'chat_alone' },
        { name: 'plain', match: { path: '/v1/*' }, backend: 'plain' },
      ],
    };
  },
});

const say = (content: string) => [{ role: 'user' as const, content }];
const by = (prefix: string) => ai.client.withOptions({ baseURL: `${ai.gateway.url}/${prefix}/v1` });

test('Azure, dated: the deployment of the model, our version, the key in its own header', async () => {
  const { data, response } = await by('dated')
    .chat.completions.create(
      { model: 'gpt-4o', messages: say('Good morning') },
      { query: { 'api-version': '2020-01-01' } },
    )
    .withResponse();
  assert.equal(response.status, 200);
  assert.ok((data.choices[0].message.content ?? '').length > 0);
  assert.equal(ai.last().url, `/openai/deployments/chat-eu/chat/completions?api-version=${VERSION}`);
  assert.ok('api-key' in ai.last().headers);
  assert.equal(ai.last().headers.authorization, undefined);
});

test('Azure, dated and streamed', async () => {
  const stream = await by('dated').chat.completions.create({ model: 'other', messages: say('Hi'), stream: true });
  const chunks = await Array.fromAsync(stream);
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop');
  assert.equal(ai.last().url, `/openai/deployments/other/chat/completions?api-version=${VERSION}`);
});

test('Azure without dates', async () => {
  await ai.post('/undated/v1/chat/completions', JSON.stringify({ model: 'dep', messages: say('Hi') }));
  assert.equal(ai.last().url, '/openai/v1/chat/completions');
});

test('what follows an operation is kept, behind a prefix of the provider too', async () => {
  await ai.post('/dated/v1/images/generations', JSON.stringify({ model: 'gpt-4o', prompt: 'a cat' }));
  assert.equal(ai.last().url, `/openai/deployments/chat-eu/images/generations?api-version=${VERSION}`);
  await ai.gateway.fetch('/v1/models/accounts/team/models/llama');
  assert.equal(ai.last().url, '/v1/models/accounts/team/models/llama');
});

test('Cohere: chat at the compatibility endpoint, rerank at its own', async () => {
  await ai.post(
    '/cohere/v1/chat/completions',
    JSON.stringify({ model: 'command-a', messages: say('Hi'), stream: true }),
  );
  assert.equal(ai.last().url, '/compatibility/v1/chat/completions');
  assert.ok(!(ai.last().body?.text ?? '').includes('stream_options'), 'it would refuse them');
  await ai.post('/cohere/v1/rerank', JSON.stringify({ model: 'rerank-v3.5', query: 'q', documents: ['a'] }));
  assert.equal(ai.last().url, '/v2/rerank');
});

test('completions of old are asked for as chat where there is nothing else, whole and streamed', async () => {
  const prompt = 'Good morning';
  const whole = await by('small').completions.create({ model: 'm', prompt, max_tokens: 64 });
  assert.equal(whole.object, 'text_completion');
  assert.ok(whole.choices[0].text.includes(prompt));
  assert.ok((whole.usage?.total_tokens ?? 0) > 0);
  const sent = JSON.parse(ai.last().body?.text ?? '') as Record<string, unknown>;
  assert.deepEqual(sent, { model: 'm', messages: say(prompt), max_tokens: 64 });
  const stream = await by('small').completions.create({ model: 'm', prompt, max_tokens: 64, stream: true });
  const chunks = await Array.fromAsync(stream);
  assert.equal(chunks.map(({ choices }) => choices[0].text).join(''), whole.choices[0].text);
  assert.equal(chunks.at(-1)?.choices[0].finish_reason, 'stop');
});

test('several prompts are refused in words that say what to do', async () => {
  const response = await ai.post('/small/v1/completions', JSON.stringify({ model: 'm', prompt: ['a', 'b'] }));
  const { error } = (await response.json()) as { readonly error: { readonly message: string } };
  assert.equal(response.status, 400);
  assert.match(error.message, /ask once for each/);
});
