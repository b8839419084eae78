// What compiling makes of a model, seen through the explanation of requests: aliases, overrides, tiers, filters, answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import { DEFAULT_RETRY } from '../model/defaults.ts';
import type { FilterUse } from '../model/route.ts';
import { alias, backend, explain, gatewayModel, ORIGIN, route, target } from './testing/gateway-model.ts';

const CHAT = { method: 'POST', path: '/v1/chat/completions' };

function chat(model: string): object {
  return { ...CHAT, body: JSON.stringify({ model, messages: [] }) };
}

const ai = gatewayModel({
  backends: [backend('openai', { isAi: true }), backend('pinned', { isAi: true, model: 'gpt-4o-mini' })],
  routes: [route('ai', [target('openai')])],
  aliases: [
    alias('fast', [{ model: 'gpt-4o', weight: 1, tier: 0 }]),
    alias('cheap', [{ backend: 'pinned' as Id<'backend'>, weight: 1, tier: 0 }]),
    alias('both', [{ backend: 'pinned' as Id<'backend'>, model: 'o3', weight: 1, tier: 0 }]),
  ],
});

test('model: the alias’s before the backend’s before the client’s', async () => {
  for (const [asked, sent, upstream] of [
    ['gpt-5', 'gpt-5', 'openai'],
    ['fast', 'gpt-4o', 'openai'],
    ['cheap', 'gpt-4o-mini', 'pinned'],
    ['both', 'o3', 'pinned'],
  ]) {
    const { result } = await explain(ai, chat(asked));
    assert.ok(result.kind === 'forward');
    assert.equal(result.model, sent, asked);
    assert.equal(result.backend, upstream, asked);
  }
});

test('an alias without a backend is spread over the route’s targets, tier under tier', async () => {
  const model = gatewayModel({
    backends: ['a', 'b'].map((name) => backend(name, { isAi: true })),
    routes: [route('ai', [target('a', 3), target('b', 1, 1)])],
    aliases: [
      alias('x', [
        { model: 'one', weight: 2, tier: 0 },
        { model: 'two', weight: 1, tier: 1 },
      ]),
    ],
  });
  const { candidates } = await explain(model, chat('x'));
  assert.deepEqual(
    candidates.map(({ backend, model, because }) => `${backend} ${model} ${because}`),
    [
      'a one tier 0, 100 % of its traffic',
      'a two tier 1, 60 % of its traffic',
      'b one tier 1, 40 % of its traffic',
      'b two tier 2, 100 % of its traffic',
    ],
  );
});

test('what an AI route refuses is explained as it is refused', async () => {
  const cases: readonly (readonly [request: object, status: number, error: string])[] = [
    [{ ...CHAT, body: '{' }, 400, 'request.bad-json'],
    [{ ...CHAT, body: '{}' }, 400, 'request.model-missing'],
    [{ method: 'GET', path: '/v1/files' }, 404, 'operation.not-supported'],
    [{ ...CHAT, path: '/a%00b' }, 400, 'request.path-refused'],
  ];
  for (const [request, status, error] of cases) {
    const { result } = await explain(ai, request);
    assert.ok(result.kind === 'reply');
    assert.equal(result.status, status);
    assert.equal(result.error, error);
  }
});

test('the gateway lists its aliases; one model and listings without aliases are the provider’s', async () => {
  const listing = await explain(ai, { path: '/v1/models' });
  assert.deepEqual(listing.result, {
    kind: 'reply',
    status: 200,
    because: 'the gateway lists its model aliases itself',
  });
  const one = await explain(ai, { path: '/v1/models/org/llama' });
  assert.ok(one.result.kind === 'forward');
  assert.equal(one.result.requestLine, 'GET /v1/models/org/llama HTTP/1.1');
  const passed = await explain({ ...ai, aliases: [] }, { path: '/v1/models' });
  assert.equal(passed.result.kind, 'forward');
});

test('a prefix in front of the operation is no part of the provider’s path, what stands behind it is', async () => {
  for (const [path, line] of [
    ['/team/a/chat/completions', 'POST /v1/chat/completions HTTP/1.1'],
    ['/x/v1/responses/resp_1/cancel', 'POST /v1/responses/resp_1/cancel HTTP/1.1'],
    ['/v1/images/edits', 'POST /v1/images/edits HTTP/1.1'],
  ]) {
    const { result } = await explain(ai, { method: 'POST', path, body: '{"model":"m"}' });
    assert.ok(result.kind === 'forward', path);
    assert.equal(result.requestLine, line);
  }
});

test('filters run by stage and registry, not as written; one that answers ends it', async () => {
  const use = (filter: string, config: object): FilterUse => ({ filter, config, origin: ORIGIN });
  const filters = [
    use('url-rewrite', { prefix: '/in', prefixFrom: '/out' }),
    use('request-size-limit', { maxBytes: 10 }),
  ];
  const plain = gatewayModel({
    backends: [backend('app')],
    routes: [route('r', [target('app')], { filters })],
  });
  const passed = await explain(plain, { path: '/out/x', query: 'a=1' });
  assert.deepEqual(passed.filters, ['request-size-limit', 'url-rewrite']);
  assert.ok(passed.result.kind === 'forward');
  assert.equal(passed.result.requestLine, 'GET /in/x?a=1 HTTP/1.1');
  assert.equal(passed.result.host, 'gateway.test', 'a plain http endpoint gets the client’s Host');
  const refused = await explain(plain, { method: 'POST', path: '/out/x', body: 'x'.repeat(11) });
  assert.deepEqual(refused.result, {
    kind: 'reply',
    status: 413,
    error: 'request.too-large',
    because: 'a filter of the route answers',
  });
});

test('no rule, no target, no weight', async () => {
  const model = gatewayModel({
    backends: [backend('app')],
    routes: [route('r', [target('app', 0)], { isDefault: false, match: [{ path: { kind: 'exact', value: '/a' } }] })],
  });
  const missing = await explain(model, { path: '/b' });
  assert.equal(missing.route, undefined);
  assert.deepEqual(missing.result, {
    kind: 'reply',
    status: 404,
    error: 'route.not-found',
    because: 'no rule matches',
  });
  const { result } = await explain(model, { path: '/a' });
  assert.ok(result.kind === 'reply');
  assert.equal(result.error, 'route.no-target');
});

test('explanations say what would follow a failed try', async () => {
  const model = gatewayModel({
    backends: [backend('one', { isAi: true }), backend('two', { isAi: true }), backend('plain')],
    routes: [
      route('ai', [target('one'), target('two', 1, 1)], {
        rank: 1,
        match: [{ path: { kind: 'prefix', value: '/v1' } }],
      }),
      route('plain', [target('plain')]),
    ],
  });
  const { retries } = await explain(model, chat('x'));
  assert.equal(retries?.attempts, 5);
  assert.deepEqual(retries?.after, [
    'connect-failure',
    'reset',
    'timeout',
    '500',
    '502',
    '503',
    '504',
    '408',
    '429',
    '401',
    '403',
    '404',
    '400 for this target’s quota, model or context window',
  ]);
  assert.deepEqual(retries?.notAfter, ['400: not a condition']);
  const alone = await explain(model, { method: 'POST', path: '/x', body: 'x' });
  assert.equal(alone.retries?.attempts, 1);
  assert.equal(alone.retries?.notAfter[0], 'connect-failure: no other endpoint');
});

test('explanations of a request that is not repeatable', async () => {
  const retry = { ...DEFAULT_RETRY, attempts: 3, on: ['connect-failure', 503, 429] as const, repeatsEndpoint: true };
  const model = gatewayModel({
    backends: [backend('plain', { retry })],
    routes: [route('plain', [target('plain')])],
  });
  const { retries } = await explain(model, { method: 'POST', path: '/x', body: 'x' });
  assert.deepEqual(retries?.after, ['connect-failure', '429']);
  assert.ok(retries?.notAfter.includes('503: it may have run, and twice may do harm'));
  assert.equal(retries?.pauses, '25, 50 ms, full jitter');
});

test('a route may choose among its backends by an algorithm, and say who is asked after a failure; aliases follow it', async () => {
  const balancer = { name: 'least_conn', config: {} };
  const failover = ['c', 'a'] as readonly string[] as readonly Id<'backend'>[];
  const model = gatewayModel({
    backends: ['a', 'b', 'c'].map((name) => backend(name, { isAi: true })),
    routes: [
      route('ai', [], {
        action: { kind: 'forward', targets: [target('a', 3), target('b', 1), target('c', 1, 1)], balancer, failover },
        resources: { cpu: '500m' },
      }),
    ],
    aliases: [alias('x', [{ model: 'one', weight: 1, tier: 0 }])],
  });
  for (const asked of ['any', 'x']) {
    const { candidates, resources, result } = await explain(model, chat(asked));
    assert.deepEqual(
      candidates.map(({ backend: name, because }) => `${name} ${because}`),
      [
        'a tier 0, chosen by least_conn, 75 % of the weight, number 2 of those asked after a failure',
        'b tier 0, chosen by least_conn, 25 % of the weight',
        'c tier 1, chosen by least_conn, 100 % of the weight, number 1 of those asked after a failure',
      ],
    );
    assert.deepEqual(resources, { cpu: '500m' });
    assert.ok(result.kind === 'forward' && result.backend === 'a');
  }
});
