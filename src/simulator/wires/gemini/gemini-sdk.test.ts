// Google's own client against the simulator: what it reads without complaint is what its users will read.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ApiError, type FunctionCall, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { startSimulator } from '../../simulator.ts';

const simulator = await startSimulator({ port: 0, requireKey: 'test-key' });
after(() => simulator.close());
const open = (apiKey: string): GoogleGenAI =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: simulator.url, retryOptions: { attempts: 1 } } });
const client = open('test-key');
const model = 'gemini-x';
const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } } };
const tools = [
  {
    functionDeclarations: [
      { name: 'weather', parameters },
      { name: 'time', parameters },
    ],
  },
];

test('content: whole and streamed say the same and count the same', async () => {
  const whole = await client.models.generateContent({
    model,
    contents: 'Hello',
    config: { systemInstruction: 'Be brief' },
  });
  assert.match(whole.text ?? '', /^You said: Hello\n/);
  assert.deepEqual(
    [whole.usageMetadata?.promptTokenCount, whole.candidates?.[0].finishReason, whole.modelVersion],
    [4, 'STOP', model],
  );
  const config = { systemInstruction: 'Be brief' };
  const chunks = await Array.fromAsync(await client.models.generateContentStream({ model, contents: 'Hello', config }));
  assert.ok(chunks.length > 5);
  assert.equal(chunks.map(({ text }) => text ?? '').join(''), whole.text);
  assert.deepEqual(chunks.at(-1)?.usageMetadata, whole.usageMetadata);
});

test('content: without alt=sse a stream is a JSON array', async () => {
  const response = await fetch(`${simulator.url}/v1beta/models/${model}:streamGenerateContent?key=test-key`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] }),
  });
  const chunks = (await response.json()) as { candidates: { finishReason?: string }[] }[];
  assert.equal(chunks.at(-1)?.candidates[0].finishReason, 'STOP');
});

test('content: two functions at once, whole and streamed; their results answered, signatures checked', async () => {
  const contents = [{ role: 'user', parts: [{ text: 'Both in parallel' }] }];
  const whole = await client.models.generateContent({ model, contents, config: { tools } });
  const calls = whole.functionCalls ?? [];
  assert.deepEqual(
    calls.map(({ name, args }) => [name, args]),
    [
      ['weather', { city: 'Both in parallel' }],
      ['time', { city: 'Both in parallel (2)' }],
    ],
  );
  const stream = await client.models.generateContentStream({ model, contents, config: { tools } });
  const streamed: FunctionCall[] = [];
  for await (const chunk of stream) streamed.push(...(chunk.functionCalls ?? []));
  assert.deepEqual(streamed, calls);
  const turn = whole.candidates?.[0].content ?? {};
  const results = calls.map(({ name }) => ({ functionResponse: { name, response: { output: `it is ${name}` } } }));
  const told = { role: 'user', parts: results };
  const ask = (parts: readonly object[], answers = told) =>
    client.models.generateContent({
      model,
      contents: [...contents, { role: 'model', parts: [...parts] }, answers],
      config: { tools },
    });
  assert.match((await ask(turn.parts ?? [])).text ?? '', /The tools said: it is weather, it is time\n/);
  const [first, ...others] = turn.parts ?? [];
  await assert.rejects(ask([{ ...first, thoughtSignature: 'Zm9yZ2Vk' }, ...others]), /Corrupted thought signature/);
  await assert.rejects(ask(turn.parts ?? [], { role: 'user', parts: results.slice(1) }), /function response parts/);
  const mode = FunctionCallingConfigMode.ANY;
  const toolConfig = { functionCallingConfig: { mode, allowedFunctionNames: ['time'] } };
  const named = await client.models.generateContent({ model, contents: 'Now', config: { tools, toolConfig } });
  assert.equal(named.functionCalls?.[0].name, 'time');
});

test('content: thoughts, an image, a schema, limits', async () => {
  const ask = (contents: string, config: object) => client.models.generateContent({ model, contents, config });
  const thought = await ask('Hi', { thinkingConfig: { includeThoughts: true } });
  assert.equal(thought.candidates?.[0].content?.parts?.[0].thought, true);
  const {
    promptTokenCount = 0,
    candidatesTokenCount = 0,
    thoughtsTokenCount = 0,
    totalTokenCount,
  } = thought.usageMetadata ?? {};
  assert.ok(thoughtsTokenCount > 0);
  assert.equal(totalTokenCount, promptTokenCount + candidatesTokenCount + thoughtsTokenCount);
  const inlineData = { mimeType: 'image/png', data: Buffer.alloc(70).toString('base64') };
  const seen = await client.models.generateContent({
    model,
    contents: [{ parts: [{ inlineData }, { text: 'Look' }] }],
  });
  assert.match(seen.text ?? '', /You sent: image\/png of 70 bytes\n/);
  const shaped = await ask('Hi', { responseMimeType: 'application/json', responseSchema: parameters });
  assert.deepEqual(JSON.parse(shaped.text ?? ''), { city: 'Hi' });
  const short = await ask('Hi', { maxOutputTokens: 2 });
  assert.deepEqual([short.candidates?.[0].finishReason, short.usageMetadata?.candidatesTokenCount], ['MAX_TOKENS', 2]);
});

test('counts, embeddings, models; Vertex by its own paths', async () => {
  assert.equal((await client.models.countTokens({ model, contents: 'Hello' })).totalTokens, 2);
  const config = { outputDimensionality: 4 };
  const { embeddings } = await client.models.embedContent({ model: 'e', contents: ['a', 'b'], config });
  assert.deepEqual([embeddings?.length, embeddings?.[0].values?.length], [2, 4]);
  const ids = (await Array.fromAsync(await client.models.list())).map(({ name }) => name);
  assert.ok(ids.includes('models/simulator'));
  const base = `${simulator.url}/v1/projects/p/locations/l/publishers/google/models`;
  const post = async (verb: string, body: object): Promise<unknown> => {
    const headers = { authorization: 'Bearer test-key' };
    return (await fetch(`${base}/${verb}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const predicted = await post('e:predict', { instances: [{ content: 'a' }], parameters: config });
  const { predictions } = predicted as { predictions: { embeddings: { values: number[] } }[] };
  assert.deepEqual(predictions[0].embeddings.values, embeddings?.[0].values);
});

test('what Google does not know it refuses, by name', async () => {
  const ask = async (body: object): Promise<string> => {
    const headers = { 'x-goog-api-key': 'test-key' };
    const sent = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }], ...body });
    return (
      await fetch(`${simulator.url}/v1beta/models/m:generateContent`, { method: 'POST', headers, body: sent })
    ).text();
  };
  const bad = { type: 'OBJECT', properties: { a: { type: 'STRING', additionalProperties: false } } };
  assert.match(
    await ask({ tools: [{ function_declarations: [{ name: 'f', parameters: bad }] }] }),
    /Unknown name \\"additionalProperties\\" at 'tools\[0\].function_declarations\[0\].parameters.properties.a'/,
  );
  assert.match(await ask({ max_tokens: 3 }), /Unknown name \\"maxTokens\\"/);
  assert.match(await ask({ generationConfig: { stop: [] } }), /Unknown name \\"stop\\" at 'generation_config'/);
});

test('errors are told as Google tells them', async () => {
  const by = (name: string): Promise<unknown> => client.models.generateContent({ model: name, contents: 'Hi' });
  await assert.rejects(
    by('sim-429-3s'),
    (error: ApiError) => error.status === 429 && /"retryDelay":"3s"/.test(error.message),
  );
  await assert.rejects(by('sim-status-503'), /UNAVAILABLE/);
  await assert.rejects(by('sim-context-window'), /exceeds the maximum number of tokens/);
  await assert.rejects(open('wrong').models.generateContent({ model, contents: 'Hi' }), /API_KEY_INVALID/);
  const blocked = await client.models.generateContent({ model: 'sim-content-policy', contents: 'Hi' });
  assert.equal(blocked.promptFeedback?.blockReason, 'PROHIBITED_CONTENT');
  for (const broken of ['sim-error-in-stream-1', 'sim-bad-json', 'sim-cut-2']) {
    const stream = await client.models.generateContentStream({ model: broken, contents: 'Hi' });
    await assert.rejects(Array.fromAsync(stream), Error, broken);
  }
  const endless = await Array.fromAsync(
    await client.models.generateContentStream({ model: 'sim-no-done', contents: 'Hi' }),
  );
  assert.ok(endless.every(({ candidates }) => candidates?.[0].finishReason === undefined));
  assert.ok(ApiError.prototype instanceof Error);
});
