// Wishes of the wrong type or size, in every client's format: where they are translated the client gets a 400 of its own format that
// names the member, where bytes pass the provider says what it thinks of them. Nothing is guessed, nothing breaks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { startPlainServer } from '../support/plain-server.ts';

let last = '';
const provider = await startPlainServer(FILE_SCOPE, (request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    last = Buffer.concat(pieces).toString();
    response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":{"message":"seen","type":"teapot"}}');
  });
});

const ai = await startAiGateway(FILE_SCOPE, {
  config: () => ({
    backends: {
      openai: { provider: 'openai', base_url: `${provider.url}/v1`, api_key: 'k' },
      anthropic: { provider: 'anthropic', base_url: provider.url, api_key: 'k' },
      google: { provider: 'google', base_url: provider.url, api_key: 'k' },
    },
    routes: ['openai', 'anthropic', 'google'].map((name) => ({
      name,
      match: { path: '/*', headers: { 'x-to': name } },
      backend: name,
    })),
  }),
});

interface Client {
  readonly name: string;
  readonly path: string;
  /** A provider of its own wire, whose bytes pass, and one of another. */
  readonly own: string;
  readonly other: string;
  readonly base: object;
  /** Members that are a number, a text, a list, an object, a flag. */
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
  readonly lists: readonly string[];
  readonly objects: readonly string[];
  readonly flags: readonly string[];
  readKind(body: { readonly error: Readonly<Record<string, unknown>> }): unknown;
  readonly kind: string;
}

const messages = [{ role: 'user', content: 'hi' }];
const CLIENTS: readonly Client[] = [
  {
    name: 'openai',
    path: '/v1/chat/completions',
    own: 'openai',
    other: 'anthropic',
    base: { model: 'm', messages },
    numbers: [
      'max_tokens',
      'max_completion_tokens',
      'temperature',
      'top_p',
      'frequency_penalty',
      'presence_penalty',
      'seed',
      'n',
      'top_logprobs',
    ],
    texts: ['user', 'reasoning_effort', 'service_tier', 'verbosity', 'prompt_cache_key'],
    lists: ['messages', 'tools', 'modalities', 'functions'],
    objects: ['logit_bias', 'response_format', 'metadata', 'prediction', 'audio', 'web_search_options'],
    flags: ['parallel_tool_calls', 'logprobs', 'store', 'stream'],
    readKind: ({ error }) => error.type,
    kind: 'invalid_request_error',
  },
  {
    name: 'openai responses',
    path: '/v1/responses',
    own: 'openai',
    other: 'anthropic',
    base: { model: 'm', input: 'hi' },
    numbers: ['max_output_tokens', 'temperature', 'top_p', 'top_logprobs'],
    texts: ['instructions', 'user', 'service_tier', 'truncation', 'previous_response_id', 'prompt_cache_key'],
    lists: ['tools', 'include'],
    objects: ['reasoning', 'text', 'metadata'],
    flags: ['parallel_tool_calls', 'store', 'background', 'stream'],
    readKind: ({ error }) => error.type,
    kind: 'invalid_request_error',
  },
  {
    name: 'anthropic',
    path: '/v1/messages',
    own: 'anthropic',
    other: 'openai',
    base: { model: 'm', max_tokens: 9, messages },
    numbers: ['max_tokens', 'temperature', 'top_p', 'top_k'],
    texts: ['service_tier'],
    lists: ['messages', 'tools', 'stop_sequences'],
    objects: ['tool_choice', 'thinking', 'metadata', 'output_config'],
    flags: ['stream'],
    readKind: ({ error }) => error.type,
    kind: 'invalid_request_error',
  },
  {
    name: 'gemini',
    path: '/v1beta/models/m:generateContent',
    own: 'google',
    other: 'openai',
    base: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
    numbers: [
      'temperature',
      'topP',
      'topK',
      'maxOutputTokens',
      'candidateCount',
      'seed',
      'presencePenalty',
      'frequencyPenalty',
      'logprobs',
    ],
    texts: ['responseMimeType'],
    lists: ['contents', 'tools', 'stopSequences', 'safetySettings', 'responseModalities'],
    objects: ['thinkingConfig', 'toolConfig', 'systemInstruction', 'generationConfig'],
    flags: ['responseLogprobs'],
    readKind: ({ error }) => error.status,
    kind: 'INVALID_ARGUMENT',
  },
];

const TOP_OF_GEMINI = new Set([
  'contents',
  'tools',
  'safetySettings',
  'toolConfig',
  'systemInstruction',
  'generationConfig',
]);

function bodyWith({ name, base }: Client, member: string, value: unknown): object {
  if (name !== 'gemini' || TOP_OF_GEMINI.has(member)) return { ...base, [member]: value };
  return { ...base, generationConfig: { [member]: value } };
}

/** Values of every other type. */
const WRONG = {
  numbers: ['many', {}, [], true],
  texts: [7, {}, [], true],
  lists: [7, 'x', {}, true],
  objects: [7, 'x', [], true],
  flags: [7, 'x', {}, []],
} as const;

/** Google's own libraries write a system instruction as a text, too. */
function isTaken({ name }: Client, member: string, value: unknown): boolean {
  return name === 'gemini' && member === 'systemInstruction' && typeof value === 'string';
}

function wrongBodies(client: Client): readonly (readonly [member: string, value: unknown, body: string])[] {
  return Object.entries(WRONG).flatMap(([kind, values]) =>
    client[kind as keyof typeof WRONG].flatMap((member) =>
      values
        .filter((value) => !isTaken(client, member, value))
        .map((value) => [member, value, JSON.stringify(bodyWith(client, member, value))] as const),
    ),
  );
}

for (const client of CLIENTS) {
  test(`${client.name}: a member of the wrong type, translated: a 400 that names it`, async () => {
    const wrong: string[] = [];
    for (const [member, value, body] of wrongBodies(client)) {
      last = '';
      const answer = await ai.post(client.path, body, { 'x-to': client.other });
      const text = await answer.text();
      const isNamed = answer.status === 400 && last === '' && text.includes(member);
      const kind = isNamed ? client.readKind(JSON.parse(text)) : undefined;
      if (kind !== client.kind) wrong.push(`${member}=${JSON.stringify(value)}: ${answer.status} ${text} sent ${last}`);
    }
    assert.deepEqual(wrong, []);
  });

  test(`${client.name}: the same where bytes pass: the provider gets them as they are`, async () => {
    for (const [member, , body] of wrongBodies(client)) {
      if (member === 'stream' || member === 'messages') continue;
      const answer = await ai.post(client.path, body, { 'x-to': client.own });
      assert.equal(answer.status, 418, body);
      assert.equal(last, body);
    }
  });

  test(`${client.name}: numbers out of any range are told to the provider, or refused by name`, async () => {
    for (const member of client.numbers)
      for (const number of ['0', '-1', '-0.5', '1e308', '1e999', '-1e999', '9007199254740993', '0.1']) {
        last = '';
        const template = JSON.stringify(bodyWith(client, member, '@')).replace('"@"', number);
        const answer = await ai.post(client.path, template, { 'x-to': client.other });
        const text = await answer.text();
        if (answer.status === 418) assert.ok(last !== '' && !last.includes('null'), `${member}=${number}: ${last}`);
        else {
          assert.equal(answer.status, 400, `${member}=${number}: ${text}`);
          assert.ok(text.includes(member), `${member}=${number}: ${text}`);
          assert.equal(client.readKind(JSON.parse(text)), client.kind);
        }
      }
  });

  test(`${client.name}: null is a member that was not written`, async () => {
    for (const member of [...client.numbers, ...client.texts, ...client.objects]) {
      const answer = await ai.post(client.path, JSON.stringify(bodyWith(client, member, null)), {
        'x-to': client.other,
      });
      const isDemanded = client.name === 'anthropic' && member === 'max_tokens';
      assert.equal(answer.status, isDemanded ? 400 : 418, `${member}: ${await answer.text()}`);
    }
  });
}

test('afterwards no worker was lost, and no bug was met', async () => {
  const metrics = await ai.metrics();
  assert.equal(metricSum(metrics, 'gateway_worker_restarts_total'), 0);
  assert.doesNotMatch(ai.gateway.stderr, /bug|unexpected/);
});
