// Canaries in every field that a client may put its credential into, and in every key that is configured: whatever happens to the
// requests, each is seen in the one header field of the one provider it is for, and nowhere else.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { runSwitchyard, startTestGateway, until } from './support/gateway.ts';

/** What every secret of this file begins with; prompts have a mark of their own, since providers may see and repeat them. */
const CANARY = 'canary-5b3e';
const PROMPT = 'whispered-77aa';

const secret = (name: string): string => `${CANARY}-${name}`;

/** Everything that SDKs, proxies and browsers prove themselves with. */
const CLIENT_FIELDS: Readonly<Record<string, string>> = {
  authorization: `Bearer ${secret('client-authorization')}`,
  'x-api-key': secret('client-x-api-key'),
  'api-key': secret('client-api-key'),
  'x-goog-api-key': secret('client-x-goog-api-key'),
  cookie: `session=${secret('client-cookie')}`,
  'proxy-authorization': `Basic ${secret('client-proxy')}`,
  'x-amz-security-token': secret('client-amz'),
  'openai-api-key': secret('client-openai-field'),
  'anthropic-auth-token': secret('client-anthropic-field'),
  'x-switchyard-token': secret('client-own-field'),
};
const CLIENT_QUERY = `key=${secret('client-query')}`;
const TENANT_KEY = secret('tenant');

interface Kind {
  readonly name: string;
  /** What its simulator wants to see. */
  readonly key: string;
  backend(url: string): object;
  /** The fields it may get a credential in, and what may stand there. */
  readonly sees: Readonly<Record<string, readonly string[]>>;
}

const bearer = (...keys: readonly string[]) => ({ authorization: keys.map((key) => `Bearer ${key}`) });
const AWS_SECRET = secret('aws');
const KEYS = [secret('first-of-two'), secret('second-of-two')];

const KINDS: readonly Kind[] = [
  {
    name: 'openai',
    key: secret('openai'),
    backend: (url) => ({ provider: 'openai', base_url: `${url}/v1`, api_key: secret('openai') }),
    sees: bearer(secret('openai')),
  },
  {
    name: 'two-keys',
    key: KEYS[1],
    backend: (url) => ({ provider: 'openai-compatible', base_url: `${url}/v1`, api_keys: KEYS }),
    sees: bearer(...KEYS),
  },
  {
    name: 'azure',
    key: secret('azure'),
    backend: (url) => ({
      provider: 'azure',
      base_url: url,
      api_key: secret('azure'),
      options: { api_version: '2024-10-21' },
    }),
    sees: { 'api-key': [secret('azure')] },
  },
  {
    name: 'anthropic',
    key: secret('anthropic'),
    backend: (url) => ({ provider: 'anthropic', base_url: url, api_key: secret('anthropic') }),
    sees: { 'x-api-key': [secret('anthropic')] },
  },
  {
    name: 'google',
    key: secret('google'),
    backend: (url) => ({ provider: 'google', base_url: url, api_key: secret('google') }),
    sees: { 'x-goog-api-key': [secret('google')] },
  },
  {
    name: 'bedrock',
    key: `AKIDTAINT00000000000:${AWS_SECRET}`,
    backend: (url) => ({
      provider: 'bedrock',
      base_url: url,
      api_key: AWS_SECRET,
      options: { region: 'eu-west-1', access_key_id: 'AKIDTAINT00000000000', session_token: secret('aws-session') },
    }),
    sees: { 'x-amz-security-token': [secret('aws-session')] },
  },
  {
    name: 'vertex',
    key: secret('nobody'),
    backend: (url) => ({
      provider: 'vertex',
      base_url: url,
      api_key: JSON.stringify({
        type: 'service_account',
        client_email: 'robot@example.com',
        private_key_id: secret('key-id'),
        private_key: `-----BEGIN PRIVATE KEY-----\n${secret('private-key')}\n-----END PRIVATE KEY-----\n`,
      }),
      options: { project: 'my-project-123', location: 'europe-west4' },
    }),
    sees: {},
  },
  {
    name: 'forwarding',
    key: secret('client-authorization'),
    backend: (url) => ({ provider: 'openai', base_url: `${url}/v1`, forward_credentials: true }),
    sees: {
      authorization: [CLIENT_FIELDS.authorization],
      'x-api-key': [CLIENT_FIELDS['x-api-key']],
      'api-key': [CLIENT_FIELDS['api-key']],
      'x-goog-api-key': [CLIENT_FIELDS['x-goog-api-key']],
    },
  },
];

interface Request {
  readonly path: string;
  readonly body?: object | string;
}

const say = [{ role: 'user', content: PROMPT }];

/** Of each format the one that most happens to. */
const CHATS: readonly ((model: string) => Request)[] = [
  (model) => ({ path: '/v1/chat/completions', body: { model, messages: say, stream: true } }),
  (model) => ({ path: '/v1/responses', body: { model, input: PROMPT, stream: true } }),
  (model) => ({ path: '/v1/messages', body: { model, max_tokens: 50, messages: say, stream: true } }),
  (model) => ({
    path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: { contents: [{ parts: [{ text: PROMPT }] }] },
  }),
  (model) => ({ path: '/v1/chat/completions', body: { model, messages: say } }),
];

const BAD_JSON: Request = { path: '/v1/chat/completions', body: `{"model":"plain-1","messages":"${PROMPT}` };

/** The rest of them. */
const OTHERS: readonly ((model: string) => Request)[] = [
  (model) => ({ path: '/v1/completions', body: { model, prompt: PROMPT } }),
  (model) => ({ path: '/v1/embeddings', body: { model, input: PROMPT } }),
  (model) => ({ path: '/v1/messages', body: { model, max_tokens: 50, messages: say } }),
  (model) => ({ path: '/v1/messages/count_tokens', body: { model, messages: say } }),
  (model) => ({ path: `/v1beta/models/${model}:generateContent`, body: { contents: [{ parts: [{ text: PROMPT }] }] } }),
  (model) => ({
    path: `/v1beta/models/${model}:streamGenerateContent`,
    body: { contents: [{ parts: [{ text: PROMPT }] }] },
  }),
  () => ({ path: '/v1/models' }),
  () => ({ path: '/v1beta/models' }),
];
const GOOD = [...CHATS, ...OTHERS].map((format) => format('plain-1'));

const FAULTS = [
  'sim-status-401',
  'sim-status-403',
  'sim-429',
  'sim-context-window',
  'sim-status-500',
  'sim-cut-1',
  'sim-bad-json',
  'sim-error-in-stream-1',
  'sim-reset-before-headers',
  'sim-no-such-fault',
];

const simulators = new Map<string, Simulator>();
for (const { name, key } of KINDS) {
  const simulator = await startSimulator({ port: 0, revealCredentials: true, requireKey: key });
  simulators.set(name, simulator);
  after(() => simulator.close());
}
const urlOf = (name: string): string => simulators.get(name)?.url ?? assert.fail();

const routes = KINDS.map(({ name }) => {
  return { name, match: { path: '/*', headers: { 'x-kind': name } }, backend: name, retry: { attempts: 1 } };
});
const config = {
  backends: Object.fromEntries(KINDS.map(({ name, backend }) => [name, backend(urlOf(name))])),
  routes: [
    ...routes,
    {
      name: 'all',
      match: { path: '/*' },
      backends: KINDS.map(({ name }, tier) => ({ backend: name, weight: 1, tier })),
      retry: { attempts: 4 },
    },
  ],
  tenants: { team: { api_keys: [TENANT_KEY] }, others: {} },
  prices: { openai: { '*': { input: 1, output: 2 } } },
  log: { request_headers: ['user-agent', 'x-kind'] },
};

/** Names of the canaries in a text. */
function canariesIn(text: string): readonly string[] {
  const plain = [...text.matchAll(new RegExp(`${CANARY}-[\\w-]+`, 'g'))].map(([found]) => found);
  const encoded = Buffer.from(CANARY).toString('base64').slice(0, 12);
  return text.includes(encoded) ? [...plain, 'one in base64'] : plain;
}

/** What was seen where it must not be: told all at once, since one leak seldom comes alone. */
const leaks = new Set<string>();

function look(text: string, where: string): void {
  for (const canary of canariesIn(text)) leaks.add(`${canary} in ${where}`);
}

test('no credential is seen but where it is for', async () => {
  const gateway = await startTestGateway(FILE_SCOPE, { config, args: ['--workers', '1'] });
  let asked = 0;
  const ask = async (
    { path, body }: Request,
    kind: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<void> => {
    asked++;
    const query = `${path.includes('?') ? '&' : '?'}${CLIENT_QUERY}`;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await gateway.fetch(path + query, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', 'x-kind': kind, ...fields },
      ...(body !== undefined && { body: text }),
    });
    const where = `${kind} ${path} ${text?.slice(0, 40)}`;
    look(JSON.stringify([...response.headers]), `answer head of ${where}`);
    // A cut answer is clean as far as it came.
    const answer = await response.text().catch(() => '');
    look(answer, `answer of ${where}`);
  };
  const tenant = { authorization: `Bearer ${TENANT_KEY}`, 'user-agent': 'tenant' };
  const askAll = async (kind: string): Promise<void> => {
    await Promise.all([...GOOD, BAD_JSON].flatMap((each) => [ask(each, kind, CLIENT_FIELDS), ask(each, kind, tenant)]));
    await Promise.all(FAULTS.flatMap((model) => CHATS.map((format) => ask(format(model), kind, CLIENT_FIELDS))));
  };
  await Promise.all([...KINDS.map(({ name }) => name), 'all'].map(askAll));

  await until('every request is logged', () => gateway.accessLog.length >= asked);
  look(gateway.stdout, 'access log');
  look(gateway.stderr, 'messages');
  assert.ok(!gateway.stdout.includes(PROMPT) && !gateway.stderr.includes(PROMPT), 'a prompt was logged');

  for (const { name, sees } of KINDS) {
    const received = simulators.get(name)?.received() ?? [];
    if (name !== 'vertex') assert.ok(received.length > 20, `${name} was asked`);
    if (name !== 'vertex')
      assert.ok(
        received.some(({ status }) => status === 200),
        `${name} answered well`,
      );
    for (const { url, headers, body } of received) {
      const seen = { ...headers };
      for (const [field, values] of Object.entries(sees)) if (values.includes(seen[field] ?? '')) delete seen[field];
      look(JSON.stringify([url, seen, body?.text]), `what ${name} received`);
    }
  }

  for (const path of [
    '/metrics',
    '/api/v1/config',
    '/api/v1/findings',
    '/api/v1/backends',
    '/api/v1/regions',
    '/api/v1/admin/router/health?verbose=1',
    '/gateway/health',
  ]) {
    const text = await (await gateway.admin(path)).text();
    look(text, path);
    assert.ok(!text.includes(PROMPT), `a prompt at ${path}`);
  }
  for (const { request_id: id } of gateway.accessLog.slice(0, 20))
    look(await (await gateway.admin(`/api/v1/requests/${id}/cost`)).text(), 'cost of a request');

  for (const kind of KINDS)
    for (const { path, body } of GOOD) {
      const asks = {
        path: `${path}${path.includes('?') ? '&' : '?'}${CLIENT_QUERY}`,
        ...(body !== undefined && { body }),
      };
      const headers = { ...CLIENT_FIELDS, 'content-type': 'application/json', 'x-kind': kind.name };
      const answer = await gateway.admin('/api/v1/explain', {
        method: 'POST',
        body: JSON.stringify({ ...asks, headers }),
      });
      assert.equal(answer.status, 200);
      const text = await answer.text();
      look(text, `explanation of ${path} at ${kind.name}`);
      assert.ok(!text.includes(PROMPT), `a prompt in the explanation of ${path}`);
    }

  const folder = { cwd: gateway.folder };
  for (const args of [
    ['check', '--verbose', 'gateway.yaml'],
    ['explain', 'gateway.yaml', '/v1/models'],
  ]) {
    const { stdout, stderr } = await runSwitchyard(args, folder);
    look(stdout + stderr, args.join(' '));
  }
  assert.deepEqual([...leaks], []);
});
