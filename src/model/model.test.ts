// Merging, hashing, comparing and proving models, on small models written out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Id } from '../base/types.ts';
import type { Backend } from './backend.ts';
import { canonicalText } from './canonical-text.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_LOG, DEFAULT_PATH_POLICY, DEFAULT_POOL } from './defaults.ts';
import { diffModels } from './diff.ts';
import type { Finding } from './finding.ts';
import { deepFreeze } from './freeze.ts';
import type { GatewayModel } from './gateway-model.ts';
import { hashModel } from './hash.ts';
import type { Listener } from './listener.ts';
import { mergeFragments } from './merge.ts';
import type { Origin } from './origin.ts';
import type { Route, Target } from './route.ts';
import { validateModel } from './validate.ts';

const KNOWN = {
  filters: new Map([['redirect', {}]]),
  providers: new Map([['openai', {}]]),
  balancers: new Map([['round_robin', {}]]),
};

function at(line: number, source = 'a.yaml'): Origin {
  return { source, dialect: 'native', pointer: '', line };
}

function listener(id: string, parts: Partial<Listener> = {}): Listener {
  return {
    id: id as Id<'listener'>,
    origin: at(1),
    address: undefined,
    port: 8080,
    protocol: 'http',
    hostnames: [],
    tls: undefined,
    path: DEFAULT_PATH_POLICY,
    limits: DEFAULT_LISTENER_LIMITS,
    trustedProxies: [],
    ...parts,
  };
}

function backend(name: string, parts: Partial<Backend> = {}): Backend {
  const endpoint = { id: `${name}/1` as Id<'endpoint'>, url: 'http://127.0.0.1:9000', weight: 1 };
  return {
    id: name as Id<'backend'>,
    name,
    origin: at(2),
    endpoints: [endpoint],
    balancer: { name: 'round_robin', config: {} },
    pool: DEFAULT_POOL,
    timeouts: {},
    filters: [],
    ...parts,
  };
}

function target(name: string, parts: Partial<Target> = {}): Target {
  return { backend: name as Id<'backend'>, weight: 1, tier: 0, ...parts };
}

function route(name: string, parts: Partial<Route> = {}): Route {
  return {
    id: name as Id<'route'>,
    name,
    origin: at(3),
    parents: [],
    hostnames: [],
    rank: 0,
    order: 0,
    isDefault: false,
    match: [{ path: { kind: 'prefix', value: `/${name}` } }],
    filters: [],
    action: { kind: 'forward', targets: [target('one')] },
    timeouts: {},
    ...parts,
  };
}

function model(parts: Partial<GatewayModel> = {}): GatewayModel {
  const routes = (parts.routes ?? [route('r')]).map((row, order) => ({ ...row, order }));
  return {
    listeners: [listener('main')],
    backends: [backend('one')],
    policies: [],
    aliases: [],
    log: DEFAULT_LOG,
    ...parts,
    routes,
  };
}

function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ severity, code }) => `${severity} ${code}`);
}

function check(parts: Partial<GatewayModel>): readonly Finding[] {
  return validateModel(model(parts), KNOWN);
}

test('a complete model has no finding', () => {
  assert.deepEqual(check({}), []);
});

test('merge joins tables, numbers routes over all documents and freezes the result', () => {
  const first = { listeners: [listener('main')], routes: [route('b', { order: 1 }), route('a', { order: 0 })] };
  const merged = mergeFragments([first, { routes: [route('c', { order: 0 })], backends: [backend('one')] }]);
  assert.deepEqual(merged.findings, []);
  assert.deepEqual(
    merged.model.routes.map(({ name, order }) => [name, order]),
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ],
  );
  assert.throws(() => Object.assign(merged.model.routes[0].match[0], { methods: [] }), TypeError);
  // The fragments stay their owner's.
  assert.equal(Object.isFrozen(first.routes[0]), false);
});

test('merge reports names given twice, with the place of the first', () => {
  const alias = { alias: 'fast', origin: at(9), targets: [] };
  const { findings, model: merged } = mergeFragments([
    { routes: [route('r')], backends: [backend('one')], aliases: [alias], listeners: [listener('main')] },
    {
      routes: [route('r', { origin: at(30, 'b.yaml') })],
      backends: [backend('one', { origin: at(31, 'b.yaml'), endpoints: [] })],
      aliases: [{ ...alias, origin: at(32, 'b.yaml') }],
      listeners: [listener('second', { origin: at(33, 'b.yaml') })],
    },
  ]);
  assert.deepEqual(brief(findings), Array(4).fill('error config.duplicate'));
  assert.deepEqual(
    findings.map(({ message, origin }) => [/a\.yaml:\d+/.exec(message)?.[0], `${origin.source}:${origin.line}`]),
    [
      ['a.yaml:1', 'b.yaml:33'],
      ['a.yaml:3', 'b.yaml:30'],
      ['a.yaml:2', 'b.yaml:31'],
      ['a.yaml:9', 'b.yaml:32'],
    ],
  );
  assert.equal(merged.backends[0].endpoints.length, 1);
});

test('the same backend or listener said twice is one; ports clash only where addresses do', () => {
  const same = { backends: [backend('one')], listeners: [listener('main')] };
  const again = {
    backends: [backend('one', { origin: at(7, 'b.yaml') })],
    listeners: [listener('main', { origin: at(8) })],
  };
  const { findings, model: merged } = mergeFragments([same, again]);
  assert.deepEqual([findings, merged.backends.length, merged.listeners.length], [[], 1, 1]);
  const clash = (a: Partial<Listener>, b: Partial<Listener>): number =>
    mergeFragments([{ listeners: [listener('a', a), listener('b', b)] }]).findings.length;
  assert.equal(clash({ address: '10.0.0.1' }, { address: '10.0.0.2' }), 0);
  assert.equal(clash({ address: '10.0.0.1' }, {}), 1);
  assert.equal(clash({ port: 0 }, { port: 0 }), 0);
});

test('log settings: off wins, header lists are joined', () => {
  const log = (enabled: boolean, ...requestHeaders: string[]) => ({ log: { enabled, requestHeaders } });
  assert.deepEqual(mergeFragments([log(true, 'a'), log(false, 'b', 'a')]).model.log, {
    enabled: false,
    requestHeaders: ['a', 'b'],
  });
  assert.deepEqual(mergeFragments([{}]).model.log, DEFAULT_LOG);
});

test('the hash ignores places and the order of members, and nothing else', () => {
  const base = model();
  assert.match(hashModel(base), /^[0-9a-f]{64}$/);
  const moved = model({ routes: [route('r', { origin: at(99, 'other.yaml') })] });
  const shuffled = Object.fromEntries(Object.entries(base).reverse()) as unknown as GatewayModel;
  assert.equal(hashModel(moved), hashModel(base));
  assert.equal(hashModel(shuffled), hashModel(base));
  const provider = { name: 'openai', config: {}, basePath: '', forwardCredential: false };
  const withKey = (apiKey: string) => model({ backends: [backend('one', { provider: { ...provider, apiKey } })] });
  assert.notEqual(hashModel(withKey('k1')), hashModel(withKey('k2')));
  // A filter may have a member called origin: only places are left out.
  const use = (origin: unknown) => ({ filter: 'redirect', config: { origin }, origin: at(1) });
  assert.notEqual(canonicalText(use('a')), canonicalText(use('b')));
});

test('canonical text is equal exactly for equal values', () => {
  // Small values of few letters, so that equal pairs are frequent.
  const value = fc.jsonValue({ maxDepth: 1, stringUnit: fc.constantFrom('a', '"') });
  const pair = fc.tuple(value, value);
  fc.assert(
    fc.property(pair, ([a, b]) => {
      assert.equal(canonicalText(a) === canonicalText(b), isDeepStrictEqual(a, b));
      assert.equal(canonicalText(structuredClone(a)), canonicalText(a));
    }),
    { seed: 5, numRuns: 2000 },
  );
});

test('a difference is told by names, not by positions or values', () => {
  const before = model({ routes: [route('a'), route('b'), route('c')] });
  const after = model({
    routes: [route('new'), route('a'), route('b', { rank: 3 })],
    backends: [backend('one', { endpoints: [] }), backend('two')],
    log: { enabled: false, requestHeaders: [] },
  });
  assert.deepEqual(diffModels(before, after).lines, [
    'route new: added',
    'route c: removed',
    'route b: changed',
    'backend two: added',
    'backend one: changed',
    'log: changed',
  ]);
  const reordered = model({ routes: [route('b'), route('a'), route('c')] });
  assert.deepEqual(diffModels(before, reordered).lines, ['routes: order changed']);
  assert.deepEqual(diffModels(before, structuredClone(before)).lines, []);
  assert.equal(diffModels(undefined, before).routes.added.length, 3);
});

test('freezing reaches everything', () => {
  const value = deepFreeze({ list: [{ a: { b: 1 } }] });
  assert.throws(() => Object.assign(value.list[0].a, { b: 2 }), TypeError);
});

test('names that lead nowhere are errors with the nearest name', () => {
  const findings = check({
    routes: [
      route('r', {
        action: { kind: 'forward', targets: [target('onee')] },
        parents: ['mian' as Id<'listener'>],
        filters: [{ filter: 'redirct', config: {}, origin: at(5) }],
      }),
    ],
    backends: [
      backend('one', {
        balancer: { name: 'round-robin', config: {} },
        provider: { name: 'opnai', config: {}, basePath: '', forwardCredential: false },
      }),
    ],
    aliases: [{ alias: 'x', origin: at(8), targets: [target('on', { weight: 1 })] }],
  });
  const wanted = [
    ['config.undefined-target', 'did you mean "one"?'],
    ['config.undefined-target', 'did you mean "one"?'],
    ['config.undefined-listener', 'did you mean "main"?'],
    ['config.unknown-filter', 'did you mean "redirect"?'],
    ['config.unknown-balancer', 'did you mean "round_robin"?'],
    ['config.unknown-provider', 'did you mean "openai"?'],
  ];
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error').map(({ code, mend }) => [code, mend]),
    wanted,
  );
});

test('a policy must lead to something that is there', () => {
  const use = { filter: 'redirect', config: {}, origin: at(5) };
  const policy = (target: GatewayModel['policies'][number]['target']) => ({
    id: 'p' as Id<'policy'>,
    origin: at(6),
    use,
    target,
  });
  assert.deepEqual(
    check({ policies: [policy({ kind: 'gateway' }), policy({ kind: 'route', id: 'r' as Id<'route'> })] }),
    [],
  );
  const wrong = check({ policies: [policy({ kind: 'backend', id: 'none' as Id<'backend'> })] });
  assert.deepEqual(brief(wrong), ['error config.undefined-target']);
});

test('weights and tiers that give nothing are reported', () => {
  const to = (...targets: Target[]) => brief(check({ routes: [route('r', { action: { kind: 'forward', targets } })] }));
  assert.deepEqual(to(), ['error config.no-target', 'note config.unused-backend']);
  assert.deepEqual(to(target('one', { weight: 0 })), ['error config.unreachable-weight']);
  assert.deepEqual(to(target('one'), target('one', { weight: 0 })), ['warning config.unreachable-weight']);
  assert.deepEqual(to(target('one', { tier: 1 })), ['warning config.tier-gap']);
  assert.deepEqual(to(target('one'), target('one', { tier: 2 })), ['warning config.tier-gap']);
  assert.deepEqual(to(target('one'), target('one', { tier: 1 })), []);
});

test('backends without endpoint or user are reported', () => {
  assert.deepEqual(brief(check({ backends: [backend('one', { endpoints: [] })] })), ['error config.no-endpoint']);
  assert.deepEqual(brief(check({ backends: [backend('one'), backend('spare')] })), ['note config.unused-backend']);
});

test('aliases that lead to aliases are reported', () => {
  const alias = (name: string, ...models: string[]) => ({
    alias: name,
    origin: at(1),
    targets: models.map((one) => ({ model: one, weight: 1, tier: 0 })),
  });
  assert.deepEqual(
    brief(check({ aliases: [alias('a', 'b'), alias('b', 'c'), alias('c', 'a')] })),
    Array(3).fill('error config.alias-loop'),
  );
  assert.deepEqual(brief(check({ aliases: [alias('a', 'b'), alias('b', 'gpt')] })), ['warning config.alias-chain']);
  assert.deepEqual(check({ aliases: [alias('gpt', 'gpt', 'other')] }), []);
});

test('patterns that cannot be matched safely, or at all, are refused', () => {
  const path = (value: string) =>
    brief(check({ routes: [route('r', { match: [{ path: { kind: 'regex', value } }] })] }));
  assert.deepEqual(path('/(a+)+'), []);
  assert.deepEqual(path('/(a)\\1'), ['error config.unsafe-regex']);
  assert.deepEqual(path('/users/{id}'), ['error config.bad-regex']);
  assert.deepEqual(brief(check({ routes: [route('r', { hostnames: ['a.*.com', 'a.com'] })] })), [
    'error config.bad-host',
  ]);
});

test('a shadowed route is reported with a request that shows it and the place of the taker', () => {
  const hidden = route('hidden', {
    hostnames: ['*.example.com'],
    match: [
      {
        path: { kind: 'prefix', value: '/a/b' },
        headers: [{ name: 'authorization', value: { kind: 'exact', value: 's3cret' } }],
      },
    ],
  });
  const taker = route('taker', { rank: 1, origin: at(12), match: [{ path: { kind: 'prefix', value: '/a' } }] });
  const [finding, ...rest] = check({ routes: [hidden, taker] });
  assert.deepEqual(rest, []);
  assert.equal(finding.code, 'config.shadowed-route');
  assert.equal(
    finding.message,
    'the route "hidden" never gets a request, another route comes before it: ' +
      'GET http://x.example.com/a/b with header "authorization: ***" goes to the route "taker" (a.yaml:12)',
  );
});

test('duplicates, single matches, hosts nobody serves and contradictions are told apart', () => {
  const same = { match: [{ path: { kind: 'exact' as const, value: '/x' } }] };
  const [duplicate] = check({ routes: [route('first', same), route('second', same)] });
  assert.match(duplicate.message, /"second" never gets a request, it duplicates .* goes to the route "first"/);
  const partly = check({
    routes: [route('first', same), route('second', { match: [...same.match, { methods: ['GET'] }] })],
  });
  assert.deepEqual(brief(partly), ['warning config.duplicate-match']);
  const elsewhere = {
    listeners: [listener('main', { hostnames: ['a.com'] })],
    routes: [route('r', { hostnames: ['b.com'] })],
  };
  assert.deepEqual(brief(check(elsewhere)), ['warning config.unreachable-route']);
  const both = ['1', '2'].map((value) => ({ name: 'x', value: { kind: 'exact' as const, value } }));
  assert.deepEqual(brief(check({ routes: [route('r', { match: [{ headers: both }] })] })), [
    'warning config.unreachable-route',
  ]);
  assert.deepEqual(brief(check({ routes: [route('r', { match: [{ bodyBytes: { min: 5, max: 4 } }] })] })), [
    'warning config.unreachable-route',
  ]);
});

test('the proofs over 10,000 routes take seconds at most', () => {
  const routes = Array.from({ length: 10_000 }, (_, index) =>
    route(
      `r${index}`,
      index % 2 === 0
        ? {}
        : { hostnames: [`h${index}.example.com`], match: [{ path: { kind: 'prefix', value: '/v1' } }] },
    ),
  );
  const started = process.threadCpuUsage().user;
  assert.deepEqual(check({ routes }), []);
  assert(process.threadCpuUsage().user - started < 5_000_000);
});
