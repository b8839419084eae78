// The official OpenAI client with only its base URL changed, over real sockets: every operation, whole and streamed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aiConfig, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';

const ai = await startAiGateway(FILE_SCOPE);
const { client } = ai;
const messages = [{ role: 'user', content: 'Good morning' }] as const;
const SAID = 'You said: Good morning';

test('chat, whole', async () => {
  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [...messages] });
  assert.ok(answer.choices[0].message.content?.startsWith(SAID));
  assert.equal(answer.model, 'gpt-4o-mini');
  assert.ok((answer.usage?.total_tokens ?? 0) > 0);
  assert.match(answer._request_id ?? '', /^req_sim/, 'the provider’s own request id is what its support asks for');
});

test('chat, streamed: no usage for a client that did not ask, though the provider was asked', async () => {
  const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [...messages], stream: true });
  const chunks = await Array.fromAsync(stream);
  assert.ok(
    chunks
      .map((chunk) => chunk.choices[0].delta.content ?? '')
      .join('')
      .startsWith(SAID),
  );
  assert.ok(chunks.every((chunk) => !('usage' in chunk) && chunk.choices.length === 1));
  assert.equal(chunks.at(-1)?.choices[0].finish_reason, 'stop');
  assert.match(ai.last().body?.text ?? '', /"stream_options":\{"include_usage":true\}/);
});

test('chat, streamed with include_usage: the usage chunk comes through', async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [...messages],
    stream: true,
    stream_options: { include_usage: true },
  });
  const last = (await Array.fromAsync(stream)).at(-1);
  assert.deepEqual(last?.choices, []);
  assert.ok((last?.usage?.total_tokens ?? 0) > 0);
});

test('a stream that asked for no usage is the provider’s stream, byte for byte, less the usage', async () => {
  const body = (usage: object): string =>
    JSON.stringify({ model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content: 'x y' }], ...usage });
  const normal = (text: string): string => text.replace(/"id":"chatcmpl-sim\d+"|"created":\d+/g, '');
  const direct = await fetch(`${ai.simulator.url}/v1/chat/completions`, { method: 'POST', body: body({}) });
  const relayed = await ai.post('/v1/chat/completions', body({}));
  assert.equal(normal(await relayed.text()), normal(await direct.text()));
});

test('a streamed tool call is put together', async () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
  const stream = client.chat.completions.stream({
    model: 'gpt-4o-mini',
    messages: [...messages],
    tools: [{ type: 'function', function: { name: 'weather', parameters } }],
    tool_choice: 'required',
  });
  const call = await stream.finalFunctionToolCall();
  assert.equal(call?.name, 'weather');
  assert.equal(JSON.parse(call?.arguments ?? '').city, 'Good morning');
  assert.equal((await stream.finalChatCompletion()).choices[0].finish_reason, 'tool_calls');
});

test('several choices, structured output and a stop sequence pass through', async () => {
  const answer = await client.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [...messages],
    n: 2,
    response_format: { type: 'json_object' },
  });
  assert.equal(answer.choices.length, 2);
  assert.equal(JSON.parse(answer.choices[0].message.content ?? '').you_said, 'Good morning');
});

test('completions, whole and streamed', async () => {
  const whole = await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Hi', max_tokens: 2 });
  assert.equal(whole.choices[0].text, 'You said');
  const stream = await client.completions.create({ model: 'm', prompt: 'Hi', max_tokens: 2, stream: true });
  const chunks = await Array.fromAsync(stream);
  assert.equal(chunks.map((chunk) => chunk.choices[0].text).join(''), 'You said');
  assert.ok(chunks.every((chunk) => !('usage' in chunk)));
});

test('embeddings, as numbers and as base64', async () => {
  const input = { model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 8 };
  const base64 = await client.embeddings.create(input, { headers: { 'x-request-id': 'embed-1' } });
  const floats = await client.embeddings.create({ ...input, encoding_format: 'float' });
  assert.equal(base64.data.length, 2);
  assert.deepEqual(base64.data[1].embedding, floats.data[1].embedding);
  const line = await ai.line('embed-1');
  assert.equal(line.gen_ai?.operation.name, 'embeddings');
  assert.ok((line.gen_ai?.usage.input_tokens ?? 0) > 0);
});

test('responses: whole, streamed, continued, retrieved, deleted', async () => {
  const whole = await client.responses.create({ model: 'gpt-4o', input: 'Good morning' });
  assert.ok(whole.output_text.startsWith(SAID));
  const streamed = client.responses.stream({
    model: 'gpt-4o',
    input: 'Good morning',
    previous_response_id: whole.id,
  });
  const types = (await Array.fromAsync(streamed)).map((event) => event.type);
  assert.equal(types[0], 'response.created');
  assert.equal(types.at(-1), 'response.completed');
  assert.equal((await streamed.finalResponse()).output_text, whole.output_text);
  assert.equal((await client.responses.retrieve(whole.id)).id, whole.id);
  const items = await client.responses.inputItems.list(whole.id);
  assert.equal(items.data.length, 1);
  await client.responses.delete(whole.id);
  await assert.rejects(client.responses.retrieve(whole.id), { status: 404 });
});

test('the usage of streamed responses is in the log, and none is hidden', async () => {
  const stream = client.responses.stream(
    { model: 'gpt-4o', input: 'Count me' },
    { headers: { 'x-request-id': 'count-1' } },
  );
  const usage = (await stream.finalResponse()).usage;
  const line = await ai.line('count-1');
  assert.equal(line.gen_ai?.usage.total_tokens, usage?.total_tokens);
  assert.equal(line.stream_end, 'complete');
});

test('without aliases the provider’s own models are listed and looked up', async () => {
  const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
  assert.ok(ids.includes('simulator-embedding'));
  assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
});

test('with aliases the gateway lists the names its clients may use', async (context) => {
  const aliased = await startAiGateway(context, {
    config: (url) => ({ ...aiConfig(url), models: { fast: 'gpt-4o-mini', deep: 'ai/o3' } }),
  });
  const ids = (await Array.fromAsync(aliased.client.models.list())).map(({ id }) => id);
  assert.deepEqual(ids, ['fast', 'deep']);
  assert.deepEqual(aliased.simulator.received(), [], 'nobody was asked');
});
