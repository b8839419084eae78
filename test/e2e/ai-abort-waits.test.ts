// A client that leaves while the gateway holds, waits, pauses or translates: whatever is under way ends within 100 ms, and what was
// still to come never begins.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type AiGateway, FILE_SCOPE, startAiGateway } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { arrival, assertPrompt, lateness } from '../support/lateness.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from './support/gateway.ts';

const spare = await startSimulator({ port: 0 });
FILE_SCOPE.after(() => spare.close());
/** Of tokens, unanswered until `giveTokens`. */
const waiting: ServerResponse[] = [];
let isGiving = false;

function giveToken(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'metadata-flavor': 'Google' });
  response.end('{"access_token":"t","expires_in":3600,"token_type":"Bearer"}');
}

function giveTokens(): void {
  isGiving = true;
  for (const response of waiting) giveToken(response);
}

/** The metadata server of a machine of Google's. */
const metadata = createServer(({ url }, response) => {
  if (isGiving) giveToken(response);
  else if (url?.includes('/token') === true) waiting.push(response);
  else response.writeHead(200, { 'metadata-flavor': 'Google' }).end('ok');
});
await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
FILE_SCOPE.after(() => {
  metadata.closeAllConnections();
  metadata.close();
});

const ai = await startAiGateway(FILE_SCOPE, {
  environment: {
    GCE_METADATA_HOST: `127.0.0.1:${(metadata.address() as AddressInfo).port}`,
    METADATA_SERVER_DETECTION: 'assume-present',
    GOOGLE_APPLICATION_CREDENTIALS: '',
  },
  config: (url) => {
    const openai = (base: string) => ({ provider: 'openai', base_url: `${base}/v1`, api_key: 'k' });
    const options = { project: 'my-project', location: 'global' };
    const route = (name: string, rest: object) => ({ name, match: { path: '/*', headers: { 'x-to': name } }, ...rest });
    return {
      backends: {
        main: openai(url),
        spare: openai(spare.url),
        vertex: { provider: 'vertex', base_url: url, options },
      },
      routes: [
        route('plain', { backend: 'main' }),
        route('choice', {
          backends: [
            { backend: 'main', weight: 1 },
            { backend: 'spare', weight: 0, tier: 1 },
          ],
        }),
        route('hedged', {
          backends: [
            { backend: 'main', weight: 1 },
            { backend: 'spare', weight: 1, tier: 1 },
          ],
          hedge: { delay: '50ms', budget: '100%' },
        }),
        route('retried', { backend: 'main', retry: { attempts: 3, on: 503, backoff: { base: '60s', max: '60s' } } }),
        route('vertex', { backend: 'vertex' }),
      ],
    };
  },
});

interface Asked {
  readonly gateway?: AiGateway;
  readonly to: string;
  readonly path?: string;
  readonly model: string;
  readonly stream?: boolean;
}

function send(id: string, { gateway = ai, to, path = '/v1/messages', model, stream = false }: Asked): RawClient {
  const client = new RawClient(gateway.gateway.port);
  const body = JSON.stringify({ model, stream, max_tokens: 9, messages: [{ role: 'user', content: 'hello there' }] });
  const fields = `host: x\r\nx-request-id: ${id}\r\nx-to: ${to}\r\ncontent-type: application/json\r\n`;
  client.send(`POST ${path} HTTP/1.1\r\n${fields}content-length: ${body.length}\r\n\r\n${body}`);
  return client;
}

async function assertAborted(id: string, { gateway = ai, status = 499 } = {}): Promise<void> {
  const line = await gateway.line(id);
  assert.equal(line.error?.code, 'request.aborted');
  assert.equal(line.status, status);
}

interface Phase extends Asked {
  readonly name: string;
  /** The provider has begun to answer, though its client has seen nothing. */
  readonly isHeld?: boolean;
  readonly seen?: RegExp;
}

const CHAT = '/v1/chat/completions';
const PHASES: readonly Phase[] = [
  { name: 'before a translated answer', to: 'plain', model: 'sim-hang' },
  { name: 'in the middle of a translated answer', to: 'plain', model: 'sim-slow-800bps', isHeld: true },
  { name: 'before a translated stream', to: 'plain', model: 'sim-hang', stream: true },
  { name: 'in a translated stream', to: 'plain', model: 'sim-gap-40ms+bytes-1KB', stream: true, seen: /said/ },
  { name: 'in a translated stream that stalls', to: 'plain', model: 'sim-stall-2', stream: true, seen: /said/ },
  {
    name: 'while an answer is held for its first token',
    to: 'choice',
    path: CHAT,
    model: 'sim-first-token-30s',
    stream: true,
    isHeld: true,
  },
  {
    name: 'while a translated stream is held for its first token',
    to: 'choice',
    model: 'sim-first-token-30s',
    stream: true,
    isHeld: true,
  },
];

for (const { name, isHeld, seen, ...asked } of PHASES) {
  test(`the client leaves ${name}`, async () => {
    const requestId = await assertPrompt(async (id) => {
      const client = send(id, asked);
      await arrival(ai.simulator, id);
      if (isHeld === true)
        await until('the answer has begun', async () => (await arrival(ai.simulator, id)).status === 200);
      if (seen !== undefined) await client.until((text) => seen.test(text));
      const leftAtMs = Date.now();
      client.close();
      return lateness(ai.simulator, id, leftAtMs);
    });
    await assertAborted(requestId, { status: seen === undefined ? 499 : 200 });
  });
}

for (const path of [CHAT, '/v1/messages'])
  test(`the client leaves while two tries are under way (${path})`, async () => {
    const requestId = await assertPrompt(async (id) => {
      const client = send(id, { to: 'hedged', path, model: 'sim-hang' });
      await arrival(ai.simulator, id);
      await arrival(spare, id);
      const leftAtMs = Date.now();
      client.close();
      return Math.max(await lateness(ai.simulator, id, leftAtMs), await lateness(spare, id, leftAtMs));
    });
    await assertAborted(requestId);
  });

/** Nothing is left of a request that is over, whatever it waited for. */
async function assertOver(gateway: AiGateway): Promise<void> {
  await until('nothing is active', async () => metricSum(await gateway.metrics(), 'gateway_active_requests') === 0);
}

test('in the pause before a retry: there is none', async () => {
  const client = send('paused', { to: 'retried', path: CHAT, model: 'sim-status-503' });
  await until('the first try is over', async () => (await arrival(ai.simulator, 'paused')).outcome === 'answered');
  await until('the pause began', async () => metricSum(await ai.metrics(), 'gateway_upstream_retries_total') > 0);
  client.close();
  await assertAborted('paused');
  await assertOver(ai);
  assert.equal((await ai.line('paused')).attempts.length, 1);
});

test('in the router’s queue: the provider is never asked', async (context) => {
  const queued = await startAiGateway(context, {
    config: (url) => ({
      backends: { main: { provider: 'openai', base_url: `${url}/v1`, api_key: 'k', models: ['gpt-4o'] } },
      router: { queue: { max: 5, timeout: '60s' } },
    }),
  });
  queued.simulator.setFaults([{ fault: '429-60s', model: 'gpt-4o', times: 1 }]);
  const first = await queued.post(CHAT, JSON.stringify({ model: 'gpt-4o', messages: [] }), { 'x-request-id': 'limit' });
  assert.equal(first.status, 429);
  await queued.line('limit');
  await assertOver(queued);
  const client = send('queued', { gateway: queued, to: 'x', path: CHAT, model: 'gpt-4o' });
  await until('it waits', async () => metricSum(await queued.metrics(), 'gateway_active_requests') === 1);
  client.close();
  await assertAborted('queued', { gateway: queued });
  await assertOver(queued);
  assert.equal(queued.simulator.received().length, 1);
});

test('while the credential is fetched: the try never goes out', async () => {
  const client = send('credential', { to: 'vertex', path: CHAT, model: 'gemini-2.5-flash' });
  await until('the token is asked for', () => waiting.length > 0);
  client.close();
  await assertAborted('credential');
  giveTokens();
  // The next one has the token at once, and is the first that the provider sees.
  const next = await ai.post(
    CHAT,
    JSON.stringify({ model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'x' }] }),
    {
      'x-to': 'vertex',
      'x-request-id': 'after',
    },
  );
  await next.text();
  assert.equal(next.status, 200);
  const ids = ai.simulator.received().map(({ headers }) => headers['x-request-id']);
  assert.ok(ids.includes('after') && !ids.includes('credential'));
});

test('afterwards nothing is left open', async () => {
  await assertOver(ai);
  assert.equal(metricSum(await ai.metrics(), 'gateway_worker_restarts_total'), 0);
});
