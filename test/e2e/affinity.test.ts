// Two endpoints and two worker threads over real sockets: turns of a conversation meet the endpoint that had the one before, and what
// is asked of a stored answer the one that made it, whichever worker takes the connection.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { startTestGateway } from './support/gateway.ts';

const simulators = [await startSimulator({ port: 0 }), await startSimulator({ port: 0 })];
for (const simulator of simulators) FILE_SCOPE.after(() => simulator.close());
const [first, second] = simulators;
// Simulators number their answers: those of the second shall have other ids.
for (let count = 0; count < 40; count++)
  await send(`${second.url}/v1/chat/completions`, 'POST', chat([user('warm up')]));
const gateway = await startTestGateway(FILE_SCOPE, {
  config: {
    backends: {
      ai: {
        provider: 'openai',
        base_url: `${first.url}/v1`,
        api_key: 'k',
        endpoints: simulators.map(({ url }) => url),
      },
    },
    routes: [{ name: 'ai', match: { path: '/v1/*' }, backend: 'ai' }],
  },
  args: ['--workers', '2'],
});

interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

/** On a connection of its own, so that either worker may take it. */
function send(url: string, method: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece) => pieces.push(piece));
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(Buffer.concat(pieces).toString()) });
      });
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function user(content: string): object {
  return { role: 'user', content };
}

function chat(messages: readonly object[]): object {
  return { model: 'gpt-4o-mini', messages };
}

/** Which of the two received a body with this text, by their numbers. */
function receiversOf(text: string): readonly number[] {
  const got = (simulator: Simulator): number =>
    simulator.received().filter(({ body }) => body?.text?.includes(text) === true).length;
  return simulators.map(got);
}

test('all turns of a conversation meet one endpoint, and conversations are spread over both', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `conversation ${index} of many`);
  for (const name of names) {
    const messages: object[] = [user(name)];
    for (let turn = 0; turn < 4; turn++) {
      const answer = await send(`${gateway.url}/v1/chat/completions`, 'POST', chat(messages));
      assert.equal(answer.status, 200);
      messages.push({ role: 'assistant', content: `answer ${turn}` }, user(`question ${turn}`));
    }
  }
  const received = names.map(receiversOf);
  for (const counts of received) assert.deepEqual([...counts].sort(), [0, 4]);
  assert.ok(new Set(received.map((counts) => counts.indexOf(4))).size === 2, JSON.stringify(received));
});

test('stored answers are read, continued and deleted where they were made', async () => {
  for (let turn = 0; turn < 6; turn++) {
    const made = await send(`${gateway.url}/v1/responses`, 'POST', { model: 'gpt-4o-mini', input: `make ${turn}` });
    const url = `${gateway.url}/v1/responses/${made.json.id}`;
    const more = { model: 'gpt-4o-mini', input: 'more', previous_response_id: made.json.id };
    assert.equal((await send(`${gateway.url}/v1/responses`, 'POST', more)).status, 200);
    assert.deepEqual((await send(url, 'GET')).json, made.json);
    assert.equal((await send(`${url}/input_items`, 'GET')).status, 200);
    assert.equal((await send(url, 'DELETE')).status, 200);
    assert.equal((await send(url, 'GET')).status, 404);
  }
});
