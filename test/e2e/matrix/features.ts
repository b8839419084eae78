// What every client must be able to do against every provider: each feature asks, and asserts on what the client shows.
import assert from 'node:assert/strict';
import { PIXEL } from '../../../src/simulator/operations/images.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { countTokens } from '../../../src/simulator/tokens.ts';
import { until } from '../support/gateway.ts';
import type { ProviderKind } from './providers.ts';
import type { Ask, Reply, Session } from './session.ts';

export interface World {
  readonly session: Session;
  readonly simulator: Simulator;
  readonly kind: ProviderKind;
  /** The tokens of this cell's one request as the gateway's log has them. */
  loggedUsage(): Promise<{ readonly input: number; readonly output: number }>;
}

export interface Feature {
  readonly name: string;
  run(world: World): Promise<void>;
  /** Why there is nothing to ask of this client and provider; undefined = it is asked. */
  absent?(world: Pick<World, 'session' | 'kind'>): string | undefined;
}

const MODEL = 'matrix-model';
const ASK: Ask = { model: MODEL, prompt: 'Hello matrix', system: 'Be brief' };
const SAID = /^You said: Hello matrix\n/;
const INPUT_TOKENS = countTokens('Hello matrix') + countTokens('Be brief');
const PNG = Buffer.from(PIXEL, 'base64');

async function assertUsage({ input, output, text }: Reply, world: World): Promise<void> {
  const exact = { input: INPUT_TOKENS, output: countTokens(text) };
  assert.deepEqual({ input, output }, exact, 'the tokens that the client shows');
  assert.deepEqual(await world.loggedUsage(), exact, 'the tokens in the log');
}

function assertCalls(reply: Reply, prompt: string, names: readonly string[]): void {
  assert.deepEqual(
    reply.calls.map(({ name, input }) => ({ name, input })),
    names.map((name, index) => ({ name, input: { city: index === 0 ? prompt : `${prompt} (${index + 1})` } })),
  );
  const ids = reply.calls.map(({ id }) => id).filter((id) => id !== '');
  assert.equal(new Set(ids).size, ids.length, 'every call has an id of its own');
}

/** Tools are called, and the turn goes on with their results. */
async function callTools(say: (ask: Ask) => Promise<Reply>, prompt: string, names: readonly string[]): Promise<void> {
  const tools = ['weather', 'clock'];
  const ask: Ask = { model: MODEL, prompt, tools };
  const reply = await say(ask);
  assertCalls(reply, prompt, names);
  const results = names.map((name) => `${name} says nine`);
  const told = await say({ ...ask, after: { reply, results } });
  // Some clients wrap a result into an object of their own.
  const inOrder = new RegExp(`\nThe tools said: .*${results.join('.*')}.*\n`);
  assert.match(told.text, inOrder);
}

function statusOf(error: unknown): unknown {
  const { status, statusCode, cause } = error as {
    readonly status?: unknown;
    readonly statusCode?: unknown;
    readonly cause?: unknown;
  };
  return status ?? statusCode ?? (cause === undefined ? undefined : statusOf(cause));
}

async function refusedWith(status: number, asked: Promise<unknown>): Promise<void> {
  await assert.rejects(asked, (error) => {
    assert.equal(statusOf(error), status, String(error));
    return true;
  });
}

export const FEATURES: readonly Feature[] = [
  {
    name: 'chat',
    async run(world) {
      const reply = await world.session.say(ASK);
      assert.match(reply.text, SAID);
      await assertUsage(reply, world);
    },
  },
  {
    name: 'stream',
    async run(world) {
      const reply = await world.session.stream(ASK);
      assert.match(reply.text, SAID);
      assert.ok(reply.pieces > 3, `${reply.pieces} pieces`);
      await assertUsage(reply, world);
    },
  },
  { name: 'tools', run: ({ session }) => callTools((ask) => session.say(ask), 'Oslo', ['weather']) },
  { name: 'tools streamed', run: ({ session }) => callTools((ask) => session.stream(ask), 'Oslo', ['weather']) },
  {
    name: 'tools parallel',
    run: ({ session }) => callTools((ask) => session.say(ask), 'Both in parallel', ['weather', 'clock']),
  },
  {
    name: 'tools parallel streamed',
    run: ({ session }) => callTools((ask) => session.stream(ask), 'Both in parallel', ['weather', 'clock']),
  },
  {
    name: 'image',
    async run({ session }) {
      const { text } = await session.say({ ...ASK, image: PNG });
      assert.ok(text.includes(`You sent: image/png of ${PNG.length} bytes\n`), text);
    },
  },
  {
    name: 'JSON schema',
    async run({ session }) {
      const { text } = await session.say({ ...ASK, isShaped: true });
      assert.deepEqual(JSON.parse(text), { city: ASK.prompt });
    },
  },
  {
    name: 'embeddings',
    absent: ({ session, kind }) => {
      if (session.embed === undefined) return 'the client has no embeddings';
      return kind.hasEmbeddings ? undefined : 'the provider has no embeddings';
    },
    async run({ session, kind }) {
      const vectors = await session.embed?.(kind.embeddingModel, ['one', 'two', 'one']);
      assert.equal(vectors?.length, 3);
      assert.ok(vectors[0].length > 100);
      assert.deepEqual(vectors[0], vectors[2]);
      assert.notDeepEqual(vectors[0], vectors[1]);
    },
  },
  {
    name: 'errors',
    async run({ session }) {
      await refusedWith(400, session.say({ ...ASK, model: 'sim-context-window' }));
      await refusedWith(429, session.say({ ...ASK, model: 'sim-429-1s' }));
      await refusedWith(429, session.stream({ ...ASK, model: 'sim-429-1s' }));
    },
  },
  {
    name: 'broken streams',
    async run({ session }) {
      for (const model of ['sim-cut-3', 'sim-error-in-stream-3', 'sim-empty-stream']) {
        await assert.rejects(session.stream({ ...ASK, model }), Error, `${model} must not look like an answer`);
      }
      // Where the reason of the finish came before, an answer without its last event is whole; elsewhere it is cut.
      const endless = await session.stream({ ...ASK, model: 'sim-no-done' }).catch(() => undefined);
      if (endless !== undefined) assert.equal(endless.output, countTokens(endless.text));
      // An end that comes twice is shown once.
      const twice = await session.stream({ ...ASK, model: 'sim-duplicate-end' });
      assert.equal(twice.output, countTokens(twice.text));
    },
  },
  {
    name: 'abort',
    async run({ session, simulator }) {
      await session.leave({ ...ASK, model: 'sim-gap-100ms' });
      await until('the provider is left', () => simulator.received().at(-1)?.outcome === 'client-aborted');
    },
  },
];
