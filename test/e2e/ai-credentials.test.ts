// Credentials stay on their side: the client's never reaches a provider unless told, the provider's never reaches a client, and
// neither is found in a log line, metric, error or dump.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { type AiGateway, aiConfig, CLIENT_KEY, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] } as const;
const BODY = JSON.stringify(CHAT);
const CANARY = 'canary-5e0f71';
/** Every name under which clients and proxies send secrets to AI services. */
const CREDENTIAL_FIELDS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'x-amz-security-token',
  'x-portkey-api-key',
  'x-bf-vk',
  'x-auth-token',
  'x-access-token',
  'xi-api-key',
  'ocp-apim-subscription-key',
  'openai-api-key',
  'anthropic-api-key',
  'x-stainless-token',
  'dpop',
  'x-forwarded-client-cert',
];

function revealing(context: TestContext, options: Parameters<typeof startAiGateway>[1] = {}): Promise<AiGateway> {
  return startAiGateway(context, { ...options, simulator: { revealCredentials: true, ...options.simulator } });
}

test('the provider gets the configured key and nothing of the client’s', async (context) => {
  const ai = await revealing(context, { simulator: { requireKey: PROVIDER_KEY } });
  await ai.client.chat.completions.create({ ...CHAT, messages: [...CHAT.messages] });
  assert.equal(ai.last().headers.authorization, `Bearer ${PROVIDER_KEY}`);
  assert.doesNotMatch(JSON.stringify(ai.last()), new RegExp(CLIENT_KEY));
});

test('forward_credentials passes the client’s key on', async (context) => {
  const ai = await revealing(context, {
    simulator: { requireKey: CLIENT_KEY },
    config: (url) => aiConfig(url, { api_key: undefined, forward_credentials: true }),
  });
  await ai.client.chat.completions.create({ ...CHAT, messages: [...CHAT.messages] });
  assert.equal(ai.last().headers.authorization, `Bearer ${CLIENT_KEY}`);
});

test('with both, the client’s own key goes before the configured one, and only one is sent', async (context) => {
  const ai = await revealing(context, { config: (url) => aiConfig(url, { forward_credentials: true }) });
  assert.equal((await ai.post('/v1/chat/completions', BODY)).status, 200);
  assert.equal(ai.last().headers.authorization, `Bearer ${CLIENT_KEY}`);
  const anonymous = await ai.gateway.fetch('/v1/chat/completions', { method: 'POST', body: BODY });
  assert.equal(anonymous.status, 200);
  assert.equal(ai.last().headers.authorization, `Bearer ${PROVIDER_KEY}`);
});

test('the configured organization replaces the client’s', async (context) => {
  const ai = await revealing(context, {
    config: (url) => aiConfig(url, { options: { organization: 'org-ours', project: 'proj_ours' } }),
  });
  await ai.post('/v1/chat/completions', BODY, { 'openai-organization': 'org-theirs', 'openai-beta': 'assistants=v2' });
  const { headers } = ai.last();
  assert.equal(headers['openai-organization'], 'org-ours');
  assert.equal(headers['openai-project'], 'proj_ours');
  assert.equal(headers['openai-beta'], 'assistants=v2');
});

test('the key comes from the environment', async (context) => {
  const ai = await revealing(context, {
    environment: { OPENAI_API_KEY: 'sk-from-environment', MY_KEY: 'sk-by-name' },
    config: (url) => {
      const named = { provider: 'openai', base_url: `${url}/v1`, api_key: `$\{MY_KEY}` };
      const config = aiConfig(url, { api_key: undefined });
      return {
        backends: { ...(config.backends as object), named },
        routes: [
          { name: 'named', match: { path: '/named/*' }, backend: 'named' },
          ...(config.routes as readonly object[]),
        ],
      };
    },
  });
  await ai.post('/v1/chat/completions', BODY);
  assert.equal(ai.last().headers.authorization, 'Bearer sk-from-environment');
  await ai.post('/named/chat/completions', BODY);
  assert.equal(ai.last().headers.authorization, 'Bearer sk-by-name');
});

test('failover takes no credential along: not from a plain target, not from a provider that may have it', async (context) => {
  const closed = await startSimulator({ port: 0 });
  await closed.close();
  const ai = await revealing(context, {
    config: (url) => ({
      backends: {
        trusted: { provider: 'openai', base_url: `${closed.url}/v1`, forward_credentials: true },
        plain: { endpoints: [closed.url] },
        other: { provider: 'openai', base_url: `${url}/v1`, api_key: PROVIDER_KEY },
      },
      routes: [
        { name: 'a', match: { path: '/a/*' }, backends: tiers('trusted', 'other') },
        { name: 'b', match: { path: '/b/*' }, backends: tiers('plain', 'other') },
      ],
    }),
  });
  for (const route of ['a', 'b']) {
    const response = await ai.post(`/${route}/chat/completions`, BODY, { cookie: CANARY, 'x-api-key': CANARY });
    assert.equal(response.status, 200, route);
    assert.equal(ai.last().headers.authorization, `Bearer ${PROVIDER_KEY}`, route);
    assert.doesNotMatch(JSON.stringify(ai.last()), new RegExp(`${CANARY}|${CLIENT_KEY}`), route);
  }
});

function tiers(first: string, second: string): readonly object[] {
  return [
    { backend: first, tier: 0 },
    { backend: second, tier: 1 },
  ];
}

test('failover to a provider that takes the client’s credential still has it', async (context) => {
  const closed = await startSimulator({ port: 0 });
  await closed.close();
  const ai = await revealing(context, {
    config: (url) => ({
      backends: {
        down: { provider: 'openai', base_url: `${closed.url}/v1`, api_key: PROVIDER_KEY },
        forwarding: { provider: 'openai', base_url: `${url}/v1`, forward_credentials: true },
      },
      routes: [{ name: 'a', match: { path: '/v1/*' }, backends: tiers('down', 'forwarding') }],
    }),
    environment: { OPENAI_API_KEY: '' },
  });
  assert.equal((await ai.post('/v1/chat/completions', BODY)).status, 200);
  assert.equal(ai.last().headers.authorization, `Bearer ${CLIENT_KEY}`);
});

test('a canary in every credential field is found nowhere', async (context) => {
  const ai = await revealing(context, {
    config: (url) => ({
      ...aiConfig(url),
      log: { request_headers: ['user-agent', 'x-tenant', 'x-auth', 'x-custom'] },
    }),
  });
  const fields = Object.fromEntries(CREDENTIAL_FIELDS.map((name) => [name, `Bearer ${CANARY}`]));
  const headers = { ...fields, 'x-tenant': 'blue', 'x-custom': `Bearer ${CANARY}` };
  const query = `?key=${CANARY}&api_key=${CANARY}&access_token=${CANARY}`;
  const seen: string[] = [];
  const bodies = [BODY, 'not json', '{}', JSON.stringify({ ...CHAT, model: 'sim-reset-before-headers' })];
  for (const body of bodies) {
    for (const path of ['/v1/chat/completions', '/v1/nothing', '/nowhere', '/v1/chat/completions/%00']) {
      const response = await ai.post(path, body, headers);
      seen.push(JSON.stringify([...response.headers]), await response.text());
    }
  }
  seen.push(...ai.simulator.received().map((request) => JSON.stringify(request)));
  await (await ai.post(`/v1/chat/completions${query}`, BODY, { ...headers, 'x-request-id': 'last' })).text();
  const line = await ai.line('last');
  assert.equal(line.request.headers['x-tenant'], 'blue');
  const explained = await ai.gateway.admin('/api/v1/explain', {
    method: 'POST',
    body: JSON.stringify({ path: '/v1/chat/completions', headers: fields, body: BODY }),
  });
  seen.push(ai.gateway.stdout, ai.gateway.stderr, await ai.metrics(), await explained.text());
  for (const path of ['/api/v1/config', '/api/v1/findings', '/gateway/health'])
    seen.push(await (await ai.gateway.admin(path)).text());
  for (const text of seen) {
    assert.ok(!text.includes(CANARY), text);
    if (!text.includes('/v1/chat/completions')) assert.ok(!text.includes(PROVIDER_KEY), text);
  }
  assert.ok(!ai.gateway.stdout.includes(PROVIDER_KEY) && !ai.gateway.stderr.includes(PROVIDER_KEY));
});

test('a provider that sends credentials back does not reach the client with them', async (context) => {
  const server = createServer((request, response) => {
    const echoed = { authorization: request.headers.authorization ?? '', 'x-api-key': PROVIDER_KEY };
    response.writeHead(200, { ...echoed, 'set-cookie': `session=${PROVIDER_KEY}`, 'content-type': 'application/json' });
    response.end('{"model":"m"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ai = await revealing(context, { config: () => aiConfig(`http://127.0.0.1:${port}`) });
  const response = await ai.post('/v1/chat/completions', BODY);
  assert.equal(response.status, 200);
  assert.ok(!JSON.stringify([...response.headers]).includes(PROVIDER_KEY));
});
