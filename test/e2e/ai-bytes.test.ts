// What a provider gets is what the client wrote, byte for byte, but for `model` where an alias or a backend's override says so.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { aiConfig, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';

const ai = await startAiGateway(FILE_SCOPE, {
  config: (url) => {
    const config = aiConfig(url);
    const pinned = { provider: 'openai', base_url: `${url}/pinned/v1`, api_key: 'k', model: 'gpt-4o-mini' };
    return {
      ...config,
      backends: { ...(config.backends as object), pinned },
      routes: [
        { name: 'pinned', match: { path: '/pinned/*' }, backend: 'pinned' },
        ...(config.routes as readonly object[]),
      ],
      models: { fast: 'gpt-4o-mini', 'modèle «é»': 'gpt-4o-mini', odd: 'a "quoted" \\ name' },
    };
  },
});

/** Everything JSON lets a client write and a parser would tidy up; `MODEL` stands where the model does. */
const ODD = String.raw`{ "zeta" : 1 ,
	"model":MODEL, "big":12345678901234567890123, "float":1.10e+02, "zero":-0.0, "tiny":1E-400,
  "same":1, "same":{"model":"fast"}, "text":"\u00e9é😀\ud83d\/ \"model\":\"fast\"", "":[ ], "nothing":null,
  "unknown_field":{"deep":[[[{"model":"fast"}]]]}, "messages":[{"role":"user","content":"hi","name":"model"}]
}`;

function written(model: string, text = ODD): string {
  return text.replaceAll('MODEL', JSON.stringify(model));
}

async function sent(path: string, body: string | Buffer): Promise<string> {
  const response = await ai.post(path, body);
  assert.equal(response.status, 200, await response.text());
  return ai.last().body?.text ?? '';
}

test('no alias, no override: the same bytes', async () => {
  assert.equal(await sent('/v1/chat/completions', written('gpt-4o')), written('gpt-4o'));
});

test('an alias changes the model and nothing else', async () => {
  assert.equal(await sent('/v1/chat/completions', written('fast')), written('gpt-4o-mini'));
});

test('an alias that is not ASCII, however the client spells it', async () => {
  assert.equal(await sent('/v1/chat/completions', written('modèle «é»')), written('gpt-4o-mini'));
  const escaped = ODD.replaceAll('MODEL', String.raw`"mod\u00e8le \u00ab\u00e9\u00bb"`);
  assert.equal(await sent('/v1/chat/completions', escaped), written('gpt-4o-mini'));
});

test('a model name that must be escaped arrives as that name', async () => {
  assert.equal(JSON.parse(await sent('/v1/chat/completions', written('odd'))).model, 'a "quoted" \\ name');
});

test('a backend’s override changes the model, or adds it where there is none', async () => {
  // The base URL has a path of its own, which the simulator takes for plain HTTP: it only has to say what it received.
  assert.equal(await sent('/pinned/chat/completions', written('whatever')), written('gpt-4o-mini'));
  assert.equal(ai.last().url, '/pinned/v1/chat/completions');
  assert.equal(await sent('/pinned/chat/completions', '{"messages":[]}'), '{"messages":[],"model":"gpt-4o-mini"}');
  assert.equal(await sent('/pinned/chat/completions', '{}'), '{"model":"gpt-4o-mini"}');
});

test('a model written twice is the same at both places, so that no parser downstream reads another', async () => {
  const twice = '{"model":"gpt-3.5","messages":[{"role":"user","content":"x"}],"model":MODEL}';
  const result = await sent('/v1/chat/completions', written('fast', twice));
  assert.equal(result, written('gpt-4o-mini', twice.replace('"gpt-3.5"', '"gpt-4o-mini"')));
});

test('usage is asked for at the end of the object, behind whatever the client wrote', async () => {
  const streamed = ODD.replace('"zeta" : 1', '"stream" : true');
  const result = await sent('/v1/chat/completions', written('fast', streamed));
  const expected = written('gpt-4o-mini', streamed).replace(/\}$/, ',"stream_options":{"include_usage":true}}');
  assert.equal(result, expected);
  const asked = streamed.replace('"zero"', '"stream_options":{"include_usage": true },"zero"');
  assert.equal(await sent('/v1/chat/completions', written('gpt-4o', asked)), written('gpt-4o', asked));
});

test('no usage option where the operation has none', async () => {
  const body = '{"model":"gpt-4o","stream":true,"input":"hi"}';
  assert.equal(await sent('/v1/responses', body), body);
});

test('large bodies, above and below the limits of one write and one read', async () => {
  for (const size of [15_000, 17_000, 70_000, 3_000_000]) {
    const padding = '0123456789é😀'.repeat(Math.ceil(size / 16));
    const body = written('fast', ODD.replace('"zeta" : 1', `"zeta" : "${padding}"`));
    const response = await ai.post('/v1/chat/completions', body);
    assert.equal(response.status, 200);
    const expected = Buffer.from(body.replace('\t"model":"fast"', '\t"model":"gpt-4o-mini"'));
    assert.equal(ai.last().body?.bytes, expected.length);
    assert.equal(ai.last().body?.sha256, createHash('sha256').update(expected).digest('hex'), `${size} bytes`);
  }
});

test('multipart uploads pass untouched', async () => {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob([new Uint8Array(300_000).fill(200)]), 'speech.wav');
  const request = new Request('http://x/', { method: 'POST', body: form });
  const bytes = Buffer.from(await request.clone().arrayBuffer());
  const type = request.headers.get('content-type') ?? '';
  await (await ai.post('/v1/audio/transcriptions', bytes, { 'content-type': type })).text();
  assert.equal(ai.last().url, '/v1/audio/transcriptions');
  assert.equal(ai.last().headers['content-type'], type);
  assert.equal(ai.last().body?.sha256, createHash('sha256').update(bytes).digest('hex'));
});

test('the answer is the provider’s, byte for byte, for large JSON too', async () => {
  const body = written('sim-bytes-2MB');
  const normal = (text: string): string => text.replace(/"id":"chatcmpl-sim\d+"|"created":\d+/g, '');
  const direct = await fetch(`${ai.simulator.url}/v1/chat/completions`, { method: 'POST', body });
  const passed = await ai.post('/v1/chat/completions', body);
  assert.equal(passed.headers.get('content-length'), direct.headers.get('content-length'));
  assert.ok(normal(await passed.text()) === normal(await direct.text()));
});
