// Images, sound and ranking by OpenAI's own client, and by hand where it has no method.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { open } from '../testing/send.ts';

const simulator = await open();
const client = new OpenAI({ apiKey: 'k', baseURL: `${simulator.url}/v1`, maxRetries: 0 });

test('images: a PNG, made or edited', async () => {
  const made = await client.images.generate({ model: 'gpt-image', prompt: 'A cat', n: 2 });
  const bytes = Buffer.from(made.data?.[1].b64_json ?? '', 'base64');
  assert.deepEqual(bytes.subarray(1, 4).toString('latin1'), 'PNG');
  const image = await toFile(bytes, 'cat.png', { type: 'image/png' });
  const edited = await client.images.edit({ model: 'gpt-image', prompt: 'A dog', image });
  assert.match(edited.data?.[0].revised_prompt ?? '', /^A dog .* of a file/);
  await assert.rejects(client.images.generate({ model: 'gpt-image', prompt: '' }), OpenAI.BadRequestError);
});

test('audio: a WAV as long as the text, and what the uploaded file is', async () => {
  const spoken = await client.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'Hello' });
  const wav = Buffer.from(await spoken.arrayBuffer());
  assert.deepEqual([wav.toString('latin1', 0, 4), wav.readUInt32LE(4) + 8, wav.length], ['RIFF', wav.length, 2044]);
  const file = await toFile(wav, 'hello.wav', { type: 'audio/wav' });
  const heard = await client.audio.transcriptions.create({ model: 'whisper', file });
  assert.equal(heard.text, 'You sent hello.wav of 2044 bytes.');
  assert.equal(simulator.received().at(-1)?.body?.model, 'whisper', 'the model of a form is seen');
  const text = await client.audio.transcriptions.create({ model: 'whisper', file, response_format: 'text' });
  assert.match(String(text), /^You sent hello/);
});

test('rerank: in order of the shared words', async () => {
  const documents = ['a dog barks', 'a cat and a dog', 'a fish'];
  const body = JSON.stringify({ model: 'rerank', query: 'cat dog', documents, top_n: 2, return_documents: true });
  const { results } = (await (await fetch(`${simulator.url}/v1/rerank`, { method: 'POST', body })).json()) as {
    readonly results: readonly { readonly index: number; readonly document: { readonly text: string } }[];
  };
  assert.deepEqual(
    results.map(({ index }) => index),
    [1, 0],
  );
  assert.equal(results[0].document.text, documents[1]);
});
