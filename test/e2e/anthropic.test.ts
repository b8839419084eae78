// Anthropic's own client through the gateway to Anthropic's API: bytes, version and credential as they are meant, usage read on the
// way, and ends that tell the truth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { aiConfig, CLIENT_KEY, FILE_SCOPE, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';

const ai = await startAiGateway(FILE_SCOPE, {
  simulator: { revealCredentials: true },
  config: (url) => {
    const backends = {
      ai: { provider: 'anthropic', base_url: url, api_key: PROVIDER_KEY, options: { beta: ['files-api-2025-04-14'] } },
    };
    return { ...aiConfig(url), backends, routes: [{ name: 'ai', match: { path: '/v1/*' }, backend: 'ai' }] };
  },
});
const client = new Anthropic({ apiKey: CLIENT_KEY, baseURL: ai.gateway.url, maxRetries: 0 });
const ASK = { model: 'claude-opus-5', max_tokens: 500, messages: [{ role: 'user' as const, content: 'Good morning' }] };

test('a stream passes as it is, and its usage is in the log, cache counts included', async () => {
  const system = [
    { type: 'text' as const, text: 'Be brief. '.repeat(40), cache_control: { type: 'ephemeral' as const } },
  ];
  const headers = { 'x-request-id': 'stream-1' };
  const message = await client.messages.stream({ ...ASK, system }, { headers }).finalMessage();
  assert.equal(message.stop_reason, 'end_turn');
  const { usage } = await ai.line('stream-1').then(({ gen_ai: record }) => record ?? assert.fail());
  const { input_tokens: plain, cache_creation_input_tokens: written, cache_read_input_tokens: read } = message.usage;
  assert.ok((written ?? 0) > 0);
  assert.equal(usage.input_tokens, plain + (written ?? 0) + (read ?? 0));
  assert.equal(usage.output_tokens, message.usage.output_tokens);
});

test('a whole answer passes as it is, and its usage is in the log', async () => {
  const message = await client.messages.create(ASK, { headers: { 'x-request-id': 'whole-1' } });
  const { gen_ai: record } = await ai.line('whole-1');
  assert.equal(record?.usage.input_tokens, message.usage.input_tokens);
  assert.equal(record?.usage.output_tokens, message.usage.output_tokens);
  assert.equal(record?.response.model, message.model);
});

test('the client’s version travels, the key is ours, and of its beta list what is allowed', async () => {
  await client.beta.messages.create({ ...ASK, betas: ['files-api-2025-04-14', 'context-1m-2025-08-07'] });
  const { headers } = ai.last();
  assert.match(headers['anthropic-version'] ?? '', /^\d{4}-\d\d-\d\d$/);
  assert.equal(headers['anthropic-beta'], 'files-api-2025-04-14');
  assert.equal(headers['x-api-key'], PROVIDER_KEY);
  assert.equal(headers.authorization, undefined);
});

test('a client that names no version gets the usual one, and its query travels', async () => {
  const answer = await ai.post('/v1/messages?beta=true', JSON.stringify(ASK));
  assert.equal(answer.status, 200);
  assert.equal(ai.last().url, '/v1/messages?beta=true');
  assert.equal(ai.last().headers['anthropic-version'], '2023-06-01');
});

test('tokens are counted, and models listed, by the provider', async () => {
  const { max_tokens: _, ...count } = ASK;
  assert.ok((await client.messages.countTokens(count)).input_tokens > 0);
  const models = await Array.fromAsync(client.models.list());
  assert.ok(models.every(({ type }) => type === 'model'));
});

test('errors of the gateway are of this API', async () => {
  await assert.rejects(client.messages.create({ ...ASK, model: '' }), (error: Error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.errorCode, 'request.model-missing');
    return true;
  });
});

test('a stream that breaks throws, one that only lacks its last event is whole', async () => {
  for (const model of ['sim-cut-3', 'sim-error-in-stream-3', 'sim-empty-stream'])
    await assert.rejects(client.messages.stream({ ...ASK, model }).finalMessage(), Anthropic.APIError, model);
  const whole = await client.messages.stream({ ...ASK, model: 'sim-no-done' }).finalMessage();
  assert.equal(whole.stop_reason, 'end_turn');
});
