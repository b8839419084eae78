// Errors as the official client meets them: the provider's own pass unchanged, the gateway's have OpenAI's shape, the right
// status and a request id that is in the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { type APIError } from 'openai';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { aiConfig, FILE_SCOPE, PROVIDER_KEY, startAiGateway } from '../support/ai-gateway.ts';

const closed = await startSimulator({ port: 0 });
await closed.close();
const ai = await startAiGateway(FILE_SCOPE, {
  simulator: { requireKey: PROVIDER_KEY },
  config: (url) => {
    const config = aiConfig(url);
    const wrongKey = { provider: 'openai', base_url: `${url}/v1`, api_key: 'sk-wrong' };
    const down = { provider: 'openai', base_url: `${closed.url}/v1`, api_key: 'k' };
    const listeners = [{ name: 'default', port: 0, limits: { max_buffered_body: '64KiB' } }];
    return {
      listeners,
      backends: { ...(config.backends as object), 'wrong-key': wrongKey, down },
      routes: [
        { name: 'wrong-key', match: { path: '/wrong-key/*' }, backend: 'wrong-key' },
        { name: 'down', match: { path: '/down/*' }, backend: 'down' },
        { name: 'small', match: { path: '/small/*' }, backend: 'ai', max_body: '100' },
        ...(config.routes as readonly object[]),
      ],
    };
  },
});
const messages = [{ role: 'user', content: 'Hello' }] as const;

interface OpenaiError {
  readonly error: { readonly message: string; readonly type: string; readonly param: string; readonly code: string };
}

function ask(model: string, base = '/v1'): Promise<unknown> {
  return ai.client
    .withOptions({ baseURL: ai.gateway.url + base })
    .chat.completions.create({ model, messages: [...messages] });
}

async function failure(asked: Promise<unknown>): Promise<InstanceType<typeof APIError>> {
  const error = await asked.then(
    () => assert.fail('it was answered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OpenAI.APIError, String(error));
  return error;
}

test('the provider refuses its key: AuthenticationError, as the provider wrote it', async () => {
  const error = await failure(ask('gpt-4o', '/wrong-key'));
  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.code, 'invalid_api_key');
  assert.match(error.requestID ?? '', /^req_sim/);
});

test('429: RateLimitError with everything a client needs to wait', async () => {
  const error = await failure(ask('sim-429-7s'));
  assert.ok(error instanceof OpenAI.RateLimitError);
  assert.equal(error.headers?.get('retry-after'), '7');
  assert.equal(error.headers?.get('retry-after-ms'), '7000');
  assert.equal(error.headers?.get('x-ratelimit-remaining-requests'), '0');
  const quota = await failure(ask('sim-quota'));
  assert.equal(quota.code, 'insufficient_quota');
  assert.equal(quota.headers?.get('retry-after'), null);
});

test('the SDK’s own retry finds the provider well again', async () => {
  ai.simulator.setFaults([{ fault: '429-1ms', model: 'retried', times: 1 }]);
  const answer = await ai.client.withOptions({ maxRetries: 1 }).chat.completions.create({
    model: 'retried',
    messages: [...messages],
  });
  assert.equal(answer.model, 'retried');
  assert.equal(ai.last().headers['x-stainless-retry-count'], '1');
});

test('what a provider refuses passes: context window, content policy, unknown model, 403, 5xx', async () => {
  assert.equal((await failure(ask('sim-context-window'))).code, 'context_length_exceeded');
  assert.equal((await failure(ask('sim-content-policy'))).code, 'content_policy_violation');
  const unknown = await failure(ask('sim-no-such-fault'));
  assert.ok(unknown instanceof OpenAI.NotFoundError);
  assert.equal(unknown.code, 'model_not_found');
  assert.ok((await failure(ask('sim-status-403'))) instanceof OpenAI.PermissionDeniedError);
  const overloaded = await failure(ask('sim-status-503'));
  assert.ok(overloaded instanceof OpenAI.InternalServerError);
  assert.equal(overloaded.status, 503);
});

test('a provider’s redirect is not followed', async () => {
  const response = await ai.gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'sim-status-307', messages }),
    redirect: 'manual',
  });
  assert.equal(response.status, 307);
});

interface GatewayCase {
  readonly name: string;
  readonly path: string;
  readonly method?: string;
  readonly body: string;
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly param?: string;
}

const CASES: readonly GatewayCase[] = [
  {
    name: 'a body that is not JSON',
    path: '/v1/chat/completions',
    body: '{"model":',
    status: 400,
    code: 'request.bad-json',
    type: 'invalid_request_error',
  },
  {
    name: 'a body that is no object',
    path: '/v1/embeddings',
    body: '[1]',
    status: 400,
    code: 'request.bad-json',
    type: 'invalid_request_error',
  },
  {
    name: 'no model',
    path: '/v1/chat/completions',
    body: '{"messages":[]}',
    status: 400,
    code: 'request.model-missing',
    type: 'invalid_request_error',
    param: 'model',
  },
  {
    name: 'an unknown path of an AI route',
    path: '/v1/fine_tuning/jobs',
    body: '{}',
    status: 404,
    code: 'operation.not-supported',
    type: 'invalid_request_error',
  },
  {
    name: 'an AI path without a route',
    path: '/elsewhere/v1/chat/completions',
    body: '{}',
    status: 404,
    code: 'route.not-found',
    type: 'invalid_request_error',
  },
  {
    name: 'the wrong method',
    path: '/v1/chat/completions',
    method: 'PUT',
    body: '{}',
    status: 404,
    code: 'operation.not-supported',
    type: 'invalid_request_error',
  },
  {
    name: 'a body over the limit of its route',
    path: '/small/chat/completions',
    body: JSON.stringify({ model: 'm', padding: 'x'.repeat(200) }),
    status: 413,
    code: 'request.too-large',
    type: 'invalid_request_error',
  },
  {
    name: 'a body too large to be held',
    path: '/v1/chat/completions',
    body: JSON.stringify({ model: 'm', padding: 'x'.repeat(70_000) }),
    status: 413,
    code: 'request.too-large',
    type: 'invalid_request_error',
  },
  {
    name: 'a provider that cannot be reached',
    path: '/down/chat/completions',
    body: '{"model":"m"}',
    status: 502,
    code: 'upstream.connect-failed',
    type: 'server_error',
  },
  {
    name: 'a provider that breaks off before it answers',
    path: '/v1/chat/completions',
    body: '{"model":"sim-reset-before-headers"}',
    status: 502,
    code: 'upstream.reset',
    type: 'server_error',
  },
];

for (const { name, path, method = 'POST', body, status, code, type, param = null } of CASES) {
  test(`${name}: ${status} in OpenAI's shape`, async () => {
    const response = await ai.gateway.fetch(path, { method, body });
    assert.equal(response.status, status);
    assert.equal(response.headers.get('content-type'), 'application/json');
    const requestId = response.headers.get('x-request-id') ?? '';
    const { error } = (await response.json()) as OpenaiError;
    assert.deepEqual({ ...error, message: '' }, { message: '', type, param, code });
    assert.ok(error.message.includes(requestId), error.message);
    assert.ok(!error.message.includes('127.0.0.1'), 'addresses are the operator’s to know');
    const line = await ai.line(requestId);
    assert.equal(line.status, status);
    assert.equal(line.error?.code, code);
  });
}

test('the SDK throws the class that belongs to the status of a gateway error', async () => {
  assert.ok((await failure(ask('m', '/down'))) instanceof OpenAI.InternalServerError);
  assert.ok((await failure(ask('', '/v1'))) instanceof OpenAI.BadRequestError);
  const unrouted = await failure(ask('m', '/elsewhere/v1'));
  assert.ok(unrouted instanceof OpenAI.NotFoundError);
  assert.match(unrouted.requestID ?? '', /^[0-9a-f]{32}$/);
  assert.equal((await ai.line(unrouted.requestID ?? '')).route_name, null);
});

test('other clients get RFC 9457', async () => {
  const response = await ai.gateway.fetch('/shop/cart');
  assert.equal(response.status, 404);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = (await response.json()) as { readonly code: string; readonly status: number };
  assert.equal(problem.code, 'route.not-found');
  assert.equal(problem.status, 404);
});
