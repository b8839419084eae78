// Endpoints that die, return, join and leave under load: no client may notice. The same claims as in simulated time, once over
// real sockets, two workers and real connections.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestGateway, until } from '../e2e/support/gateway.ts';

const CHAT = JSON.stringify({ model: 'sim', messages: [{ role: 'user', content: 'hello' }] });
const CLIENTS = 12;

interface Load {
  /** Whole answers and anything else so far. */
  readonly good: number;
  readonly bad: readonly string[];
  /** Resolves when every client has finished its last request. */
  stop(): Promise<void>;
}

async function askOnce(gateway: TestGateway): Promise<string | undefined> {
  try {
    const response = await gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: CHAT,
    });
    const answer = (await response.json()) as { choices?: unknown };
    return response.status === 200 && answer.choices !== undefined ? undefined : JSON.stringify(answer);
  } catch (error) {
    return String(error);
  }
}

/** Clients that ask again as soon as they have their answer. */
function startLoad(gateway: TestGateway): Load {
  let isOver = false;
  const load = { good: 0, bad: [] as string[], stop: () => Promise.resolve() };
  const client = async (): Promise<void> => {
    while (!isOver) {
      const failure = await askOnce(gateway);
      if (failure === undefined) load.good++;
      else load.bad.push(failure);
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  load.stop = async () => {
    isOver = true;
    await clients;
  };
  return load;
}

const moreThan = (load: Load, count: number): Promise<boolean> => {
  const goal = load.good + count;
  return until(`${count} more answers`, () => load.good >= goal || load.bad.length > 0, 30_000);
};

function configOf(simulators: readonly Simulator[]): object {
  const named = simulators.map(({ url }) => [`at-${new URL(url).port}`, url] as const);
  return {
    backends: Object.fromEntries(
      named.map(([name, url]) => [
        name,
        {
          provider: 'openai',
          base_url: `${url}/v1`,
          api_key: 'k',
          circuit_breaker: { failure_threshold: 3, timeout: '1s' },
        },
      ]),
    ),
    routes: [{ name: 'ai', match: { path: '/v1/*' }, backends: named.map(([backend]) => ({ backend, weight: 1 })) }],
  };
}

test('one of two endpoints dies and returns: every client gets its answer', async (context) => {
  const steady = await startSimulator({ port: 0, name: 'steady' });
  let mortal = await startSimulator({ port: 0, name: 'mortal' });
  context.after(() => Promise.all([steady.close(), mortal.close()]));
  const gateway = await startTestGateway(context, { config: configOf([steady, mortal]), args: ['--workers', '2'] });
  const load = startLoad(gateway);
  const port = Number(new URL(mortal.url).port);
  for (let death = 0; death < 3; death++) {
    await moreThan(load, 100);
    await mortal.close();
    await moreThan(load, 100);
    mortal = await startSimulator({ port, name: 'mortal' });
    await until('the one that returned is asked again', () => mortal.received().length > 0, 30_000);
  }
  await load.stop();
  assert.deepEqual(load.bad, []);
});

test('endpoints join and leave again and again: every client gets its answer', async (context) => {
  const simulators = await Promise.all(['a', 'b', 'c'].map((name) => startSimulator({ port: 0, name })));
  context.after(() => Promise.all(simulators.map((simulator) => simulator.close())));
  const [a, b, c] = simulators;
  const gateway = await startTestGateway(context, { config: configOf([a, b]), args: ['--workers', '2', '--watch'] });
  const load = startLoad(gateway);
  const members = [[b, c], [c], [a, b, c], [a], [a, c], [b]];
  for (const [index, chosen] of members.entries()) {
    gateway.writeConfig(configOf(chosen));
    await until('the reload', () => gateway.stderr.split('configuration reloaded').length > index + 1, 30_000);
    await moreThan(load, 50);
  }
  await load.stop();
  assert.deepEqual(load.bad, []);
  // Who left is not asked any more.
  a.clearReceived();
  const before = b.received().length;
  assert.equal(await askOnce(gateway), undefined);
  assert.deepEqual([a.received().length, b.received().length], [0, before + 1]);
});
