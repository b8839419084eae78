// Tokens of a request counted before it is asked: by the provider where it can, else by the gateway, which says that it did.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { FILE_TOKENS, IMAGE_TOKENS } from '../../src/llm/count-request.ts';
import { countTokens } from '../../src/llm/tokenizer.ts';
import { CLIENT_KEY, FILE_SCOPE, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';
import { startPlainServer } from '../support/plain-server.ts';
import { runSwitchyard } from './support/gateway.ts';

const SAYING = "The provided model doesn't support counting tokens.";
const silent = await startPlainServer(FILE_SCOPE, (request, response) => {
  request.resume().on('end', () => {
    const [status, body] = answerOf(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
});

function answerOf(url: string): readonly [number, string] {
  if (url.includes('no-count')) return [400, JSON.stringify({ message: SAYING })];
  if (url.includes('wrong')) return [400, JSON.stringify({ message: 'The input is too long.' })];
  return [404, JSON.stringify({ type: 'error', error: { type: 'not_found_error', message: 'model: nobody' } })];
}

function config(url: string, rest: object = {}): object {
  const backends = {
    openai: { provider: 'openai', base_url: `${url}/v1`, api_key: PROVIDER_KEY },
    anthropic: { provider: 'anthropic', base_url: url, api_key: PROVIDER_KEY },
    bedrock: { provider: 'bedrock', base_url: silent.url, api_key: 'k', options: { region: 'us-east-1' } },
    unknown: { provider: 'anthropic', base_url: silent.url, api_key: 'k' },
    azure: { provider: 'azure', base_url: url, api_key: 'k' },
  };
  const routes = Object.keys(backends).map((name) => ({
    name,
    match: { path: '/*', headers: { 'x-to': name } },
    backend: name,
  }));
  return { backends, routes, ...rest };
}

const ai = await startAiGateway(FILE_SCOPE, { config });
const TEXT = 'Good morning to all of you';
const MESSAGES = '/v1/messages/count_tokens';
const GEMINI = '/v1beta/models/gemini-2.5-flash:countTokens';

function anthropicTo(to: string): Anthropic {
  const defaultHeaders = { 'x-to': to };
  return new Anthropic({ apiKey: CLIENT_KEY, baseURL: ai.gateway.url, maxRetries: 0, defaultHeaders });
}

/** What OpenAI's rule adds for one message and the start of the answer. */
const FRAME = 6;

test('a provider that cannot count: the gateway does, for each of the official clients, and says so', async () => {
  const text = (await countTokens(TEXT, 'gpt-4o')) + FRAME;
  for (const to of ['openai', 'azure']) {
    const headers = { 'x-request-id': `count-${to}` };
    const ask = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: TEXT }] };
    const { data, response } = await anthropicTo(to).messages.countTokens(ask, { headers }).withResponse();
    assert.equal(data.input_tokens, text);
    assert.equal(response.headers.get('x-switchyard-estimated'), 'true');
    const { gen_ai: record, attempts } = await ai.line(`count-${to}`);
    assert.equal(record?.operation.name, 'count-tokens');
    assert.equal((record?.usage as { readonly estimated?: boolean } | undefined)?.estimated, true);
    assert.deepEqual(attempts, []);
    const httpOptions = { baseUrl: ai.gateway.url, headers: { 'x-to': to } };
    const google = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions });
    const counted = await google.models.countTokens({ model: 'gemini-2.5-flash', contents: TEXT });
    assert.equal(counted.totalTokens, text);
  }
});

test('system, tools, calls and results count by their text, images and files by constants', async () => {
  const client = anthropicTo('openai');
  const count = async (rest: object): Promise<number> => {
    const ask = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: TEXT }], ...rest };
    return (await client.messages.countTokens(ask)).input_tokens;
  };
  const plain = await count({});
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  assert.ok((await count({ system: 'Be brief, please.' })) >= plain + 4);
  assert.ok(
    (await count({ tools: [{ name: 'weather', description: 'Of a city', input_schema: schema }] })) > plain + 10,
  );
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'x'.repeat(100_000) } };
  const file = {
    type: 'document',
    source: { type: 'base64', media_type: 'application/pdf', data: 'x'.repeat(100_000) },
  };
  const withMedia = (part: object): object => ({
    messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }, part] }],
  });
  assert.equal(await count(withMedia(image)), plain + IMAGE_TOKENS);
  assert.equal(await count(withMedia(file)), plain + FILE_TOKENS);
  const use = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Oslo' } }],
  };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'Rain, as so often' }] };
  const turns = { messages: [{ role: 'user', content: TEXT }, use, result] };
  assert.ok((await count(turns)) >= plain + 12);
});

test('long texts count by their beginning', async () => {
  const content = 'word '.repeat(200_000);
  const { input_tokens } = await anthropicTo('openai').messages.countTokens({
    model: 'gpt-4o',
    messages: [{ role: 'user', content }],
  });
  assert.ok(Math.abs(input_tokens - 200_000) < 2000, String(input_tokens));
});

test('a provider that can count is asked', async () => {
  const ask = { model: 'claude-opus-5', messages: [{ role: 'user' as const, content: TEXT }] };
  const { response } = await anthropicTo('anthropic').messages.countTokens(ask).withResponse();
  assert.equal(response.headers.get('x-switchyard-estimated'), null);
  const google = await ai.post(GEMINI, JSON.stringify({ contents: [{ role: 'user', parts: [{ text: TEXT }] }] }), {
    'x-to': 'anthropic',
  });
  assert.equal(google.status, 200);
  assert.equal(google.headers.get('x-switchyard-estimated'), null);
  assert.ok(((await google.json()) as { readonly totalTokens: number }).totalTokens > 0);
});

test('Bedrock counts for some models: for the others the gateway does; other refusals pass in the client’s words', async () => {
  const client = anthropicTo('bedrock');
  const ask = (model: string) => client.messages.countTokens({ model, messages: [{ role: 'user', content: TEXT }] });
  const { data, response } = await ask('amazon.no-count-v1:0').withResponse();
  assert.equal(data.input_tokens, (await countTokens(TEXT, '')) + FRAME);
  assert.equal(response.headers.get('x-switchyard-estimated'), 'true');
  await assert.rejects(ask('amazon.wrong-v1:0'), (error: unknown) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.match(error.message, /too long/);
    return true;
  });
  await assert.rejects(
    anthropicTo('unknown').messages.countTokens({ model: 'nobody', messages: [{ role: 'user', content: TEXT }] }),
    Anthropic.NotFoundError,
  );
});

test('a request that is not one is an error, not a count', async () => {
  for (const body of ['{"model":"gpt-4o"}', '{"model":"gpt-4o","messages":7}']) {
    const answer = await ai.post(MESSAGES, body, { 'x-to': 'openai' });
    assert.equal(answer.status, 400, body);
    const { error } = (await answer.json()) as { readonly error: { readonly type: string; readonly message: string } };
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.message, /messages/);
  }
});

test('without estimates there is no count, and the error says why', async (context) => {
  const off = await startAiGateway(context, { config: (url) => config(url, { usage: { estimate: false } }) });
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }] });
  const answer = await off.post(MESSAGES, body, { 'x-to': 'openai', 'x-request-id': 'off-1' });
  assert.equal(answer.status, 404);
  const { error } = (await answer.json()) as { readonly error: { readonly type: string; readonly message: string } };
  assert.equal(error.type, 'not_found_error');
  assert.match(error.message, /openai does not offer count-tokens.*usage\.estimate/);
  assert.equal((await off.line('off-1')).error?.code, 'operation.not-supported');
});

test('the decision is explained as it is made', async () => {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }] });
  const file = join(ai.gateway.folder, 'gateway.yaml');
  const explain = (to: string) =>
    runSwitchyard(['explain', file, MESSAGES, '-X', 'POST', '-H', `x-to: ${to}`, '-d', body, '--json']);
  const counted = JSON.parse((await explain('openai')).stdout) as {
    readonly result: Readonly<Record<string, unknown>>;
  };
  assert.equal(counted.result.kind, 'reply');
  assert.equal(counted.result.status, 200);
  assert.match(String(counted.result.because), /openai does not count tokens/);
  const asked = JSON.parse((await explain('anthropic')).stdout) as typeof counted;
  assert.equal(asked.result.kind, 'forward');
});
