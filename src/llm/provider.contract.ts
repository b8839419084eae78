// What every provider must keep to; run by the test of each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatTargetCodec, EmbeddingsTargetCodec } from './codec.ts';
import { openaiChatParameters } from './codecs/openai-chat/parameters.ts';
import type { LlmEvent } from './event.ts';
import type { JsonValue } from './json-value.ts';
import type { Operation } from './operation.ts';
import type { ProviderAdapter, ProviderDefinition, TargetCodec, TranslationTarget } from './provider.ts';
import type { ChatRequest, EmbeddingsRequest } from './request.ts';

const ALL: readonly Operation[] = [
  'chat',
  'completions',
  'embeddings',
  'responses',
  'models',
  'images',
  'speech',
  'transcription',
  'rerank',
  'count-tokens',
];

/** What each operation is asked for as, where it is translated. */
const KINDS: Partial<Record<Operation, TargetCodec['kind']>> = {
  chat: 'chat',
  completions: 'chat',
  responses: 'chat',
  embeddings: 'embeddings',
  'count-tokens': 'token-count',
};

const PATH = /^(\/[\w.:~%-]+)+$/;
const QUERY = /^([\w.-]+=[\w.%~-]*(&[\w.-]+=[\w.%~-]*)*)?$/;

/** Bodies that are no answer of any wire; none may throw. */
const GARBAGE: readonly JsonValue[] = [
  null,
  true,
  0,
  'text',
  [],
  {},
  [[]],
  { choices: null },
  { choices: [null], content: 5, candidates: [{}], data: 'x', output: [] },
];

export const CHAT_REQUEST: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'some-model',
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  parameters: {},
  wantsStreamUsage: false,
  rest: {},
};

const EMBEDDINGS_REQUEST: EmbeddingsRequest = {
  operation: 'embeddings',
  model: 'some-model',
  inputs: ['one', 'two'],
  encoding: 'float',
  isSingle: false,
  rest: {},
};

/** Registers the tests of the contract for one provider; `model` is one it offers every operation for. */
export function testProvider<C>(definition: ProviderDefinition<C>, model = 'some-model'): void {
  testDefinition(definition);
  for (const { title, config } of definition.examples) {
    const adapter = definition.compile(config);
    const name = `${definition.name} (${title})`;
    test(`${name}: takes some bytes as they are, or translates`, () => {
      const isTranslated = adapter.translation({ operation: 'chat', model, stream: false }) !== undefined;
      assert.ok(definition.speaks.length > 0 || isTranslated);
    });
    testPaths(name, { adapter, model, passes: definition.speaks.length > 0 });
    testCredential(name, adapter);
    testTranslations(name, adapter, model);
  }
}

function testDefinition<C>(definition: ProviderDefinition<C>): void {
  const { name } = definition;

  test(`${name}: is named and described`, () => {
    assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    assert.match(definition.summary, /^[A-Za-z].*\.$/);
    for (const variable of [...definition.keyVariables, ...definition.baseUrlVariables])
      assert.match(variable, /^[A-Z][A-Z0-9_]*$/);
  });

  test(`${name}: has addresses that can be called, or none`, () => {
    const made = definition.examples.map(({ config }) => definition.baseUrlOf?.(config));
    for (const address of [definition.defaultBaseUrl, ...made]) {
      if (address === undefined) continue;
      const url = new URL(address);
      // Plain text leaves this machine for nobody.
      assert.ok(url.protocol === 'https:' || url.hostname === '127.0.0.1', address);
      assert.ok(!address.endsWith('/'));
      assert.equal(url.search + url.hash + url.username, '');
    }
  });

  test(`${name}: its examples are what its schema gives`, () => {
    assert.ok(definition.examples.length > 0);
    for (const { title, config } of definition.examples)
      assert.deepEqual(definition.schema.parse(config), { ok: true, value: config }, title);
  });

  test(`${name}: an unknown option is a problem`, () => {
    assert.equal(definition.schema.parse({ no_such_option: 1 }).ok, false);
  });
}

interface OfferedPaths {
  readonly adapter: ProviderAdapter;
  readonly model: string;
  /** Some format's bytes are taken as they are. */
  readonly passes: boolean;
}

function testPaths(name: string, { adapter, model, passes }: OfferedPaths): void {
  test(`${name}: has a path for exactly the operations it offers`, () => {
    for (const operation of ALL) {
      const path = adapter.path(operation, model);
      const isOffered = adapter.operations.includes(operation);
      const isTranslated = adapter.translation({ operation, model, stream: false }) !== undefined;
      // Where nothing passes, what is offered is offered in translation.
      if (passes) assert.equal(path !== undefined, isOffered, operation);
      else assert.equal(isTranslated, isOffered, operation);
      if (path !== undefined) assert.match(path, PATH);
    }
  });

  test(`${name}: a name of a model cannot leave its place in a path`, () => {
    for (const model of ['a/b', '../../admin', 'a?b=c', 'a#b', 'a b', 'a\r\nx: 1', 'é', '..', '.', '\ud800']) {
      for (const operation of ALL) {
        const path = adapter.path(operation, model) ?? '';
        assert.match(path, /^[\x21-\x7e]*$/);
        assert.ok(!/[?#]|\/\.\.?(\/|$)/.test(path), path);
        const translated = adapter.translation({ operation, model, stream: true })?.path ?? '';
        assert.match(translated, /^[\x21-\x7e]*$/);
        assert.ok(!/[?#]|\/\.\.?(\/|$)/.test(translated), translated);
      }
    }
  });
}

function testCredential(name: string, adapter: ProviderAdapter): void {
  const isElsewhere = adapter.sign !== undefined || adapter.tokenNeed !== undefined;

  test(`${name}: its credential is complete header lines`, () => {
    assert.match(adapter.credentialLines('sk-secret'), /^([a-z][a-z0-9-]*: [\x21-\x7e][\x20-\x7e]*\r\n)*$/);
    assert.match(adapter.credentialLines(undefined), /^([a-z][a-z0-9-]*: [\x21-\x7e][\x20-\x7e]*\r\n)*$/);
  });

  test(`${name}: its credential holds the secret, unless the request is signed or a token fetched`, () => {
    assert.equal(adapter.credentialLines('sk-secret').includes('sk-secret'), !isElsewhere);
  });

  test(`${name}: a secret cannot smuggle in a header, and is not told`, () => {
    if (isElsewhere) return;
    for (const secret of ['sk\r\nx-evil: 1', 'sk\nx', 'sk\u0000'])
      assert.throws(
        () => adapter.credentialLines(secret),
        (error: Error) => !error.message.includes('sk'),
      );
  });
}

function testTranslations(name: string, adapter: ProviderAdapter, model: string): void {
  for (const operation of ALL) {
    for (const stream of [false, true]) {
      const target = adapter.translation({ operation, model, stream });
      if (target === undefined) continue;
      test(`${name}: ${operation}${stream ? ', streamed,' : ''} can be asked for in translation`, () => {
        checkTarget(operation, target);
      });
    }
  }

  test(`${name}: what passes and what is translated is what can be asked`, () => {
    for (const operation of ['chat', 'embeddings'] as const) {
      const isTranslated = adapter.translation({ operation, model, stream: false }) !== undefined;
      if (adapter.operations.includes(operation)) assert.ok(isTranslated, operation);
    }
  });
}

function checkTarget(operation: Operation, { path, query, codec, framing }: TranslationTarget): void {
  assert.match(path, PATH);
  assert.match(query, QUERY);
  assert.ok(['sse', 'aws-event-stream', 'json-array'].includes(framing));
  assert.equal(codec.kind, KINDS[operation]);
  if (codec.kind === 'chat') checkChatTarget(codec.codec);
  if (codec.kind === 'embeddings') checkEmbeddingsTarget(codec.codec);
  for (const body of GARBAGE) assert.doesNotThrow(() => codec.codec.decodeResponse(body));
}

/** Every wish has a treatment, requests are JSON, and a stream that says nothing is no answer. */
function checkChatTarget(codec: ChatTargetCodec): void {
  const fields = Object.keys(openaiChatParameters).toSorted();
  assert.deepEqual(Object.keys(codec.parameters).toSorted(), fields);
  for (const [field, { treatment }] of Object.entries(codec.parameters))
    assert.ok(['mapped', 'dropped', 'refused'].includes(treatment), field);
  for (const stream of [false, true]) {
    const body = codec.encodeRequest({ ...CHAT_REQUEST, stream });
    assert.deepEqual(JSON.parse(JSON.stringify(body)), body);
    assert.ok(JSON.stringify(body).includes('hello'));
  }
  const quiet: LlmEvent[] = [];
  assert.equal(codec.createStreamDecoder(CHAT_REQUEST).end(quiet), false);
  const broken: LlmEvent[] = [];
  codec.createStreamDecoder(CHAT_REQUEST).decode('', '{"broken', broken);
  assert.equal(broken.at(-1)?.type, 'error');
}

function checkEmbeddingsTarget(codec: EmbeddingsTargetCodec): void {
  const body = codec.encodeRequest(EMBEDDINGS_REQUEST);
  assert.deepEqual(JSON.parse(JSON.stringify(body)), body);
  for (const text of ['one', 'two']) assert.ok(JSON.stringify(body).includes(text));
}
