// Google's official client with only its base URL changed, over real sockets: bytes that pass, and what is told in its words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import { FILE_SCOPE, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';

const CLIENT_KEY = 'AIza-client-5f20';
const ai = await startAiGateway(FILE_SCOPE, {
  simulator: { revealCredentials: true },
  config: (url) => ({
    backends: {
      google: { provider: 'google', base_url: url, api_key: PROVIDER_KEY },
      openai: { provider: 'openai', base_url: `${url}/v1`, api_key: PROVIDER_KEY },
    },
    routes: [
      { name: 'openai', match: { path: '/*', headers: { 'x-to': 'openai' } }, backend: 'openai' },
      { name: 'google', match: { path: '/*' }, backend: 'google' },
    ],
  }),
});

function clientOf(to: string): GoogleGenAI {
  const httpOptions = { baseUrl: ai.gateway.url, headers: { 'x-to': to }, retryOptions: { attempts: 1 } };
  return new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions });
}

const BODY = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Good morning' }] }] });
const MODEL = '/v1beta/models/gemini-2.5-flash';
const SAID = 'You said: Good morning';

for (const to of ['google', 'openai'] as const) {
  const client = clientOf(to);
  const model = 'gemini-2.5-flash';

  test(`${to}: whole, streamed, counted and listed`, async () => {
    const whole = await client.models.generateContent({ model, contents: 'Good morning' });
    assert.ok(whole.text?.startsWith(SAID));
    assert.ok((whole.usageMetadata?.totalTokenCount ?? 0) > 0);
    const chunks = await Array.fromAsync(
      await client.models.generateContentStream({ model, contents: 'Good morning' }),
    );
    assert.equal(chunks.map(({ text }) => text ?? '').join(''), whole.text);
    assert.equal(chunks.at(-1)?.candidates?.[0].finishReason, 'STOP');
    assert.equal(chunks.at(-1)?.usageMetadata?.totalTokenCount, whole.usageMetadata?.totalTokenCount);
    const vectors = await client.models.embedContent({ model: 'text-embedding-3-small', contents: ['a', 'b'] });
    assert.equal(vectors.embeddings?.length, 2);
  });

  test(`${to}: without alt=sse the stream is one array`, async () => {
    const response = await ai.post(`${MODEL}:streamGenerateContent`, BODY, { 'x-to': to });
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    const chunks = (await response.json()) as readonly {
      readonly candidates: readonly { readonly content: { readonly parts: readonly { readonly text?: string }[] } }[];
    }[];
    const text = chunks
      .flatMap(({ candidates }) => candidates[0].content.parts.map((part) => part.text ?? ''))
      .join('');
    assert.ok(chunks.length > 2 && text.startsWith(SAID));
  });

  test(`${to}: the client's key reaches neither the provider nor the log`, async () => {
    const requestId = `key-${to}`;
    const headers = { 'x-to': to, 'x-request-id': requestId, 'x-goog-api-key': CLIENT_KEY };
    await (await ai.post(`${MODEL}:generateContent?key=${CLIENT_KEY}&%6bey=${CLIENT_KEY}`, BODY, headers)).text();
    const sent = JSON.stringify(ai.last());
    assert.ok(!sent.includes(CLIENT_KEY) && sent.includes(PROVIDER_KEY));
    const line = await ai.line(requestId);
    assert.ok(!JSON.stringify(line).includes(CLIENT_KEY));
    assert.equal(line.request.query, 'key=***&%6bey=***');
  });
}

test('google: the bytes are the client’s own, model and method in the path of the provider’s version', async () => {
  await (await ai.post('/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse', BODY, { 'x-to': 'google' })).text();
  const { url, body } = ai.last();
  assert.equal(url, `${MODEL}:streamGenerateContent?alt=sse`);
  assert.equal(body?.text, BODY);
});

test('the log knows usage, model and end of every kind of stream', async () => {
  for (const to of ['google', 'openai'] as const) {
    for (const query of ['?alt=sse', '']) {
      const requestId = `stream-${to}-${query.length}`;
      const headers = { 'x-to': to, 'x-request-id': requestId };
      await (await ai.post(`${MODEL}:streamGenerateContent${query}`, BODY, headers)).text();
      const { gen_ai, stream_end } = await ai.line(requestId);
      assert.ok((gen_ai?.usage.input_tokens ?? 0) > 0 && (gen_ai?.usage.output_tokens ?? 0) > 0, requestId);
      assert.deepEqual(
        [gen_ai?.request.streaming, stream_end, (gen_ai?.response.first_token_ms ?? -1) >= 0],
        [true, 'complete', true],
      );
    }
  }
});

test('errors are Google’s JSON, whoever refuses', async () => {
  const refused = await ai.post(`${MODEL}:generateContent`, '{"contents":[{"parts":[{}]}]}', { 'x-to': 'openai' });
  const { error } = (await refused.json()) as { readonly error: Readonly<Record<string, unknown>> };
  assert.deepEqual([refused.status, error.code, error.status], [400, 400, 'INVALID_ARGUMENT']);
  assert.match(String(error.message), /contents\[0\]\.parts\[0\]/);
  await assert.rejects(
    clientOf('google').models.generateContent({ model: 'm', contents: [{ role: 'robot', parts: [{ text: 'a' }] }] }),
    (thrown) => thrown instanceof ApiError && thrown.status === 400,
  );
});
