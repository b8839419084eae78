// AWS's own client against the simulator: what it reads without complaint is what its users will read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { startSimulator } from '../../simulator.ts';
import { HTTP1_HANDLER } from '../../testing/http1-handler.ts';

const simulator = await startSimulator({ port: 0, requireKey: 'AKIDEXAMPLE:secret' });
after(() => simulator.close());
const open = (secretAccessKey: string): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint: simulator.url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey },
    maxAttempts: 1,
    requestHandler: HTTP1_HANDLER as unknown as BedrockRuntimeClientConfig['requestHandler'],
  });
const client = open('secret');
after(() => client.destroy());
const modelId = 'anthropic.claude-x-v1:0';
const ask: ConverseCommandInput = { modelId, messages: [{ role: 'user', content: [{ text: 'Hello' }] }] };
const city = { type: 'object', properties: { city: { type: 'string' } } };
const toolConfig = {
  tools: ['weather', 'time'].map((name) => ({ toolSpec: { name, inputSchema: { json: city } } })),
};

async function stream(input: ConverseCommandInput): Promise<readonly ConverseStreamOutput[]> {
  const { stream: events } = await client.send(new ConverseStreamCommand(input));
  assert.ok(events !== undefined);
  return Array.fromAsync(events);
}

test('converse: whole and streamed say the same and count the same', async () => {
  const whole = await client.send(new ConverseCommand({ ...ask, system: [{ text: 'Be brief' }] }));
  const text = whole.output?.message?.content?.[0].text;
  assert.match(text ?? '', /^You said: Hello\n/);
  assert.deepEqual([whole.stopReason, whole.usage?.inputTokens], ['end_turn', 4]);
  const events = await stream({ ...ask, system: [{ text: 'Be brief' }] });
  assert.equal(events.map((event) => event.contentBlockDelta?.delta?.text ?? '').join(''), text);
  assert.equal(events.at(-2)?.messageStop?.stopReason, 'end_turn');
  assert.deepEqual(events.at(-1)?.metadata?.usage, whole.usage);
});

test('converse: two tools at once, streamed in pieces; their results answered and checked', async () => {
  const messages = [{ role: 'user' as const, content: [{ text: 'Both in parallel' }] }];
  const whole = await client.send(new ConverseCommand({ modelId, messages, toolConfig }));
  assert.equal(whole.stopReason, 'tool_use');
  const content = whole.output?.message?.content ?? [];
  const calls = content.flatMap(({ toolUse }) => (toolUse === undefined ? [] : [toolUse]));
  assert.deepEqual(
    calls.map(({ name, input }) => [name, input]),
    [
      ['weather', { city: 'Both in parallel' }],
      ['time', { city: 'Both in parallel (2)' }],
    ],
  );
  const events = await stream({ modelId, messages, toolConfig });
  const pieces = events.flatMap(({ contentBlockDelta }) =>
    contentBlockDelta === undefined ? [] : [contentBlockDelta],
  );
  const second = pieces.filter(({ contentBlockIndex }) => contentBlockIndex === 1);
  assert.deepEqual(JSON.parse(second.map(({ delta }) => delta?.toolUse?.input ?? '').join('')), calls[1].input);
  const results = calls.map(({ toolUseId }, index) => ({
    toolResult: { toolUseId, content: [{ text: `r${index}` }] },
  }));
  const turns = (answers: typeof results): ConverseCommandInput => ({
    modelId,
    toolConfig,
    messages: [...messages, { role: 'assistant', content }, { role: 'user', content: answers }],
  });
  const told = await client.send(new ConverseCommand(turns(results)));
  assert.match(told.output?.message?.content?.[0].text ?? '', /The tools said: r0, r1\n/);
  await assert.rejects(client.send(new ConverseCommand(turns(results.slice(1)))), /Expected toolResult blocks/);
  const { toolConfig: _, ...without } = turns(results);
  await assert.rejects(client.send(new ConverseCommand(without)), /toolConfig field must be defined/);
});

test('converse: thoughts, an image, a schema, the cache, limits', async () => {
  const say = (more: Partial<ConverseCommandInput>) => client.send(new ConverseCommand({ ...ask, ...more }));
  const additionalModelRequestFields = { thinking: { type: 'enabled', budget_tokens: 1024 } };
  const thought = await say({ additionalModelRequestFields });
  assert.match(thought.output?.message?.content?.[0].reasoningContent?.reasoningText?.signature ?? '', /^sim-/);
  const streamed = await stream({ ...ask, additionalModelRequestFields });
  assert.ok(
    streamed.some(({ contentBlockDelta }) => contentBlockDelta?.delta?.reasoningContent?.signature !== undefined),
  );
  const image = { format: 'png' as const, source: { bytes: new Uint8Array(70) } };
  const seen = await say({ messages: [{ role: 'user', content: [{ image }, { text: 'Look' }] }] });
  assert.match(seen.output?.message?.content?.[0].text ?? '', /You sent: image\/png of 70 bytes\n/);
  const structure = { jsonSchema: { schema: JSON.stringify(city), name: 'city' } };
  const shaped = await say({ outputConfig: { textFormat: { type: 'json_schema', structure } } });
  assert.deepEqual(JSON.parse(shaped.output?.message?.content?.[0].text ?? ''), { city: 'Hello' });
  const system = [{ text: 'Be brief. '.repeat(40) }, { cachePoint: { type: 'default' as const } }];
  const first = (await say({ system })).usage;
  const second = (await say({ system })).usage;
  assert.deepEqual([first?.inputTokens, first?.cacheWriteInputTokens, first?.cacheReadInputTokens], [2, 100, 0]);
  assert.deepEqual([second?.inputTokens, second?.cacheWriteInputTokens, second?.cacheReadInputTokens], [2, 0, 100]);
  assert.equal((await say({ inferenceConfig: { maxTokens: 2 } })).stopReason, 'max_tokens');
  const input = { converse: { messages: ask.messages, system } };
  assert.equal((await client.send(new CountTokensCommand({ modelId, input }))).inputTokens, 102);
});

test('invoke: the messages of Anthropic, whole and streamed, and embeddings', async () => {
  const messages = [{ role: 'user', content: 'Hello' }];
  const body = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages });
  const whole = await client.send(new InvokeModelCommand({ modelId, body, contentType: 'application/json' }));
  const message = JSON.parse(whole.body.transformToString());
  assert.match(message.content[0].text, /^You said: Hello\n/);
  const { body: events } = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }));
  const texts: string[] = [];
  for await (const { chunk } of events ?? []) {
    const event = JSON.parse(Buffer.from(chunk?.bytes ?? []).toString());
    if (event.type === 'content_block_delta') texts.push(event.delta.text);
  }
  assert.equal(texts.join(''), message.content[0].text);
  const titan = JSON.stringify({ inputText: 'a', dimensions: 4 });
  const embedded = await client.send(new InvokeModelCommand({ modelId: 'amazon.titan-embed-text-v2:0', body: titan }));
  assert.equal(JSON.parse(embedded.body.transformToString()).embedding.length, 4);
});

test('errors have the names that programs catch, in the head and in the middle of a stream', async () => {
  const by = (id: string): Promise<unknown> => client.send(new ConverseCommand({ ...ask, modelId: id }));
  await assert.rejects(by('sim-429-3s'), { name: 'ThrottlingException' });
  await assert.rejects(by('sim-status-503'), { name: 'ServiceUnavailableException' });
  await assert.rejects(by('sim-status-403'), { name: 'AccessDeniedException' });
  await assert.rejects(by('sim-context-window'), { name: 'ValidationException', message: /too long/ });
  await assert.rejects(by('sim-unheard-of'), { name: 'ResourceNotFoundException' });
  await assert.rejects(stream({ ...ask, modelId: 'sim-error-in-stream-2' }), { name: 'ModelStreamErrorException' });
  for (const broken of ['sim-bad-json', 'sim-cut-2'])
    await assert.rejects(stream({ ...ask, modelId: broken }), Error, broken);
  const endless = await stream({ ...ask, modelId: 'sim-no-done' });
  assert.ok(endless.every((event) => event.messageStop === undefined && event.metadata === undefined));
  const twice = await stream({ ...ask, modelId: 'sim-duplicate-end' });
  assert.equal(twice.filter((event) => event.messageStop !== undefined).length, 2);
});

test('requests must be signed with the right secret, or carry the key', async () => {
  const stranger = open('wrong');
  await assert.rejects(stranger.send(new ConverseCommand(ask)), { name: 'InvalidSignatureException' });
  stranger.destroy();
  const url = `${simulator.url}/model/m/converse`;
  const post = async (authorization: string | undefined): Promise<readonly [number, string | null]> => {
    const headers = authorization === undefined ? undefined : { authorization };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ messages: ask.messages }) });
    return [response.status, response.headers.get('x-amzn-errortype')];
  };
  assert.deepEqual(await post(undefined), [403, 'MissingAuthenticationTokenException']);
  assert.deepEqual(await post('AWS4-HMAC-SHA256 nonsense'), [403, 'IncompleteSignatureException']);
  assert.deepEqual(await post('Bearer AKIDEXAMPLE:secret'), [200, null]);
});
