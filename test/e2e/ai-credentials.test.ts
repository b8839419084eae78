// Credentials stay on their side: the client's never reaches a provider unless told, the provider's never reaches a client, and
// neither is found in a log line, metric, error or dump.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedRequest } from '../../src/simulator/received-log.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { aiConfig, CLIENT_KEY, FILE_SCOPE, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';
import { startPlainServer } from '../support/plain-server.ts';

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

const closed = await startSimulator({ port: 0 });
await closed.close();
const echoing = await startPlainServer(FILE_SCOPE, (request, response) => {
  const echoed = { authorization: request.headers.authorization ?? '', 'x-api-key': PROVIDER_KEY };
  response.writeHead(200, { ...echoed, 'set-cookie': `session=${PROVIDER_KEY}`, 'content-type': 'application/json' });
  response.end('{"model":"m"}');
});

function tiers(first: string, second: string): readonly object[] {
  return [
    { backend: first, tier: 0 },
    { backend: second, tier: 1 },
  ];
}

/** Routes are called as their first path segment. */
function configuration(url: string): object {
  const openai = { provider: 'openai', base_url: `${url}/v1` };
  const compatible = { provider: 'openai-compatible', base_url: `${url}/v1` };
  const config = aiConfig(url);
  const backends = {
    forwarding: { ...compatible, forward_credentials: true },
    both: { ...openai, api_key: PROVIDER_KEY, forward_credentials: true },
    organization: { ...openai, api_key: 'k', options: { organization: 'org-ours', project: 'proj_ours' } },
    environment: openai,
    named: { ...openai, api_key: `$\{MY_KEY}` },
    echoing: { provider: 'openai', base_url: `${echoing.url}/v1`, api_key: PROVIDER_KEY },
    'down-forwarding': { ...compatible, base_url: `${closed.url}/v1`, forward_credentials: true },
    'down-plain': { endpoints: [closed.url] },
    'down-keyed': { provider: 'openai', base_url: `${closed.url}/v1`, api_key: PROVIDER_KEY },
  };
  const own = ['forwarding', 'both', 'organization', 'environment', 'named', 'echoing'];
  return {
    log: { request_headers: ['user-agent', 'x-tenant', 'x-custom'] },
    backends: { ...(config.backends as object), ...backends },
    routes: [
      ...own.map((name) => ({ name, match: { path: `/${name}/*` }, backend: name })),
      { name: 'from-forwarding', match: { path: '/from-forwarding/*' }, backends: tiers('down-forwarding', 'ai') },
      { name: 'from-plain', match: { path: '/from-plain/*' }, backends: tiers('down-plain', 'ai') },
      { name: 'to-forwarding', match: { path: '/to-forwarding/*' }, backends: tiers('down-keyed', 'forwarding') },
      ...(config.routes as readonly object[]),
    ],
  };
}

const ai = await startAiGateway(FILE_SCOPE, {
  simulator: { revealCredentials: true },
  config: configuration,
  environment: { OPENAI_API_KEY: 'sk-from-environment', MY_KEY: 'sk-by-name' },
});

/** What the provider saw of a chat through this route. */
async function sent(route: string, headers: Readonly<Record<string, string>> = {}): Promise<ReceivedRequest> {
  const response = await ai.post(`/${route}/chat/completions`, BODY, headers);
  assert.equal(response.status, 200, await response.text());
  return ai.last();
}

test('the provider gets the configured key and nothing of the client’s', async () => {
  await ai.client.chat.completions.create({ ...CHAT, messages: [...CHAT.messages] });
  assert.equal(ai.last().headers.authorization, `Bearer ${PROVIDER_KEY}`);
  assert.doesNotMatch(JSON.stringify(ai.last()), new RegExp(CLIENT_KEY));
});

test('forward_credentials passes the client’s key on', async () => {
  assert.equal((await sent('forwarding')).headers.authorization, `Bearer ${CLIENT_KEY}`);
});

test('with both, the client’s own key goes before the configured one, and only one is sent', async () => {
  assert.equal((await sent('both')).headers.authorization, `Bearer ${CLIENT_KEY}`);
  const anonymous = await ai.gateway.fetch('/both/chat/completions', { method: 'POST', body: BODY });
  assert.equal(anonymous.status, 200);
  assert.equal(ai.last().headers.authorization, `Bearer ${PROVIDER_KEY}`);
});

test('the configured organization replaces the client’s', async () => {
  const { headers } = await sent('organization', {
    'openai-organization': 'org-theirs',
    'openai-beta': 'assistants=v2',
  });
  assert.equal(headers['openai-organization'], 'org-ours');
  assert.equal(headers['openai-project'], 'proj_ours');
  assert.equal(headers['openai-beta'], 'assistants=v2');
});

test('the key comes from the environment, by the provider’s variable or one of the author’s', async () => {
  assert.equal((await sent('environment')).headers.authorization, 'Bearer sk-from-environment');
  assert.equal((await sent('named')).headers.authorization, 'Bearer sk-by-name');
});

test('failover takes no credential along: not from a plain target, not from a provider that may have it', async () => {
  for (const route of ['from-forwarding', 'from-plain']) {
    const seen = await sent(route, { cookie: CANARY, 'x-api-key': CANARY });
    assert.equal(seen.headers.authorization, `Bearer ${PROVIDER_KEY}`, route);
    assert.doesNotMatch(JSON.stringify(seen), new RegExp(`${CANARY}|${CLIENT_KEY}`), route);
  }
});

test('failover to a provider that takes the client’s credential still has it', async () => {
  assert.equal((await sent('to-forwarding')).headers.authorization, `Bearer ${CLIENT_KEY}`);
});

test('a canary in every credential field is found nowhere', async () => {
  ai.simulator.clearReceived();
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

test('a provider that sends credentials back does not reach the client with them', async () => {
  const response = await ai.post('/echoing/chat/completions', BODY);
  assert.equal(response.status, 200);
  assert.ok(!JSON.stringify([...response.headers]).includes(PROVIDER_KEY));
});
