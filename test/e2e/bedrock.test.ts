// Applications that speak OpenAI's API reach Bedrock: signed requests whose signature the simulator recomputes, whole and streamed
// answers, tools, vectors, failures before and inside the stream.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AiGateway, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { until } from './support/gateway.ts';

const KEYS = { access_key_id: 'AKIDEXAMPLE000000000', region: 'us-east-1' };
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const CLAUDE = 'anthropic.claude-sonnet-4-20250514-v1:0';

const ai: AiGateway = await startAiGateway(FILE_SCOPE, {
  simulator: { requireKey: `${KEYS.access_key_id}:${SECRET}` },
  config: (url) => {
    const bedrock = { provider: 'bedrock', base_url: url, api_key: SECRET };
    return {
      backends: {
        converse: { ...bedrock, options: KEYS },
        invoke: { ...bedrock, options: { ...KEYS, api: 'invoke' } },
        stranger: { ...bedrock, api_key: 'not-the-secret', options: KEYS },
      },
      routes: [
        { name: 'invoke', match: { path: '/invoke/*' }, backend: 'invoke' },
        { name: 'stranger', match: { path: '/stranger/*' }, backend: 'stranger' },
        { name: 'converse', match: { path: '/v1/*' }, backend: 'converse' },
      ],
    };
  },
});

const say = (content: string) => [{ role: 'user' as const, content }];
const by = (prefix: string) => ai.client.withOptions({ baseURL: `${ai.gateway.url}/${prefix}/v1` });

for (const [name, client, path] of [
  ['Converse', ai.client, 'converse'],
  ['InvokeModel', by('invoke'), 'invoke'],
] as const) {
  test(`${name}: a whole answer, with usage`, async () => {
    const answer = await client.chat.completions.create({ model: CLAUDE, max_tokens: 50, messages: say('Say hello') });
    assert.ok((answer.choices[0].message.content ?? '').length > 0);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok((answer.usage?.prompt_tokens ?? 0) > 0 && (answer.usage?.completion_tokens ?? 0) > 0);
    assert.match(ai.last().url, new RegExp(`^/model/anthropic\\.claude-sonnet-4-20250514-v1%3A0/${path}`));
    assert.match(String(ai.last().headers['x-amz-date']), /^\d{8}T\d{6}Z$/);
  });

  test(`${name}: the same as a stream`, async () => {
    const stream = await client.chat.completions.create({
      model: CLAUDE,
      max_tokens: 50,
      messages: say('Say hello'),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let finish: string | null = null;
    let tokens = 0;
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? '';
      finish = choices[0]?.finish_reason ?? finish;
      tokens = usage?.completion_tokens ?? tokens;
    }
    assert.ok(text.length > 0);
    assert.equal(finish, 'stop');
    assert.ok(tokens > 0);
  });
}

test('a tool is called, and its arguments are JSON', async () => {
  const stream = ai.client.chat.completions.stream({
    model: CLAUDE,
    messages: say('What is the weather in Rome?'),
    tools: [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { town: { type: 'string' } } } },
      },
    ],
    tool_choice: 'required',
  });
  const { choices } = await stream.finalChatCompletion();
  const [call] = choices[0].message.tool_calls ?? [];
  assert.equal(choices[0].finish_reason, 'tool_calls');
  assert.ok(call.type === 'function' && call.function.name === 'weather');
  assert.doesNotThrow(() => JSON.parse(call.function.arguments));
});

test('vectors of Titan, one text at a time', async () => {
  const model = 'amazon.titan-embed-text-v2:0';
  const { data } = await ai.client.embeddings.create({ model, input: 'hello', encoding_format: 'float' });
  assert.ok(data[0].embedding.length > 0);
  await assert.rejects(ai.client.embeddings.create({ model, input: ['a', 'b'], encoding_format: 'float' }), /one text/);
});

test('the wrong secret is Bedrock’s own refusal, in OpenAI’s words', async () => {
  await assert.rejects(
    by('stranger').chat.completions.create({ model: CLAUDE, messages: say('hi') }),
    (error: { status?: number }) => error.status === 403,
  );
});

test('what cannot be told is named', async () => {
  const { response } = await ai.client.chat.completions
    .create({ model: CLAUDE, messages: say('hi'), seed: 5, logit_bias: { 1: 1 } })
    .withResponse();
  assert.equal(response.headers.get('x-switchyard-dropped'), 'seed, logit_bias');
  const id = response.headers.get('x-request-id');
  const line = await until('its log line', () => ai.gateway.accessLog.find((each) => each.request_id === id));
  assert.deepEqual(line.dropped, ['seed', 'logit_bias']);
});
