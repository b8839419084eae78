// Anthropic's own client against the simulator: what it reads without complaint is what its users will read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { startSimulator } from '../../simulator.ts';

const simulator = await startSimulator({ port: 0, requireKey: 'test-key' });
after(() => simulator.close());
const client = new Anthropic({ apiKey: 'test-key', baseURL: simulator.url, maxRetries: 0 });
const ask = { model: 'claude-x', max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hello' }] };
const city = { type: 'object' as const, properties: { city: { type: 'string' } } };
const tools = [
  { name: 'weather', input_schema: city },
  { name: 'time', input_schema: city },
];

test('messages: whole, and the same by the stream helper', async () => {
  const whole = await client.messages.create(ask);
  assert.equal(whole.content[0].type === 'text' && whole.content[0].text.startsWith('You said: Hello\n'), true);
  assert.deepEqual([whole.stop_reason, whole.usage.input_tokens], ['end_turn', 2]);
  const streamed = await client.messages.stream(ask).finalMessage();
  assert.deepEqual(
    { ...streamed, id: '', _request_id: '' },
    { ...whole, id: '', _request_id: '', parsed_output: null },
  );
});

test('messages: thinking is streamed with its signature, and taken back only unchanged', async () => {
  const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
  const said = await client.messages.stream({ ...ask, max_tokens: 2000, thinking }).finalMessage();
  const [thought] = said.content;
  assert.ok(thought.type === 'thinking' && thought.signature.startsWith('sim-'));
  assert.ok((said.usage.output_tokens_details?.thinking_tokens ?? 0) > 0);
  const go = { role: 'user' as const, content: 'Go on' };
  const turns = [...ask.messages, { role: 'assistant' as const, content: said.content }, go];
  await client.messages.create({ ...ask, messages: turns });
  const forged = [{ ...thought, signature: 'x' }];
  const wrong = [...ask.messages, { role: 'assistant' as const, content: forged }, go];
  await assert.rejects(client.messages.create({ ...ask, messages: wrong }), Anthropic.BadRequestError);
});

test('messages: two tools at once, streamed by input_json_delta; results answered', async () => {
  const messages = [{ role: 'user' as const, content: 'Both in parallel' }];
  const said = await client.messages.stream({ ...ask, messages, tools }).finalMessage();
  assert.equal(said.stop_reason, 'tool_use');
  const calls = said.content.filter((block) => block.type === 'tool_use');
  assert.deepEqual(
    calls.map(({ name, input }) => [name, input]),
    [
      ['weather', { city: 'Both in parallel' }],
      ['time', { city: 'Both in parallel (2)' }],
    ],
  );
  const results = calls.map(({ id }, index) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: `r${index}`,
  }));
  const turns = [...messages, { role: 'assistant' as const, content: said.content }];
  const told = await client.messages.create({
    ...ask,
    tools,
    messages: [...turns, { role: 'user', content: results }],
  });
  assert.match(told.content[0].type === 'text' ? told.content[0].text : '', /The tools said: r0, r1\n/);
  const partial = client.messages.create({
    ...ask,
    tools,
    messages: [...turns, { role: 'user', content: [results[0]] }],
  });
  await assert.rejects(partial, /tool_result/);
});

test('messages: what is marked is written to the cache once and read after', async () => {
  const system = [
    { type: 'text' as const, text: 'Be brief. '.repeat(40), cache_control: { type: 'ephemeral' as const } },
  ];
  const counts = async (): Promise<readonly (number | null)[]> => {
    const { usage } = await client.messages.create({ ...ask, system });
    return [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens];
  };
  assert.deepEqual(await counts(), [2, 100, 0]);
  assert.deepEqual(await counts(), [2, 0, 100]);
  assert.equal((await client.messages.countTokens({ model: 'm', messages: ask.messages, system })).input_tokens, 102);
});

test('messages: an image, a schema, limits and stop sequences', async () => {
  const data = Buffer.alloc(70).toString('base64');
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data };
  const content = [
    { type: 'image' as const, source },
    { type: 'text' as const, text: 'Look' },
  ];
  const seen = await client.messages.create({ ...ask, messages: [{ role: 'user', content }] });
  assert.match(seen.content[0].type === 'text' ? seen.content[0].text : '', /You sent: image\/png of 70 bytes\n/);
  const format = { type: 'json_schema' as const, schema: city };
  const shaped = await client.messages.create({ ...ask, output_config: { format } });
  assert.deepEqual(shaped.content[0].type === 'text' && JSON.parse(shaped.content[0].text), { city: 'Hello' });
  const short = await client.messages.create({ ...ask, max_tokens: 2 });
  assert.deepEqual([short.stop_reason, short.usage.output_tokens], ['max_tokens', 2]);
  const stopped = await client.messages.create({ ...ask, stop_sequences: ['Hello'] });
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', 'Hello']);
});

test('models are listed in the shape of Anthropic', async () => {
  const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id);
  assert.ok(ids.includes('simulator'));
  assert.equal((await client.models.retrieve('claude-x')).type, 'model');
});

test('errors have the classes and types that programs catch', async () => {
  const by = (model: string): Promise<unknown> => client.messages.create({ ...ask, model });
  await assert.rejects(by('sim-429-3s'), (error: InstanceType<typeof Anthropic.RateLimitError>) => {
    return error instanceof Anthropic.RateLimitError && error.headers?.get('retry-after') === '3';
  });
  await assert.rejects(by('sim-status-529'), { status: 529, type: 'overloaded_error' });
  await assert.rejects(by('sim-context-window'), /prompt is too long/);
  await assert.rejects(by('sim-unheard-of'), Anthropic.NotFoundError);
  const stranger = new Anthropic({ apiKey: 'wrong', baseURL: simulator.url, maxRetries: 0 });
  await assert.rejects(stranger.messages.create(ask), Anthropic.AuthenticationError);
  const failing = client.messages.stream({ ...ask, model: 'sim-error-in-stream-1' });
  await assert.rejects(failing.finalMessage(), /Overloaded/);
  const cut = client.messages.stream({ ...ask, model: 'sim-cut-2' });
  await assert.rejects(cut.finalMessage());
  const { max_tokens, ...incomplete } = ask;
  await assert.rejects(client.messages.create({ ...incomplete } as typeof ask), /max_tokens: Field required/);
});
