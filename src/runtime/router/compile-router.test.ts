// The compiled router against a slow, obvious reference: sort every rule, read every predicate.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Id } from '../../base/types.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_PATH_POLICY } from '../../model/defaults.ts';
import type { Listener } from '../../model/listener.ts';
import type { FieldMatch, Match, PathMatch, ValueMatch } from '../../model/match.ts';
import { compareRules, orderRules, rulesOf } from '../../model/precedence.ts';
import { findShadows } from '../../model/proofs/shadows.ts';
import { ruleTakes, type Witness } from '../../model/proofs/witness.ts';
import type { Route } from '../../model/route.ts';
import { compileRouter } from './compile-router.ts';
import { NEEDS_MODEL, NO_ROUTE, type RouteRequest } from './router.ts';

const LISTENER = 'main' as Id<'listener'>;
const SEED = { seed: 4242, numRuns: 1500 };

function route(parts: Partial<Route> & { readonly order: number }): Route {
  return {
    id: `r${parts.order}` as Id<'route'>,
    name: `r${parts.order}`,
    origin: { source: 'test.yaml', dialect: 'native', pointer: `/routes/${parts.order}`, line: parts.order + 1 },
    parents: [],
    hostnames: [],
    rank: 0,
    isDefault: false,
    match: [],
    filters: [],
    action: { kind: 'reply' },
    timeouts: {},
    ...parts,
  };
}

function routes(...parts: readonly Partial<Route>[]): Route[] {
  return parts.map((part, order) => route({ ...part, order }));
}

const PLAIN: Witness = {
  method: 'GET',
  host: 'a.example.com',
  path: '/',
  query: {},
  headers: {},
  cookies: {},
  model: undefined,
  bodyBytes: 0,
};

/** The request as the server would see it. */
function toRequest(witness: Witness, modelKnown: boolean): RouteRequest {
  const cookies = Object.entries(witness.cookies).map(([name, value]) => `${name}=${value}`);
  const headers = new Map(Object.entries(witness.headers));
  if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
  return {
    method: witness.method,
    host: witness.host,
    path: witness.path,
    query: new URLSearchParams(witness.query).toString(),
    headers,
    declaredBytes: witness.bodyBytes,
    model: modelKnown ? witness.model : undefined,
    modelKnown,
  };
}

function ask(table: readonly Route[], witness: Partial<Witness>): number {
  return compileRouter(table, LISTENER).match(toRequest({ ...PLAIN, ...witness }, true));
}

const pathValue = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 })
  .map((segments) => `/${segments.join('/')}`);
const requestPath = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c', ''), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`);
const path: fc.Arbitrary<PathMatch> = fc.oneof(
  pathValue.map((value) => ({ kind: 'exact', value }) as const),
  pathValue.map((value) => ({ kind: 'prefix', value }) as const),
  fc
    .array(fc.constantFrom('/a', '/b', '/*', '/**', '/a*', '/ab'), { minLength: 1, maxLength: 3 })
    .map((parts) => ({ kind: 'glob', value: parts.join('') }) as const),
  fc
    .constantFrom('/a/.*', '/(a|b)', '.*', '/a.*b', '/ab?/[ab]+', '/a|/b/a', '^/a/b$')
    .map((value) => ({ kind: 'regex', value }) as const),
);
const text = fc.constantFrom('', 'x', 'xy', 'y z&=+%');
const value: fc.Arbitrary<ValueMatch> = fc.oneof(
  fc.constant({ kind: 'present' } as const),
  text.map((wanted) => ({ kind: 'exact', value: wanted }) as const),
  text.map((wanted) => ({ kind: 'prefix', value: wanted }) as const),
  fc.constantFrom('x.*', 'x|y.*', '').map((source) => ({ kind: 'regex', value: source }) as const),
);
const name = fc.constantFrom('one', 'two');
const fields: fc.Arbitrary<readonly FieldMatch[]> = fc.array(fc.record({ name, value }), {
  minLength: 1,
  maxLength: 2,
});
const cookieText = fc.constantFrom('', 'x', 'xy');
const match: fc.Arbitrary<Match> = fc.record(
  {
    path,
    methods: fc.constantFrom(['GET'], ['POST'], ['GET', 'POST']),
    headers: fields,
    query: fields,
    cookies: fields,
    bodyBytes: fc.constantFrom({ min: 10 }, { max: 10 }, { min: 5, max: 20 }, { min: 0 }),
    model: value,
  },
  { requiredKeys: [] },
);
/** Mostly conditions on the path alone, as in life: too many predicates and nothing ever matches. */
const someMatch = fc.oneof(
  { arbitrary: fc.record({ path }), weight: 3 },
  { arbitrary: fc.record({ path, model: value }), weight: 1 },
  { arbitrary: match, weight: 1 },
);
const HOSTS = ['a.com', 'b.a.com', 'c.b.a.com', 'd.com', ''];
const table = fc
  .array(
    fc.record({
      hostnames: fc.oneof(
        fc.constant([] as string[]),
        fc.uniqueArray(fc.constantFrom('a.com', 'b.a.com', '*.a.com', '*.b.a.com', '*.com', '*'), { maxLength: 2 }),
      ),
      rank: fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, { arbitrary: fc.constantFrom(-1, 1, 5), weight: 1 }),
      isDefault: fc.oneof({ arbitrary: fc.constant(false), weight: 8 }, { arbitrary: fc.constant(true), weight: 1 }),
      parents: fc.oneof(
        { arbitrary: fc.constant([] as Id<'listener'>[]), weight: 6 },
        { arbitrary: fc.constantFrom([LISTENER], ['other' as Id<'listener'>]), weight: 1 },
      ),
      match: fc.array(someMatch, { maxLength: 2 }),
    }),
    { maxLength: 10 },
  )
  .map((parts) => routes(...parts));
const witness: fc.Arbitrary<Witness> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  host: fc.constantFrom(...HOSTS),
  path: fc.oneof({ arbitrary: requestPath, weight: 9 }, { arbitrary: fc.constant('*'), weight: 1 }),
  query: fc.dictionary(name, text, { maxKeys: 2 }),
  headers: fc.dictionary(name, text, { maxKeys: 2 }),
  cookies: fc.dictionary(name, cookieText, { maxKeys: 2 }),
  model: fc.option(text, { nil: undefined }),
  bodyBytes: fc.constantFrom(0, 7, 10, 30, undefined),
});

/** Sort everything, test everything. A request without a body has no model. */
function reference(table: readonly Route[], request: Witness, modelKnown: boolean): number {
  const attached = table.filter(({ parents }) => parents.length === 0 || parents.includes(LISTENER));
  const isOpen = !modelKnown && request.bodyBytes !== 0;
  const known = modelKnown ? request : { ...request, model: undefined };
  for (const rule of orderRules(attached)) {
    const withoutModel = { ...rule, match: { ...rule.match, model: undefined } as Match };
    const asksModel = rule.match.model !== undefined;
    if (asksModel && isOpen && ruleTakes(withoutModel, known)) return NEEDS_MODEL;
    if ((!asksModel || !isOpen) && ruleTakes(rule, known)) return table.indexOf(rule.route);
  }
  return NO_ROUTE;
}

test('the compiled router takes every request to where the reference takes it', () => {
  const met = { route: 0, none: 0, model: 0 };
  fc.assert(
    fc.property(
      table,
      fc.array(witness, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (rows, requests, modelKnown) => {
        const router = compileRouter(rows, LISTENER);
        for (const request of requests) {
          const expected = reference(rows, request, modelKnown);
          const raw = toRequest(request, modelKnown);
          assert.equal(router.match(raw), expected, JSON.stringify(request));
          met[expected === NO_ROUTE ? 'none' : expected === NEEDS_MODEL ? 'model' : 'route']++;
          const last = router.explain(raw).at(-1);
          if (expected >= 0) assert.deepEqual([last?.route, last?.matched], [expected, true]);
          else assert.notEqual(last?.matched, true);
        }
      },
    ),
    SEED,
  );
  // The generators must reach every outcome often, or the property proves little.
  for (const count of Object.values(met)) assert(count > 100, JSON.stringify(met));
});

test('explain tries every rule up to the taking one, in order', () => {
  fc.assert(
    fc.property(table, witness, (rows, request) => {
      const attached = rows.filter(({ parents }) => parents.length === 0 || parents.includes(LISTENER));
      const order = orderRules(attached).map((rule) => rows.indexOf(rule.route));
      const trials = compileRouter(rows, LISTENER).explain(toRequest(request, true));
      assert.deepEqual(
        trials.map((trial) => trial.route),
        order.slice(0, trials.length),
      );
      assert(trials.slice(0, -1).every((trial) => !trial.matched));
    }),
    { ...SEED, numRuns: 500 },
  );
});

test('precedence is a total order', () => {
  const rules = fc.tuple(table, fc.nat(), fc.nat(), fc.nat()).map(([rows, ...picks]) => {
    const all = rows.flatMap(rulesOf);
    return picks.flatMap((pick) => (all.length === 0 ? [] : [all[pick % all.length]]));
  });
  fc.assert(
    fc.property(rules, (picked) => {
      const [a, b, c] = picked;
      if (a === undefined) return;
      assert.equal(Math.sign(compareRules(a, b)), -Math.sign(compareRules(b, a)) || 0);
      if (compareRules(a, b) === 0) assert.equal(a, b);
      if (compareRules(a, b) <= 0 && compareRules(b, c) <= 0) assert(compareRules(a, c) <= 0);
    }),
    SEED,
  );
});

function listener(id: string, hostnames: readonly string[]): Listener {
  return {
    id: id as Id<'listener'>,
    origin: { source: 'test.yaml', dialect: 'native', pointer: '/listeners/0' },
    address: undefined,
    port: 0,
    protocol: 'http',
    hostnames,
    tls: undefined,
    path: DEFAULT_PATH_POLICY,
    limits: DEFAULT_LISTENER_LIMITS,
    trustedProxies: [],
  };
}

const listeners = fc.constantFrom<readonly Listener[]>(
  [listener('main', [])],
  [listener('main', []), listener('other', [])],
  [listener('main', ['*.a.com']), listener('other', ['d.com', 'b.a.com'])],
);

test('a route or match that is called shadowed never takes a request, and its witness goes where the proof says', () => {
  const claims = { route: 0, match: 0, duplicate: 0 };
  fc.assert(
    fc.property(table, listeners, fc.array(witness, { minLength: 4, maxLength: 12 }), (rows, places, requests) => {
      const reaches = findShadows({ listeners: places, routes: rows });
      const routers = new Map(places.map((place) => [place, compileRouter(rows, place.id, place.hostnames)]));
      const shadowedMatches = new Set<Match>();
      for (const reach of reaches) {
        const shadows = [
          ...(reach.shadow === undefined ? [] : [reach.shadow]),
          ...reach.shadowedMatches.map((found) => found.shadow),
        ];
        claims.route += reach.shadow === undefined ? 0 : 1;
        claims.match += reach.shadowedMatches.length;
        for (const { index } of reach.shadowedMatches) shadowedMatches.add(reach.route.match[index]);
        for (const { witness: request, takenBy, listener: place, isDuplicate } of shadows) {
          claims.duplicate += isDuplicate ? 1 : 0;
          assert.notEqual(takenBy, reach.route);
          assert.equal(rows[routers.get(place)?.match(toRequest(request, true)) ?? -1], takenBy);
        }
      }
      const without = rows.map((row) => ({
        ...row,
        match: row.match.filter((one) => !shadowedMatches.has(one)),
      }));
      for (const [place, router] of routers) {
        const thinned = compileRouter(without, place.id, place.hostnames);
        for (const request of requests.map((one) => toRequest(one, true))) {
          const taken = router.match(request);
          if (taken >= 0) assert.equal(reaches[taken].shadow, undefined);
          if (taken >= 0) assert.equal(reaches[taken].hasNoHost, false);
          assert.equal(thinned.match(request), taken);
        }
      }
    }),
    { ...SEED, numRuns: 700 },
  );
  for (const count of Object.values(claims)) assert(count > 50, JSON.stringify(claims));
});

test('the listener narrows hosts', () => {
  const rows = routes({ hostnames: ['*.a.com'] }, {});
  const router = compileRouter(rows, LISTENER, ['b.a.com', '*.d.com']);
  const at = (host: string): number => router.match(toRequest({ ...PLAIN, host }, true));
  assert.deepEqual(['b.a.com', 'c.a.com', 'x.d.com', 'd.com'].map(at), [0, NO_ROUTE, 1, NO_ROUTE]);
});

test('each step of the order decides over all that follow', () => {
  const path = (kind: PathMatch['kind'], text: string): Match => ({ path: { kind, value: text } });
  const present = { kind: 'present' } as const;
  const at: Partial<Witness> = {
    path: '/a/b',
    headers: { one: '1', two: '2' },
    query: { q: '1' },
    cookies: { c: '1' },
  };
  const pairs: readonly (readonly [winner: Partial<Route>, loser: Partial<Route>])[] = [
    [{ match: [path('prefix', '/')] }, { isDefault: true, rank: 9, match: [path('exact', '/a/b')] }],
    [
      { rank: 1, match: [path('prefix', '/')] },
      { hostnames: ['a.example.com'], match: [path('exact', '/a/b')] },
    ],
    [{ hostnames: ['a.example.com'] }, { hostnames: ['*.example.com'], match: [path('exact', '/a/b')] }],
    [{ hostnames: ['*.example.com'] }, { hostnames: ['*.com'], match: [path('exact', '/a/b')] }],
    [{ hostnames: ['*.com'] }, { match: [path('exact', '/a/b')] }],
    [{ match: [path('exact', '/a/b')] }, { match: [{ ...path('regex', '/a/b'), methods: ['GET'] }] }],
    [{ match: [path('glob', '/*/*')] }, { match: [path('prefix', '/a/b')] }],
    [{ match: [path('glob', '/a/*')] }, { match: [path('regex', '/.*')] }],
    [{ match: [path('prefix', '/a')] }, { match: [{ methods: ['GET'] }] }],
    [{ match: [{ methods: ['GET'] }] }, { match: [{ headers: [{ name: 'one', value: present }] }] }],
    [
      { match: [{ headers: ['one', 'two'].map((header) => ({ name: header, value: present })) }] },
      { match: [{ headers: [{ name: 'one', value: present }], query: [{ name: 'q', value: present }] }] },
    ],
    [
      { match: [{ query: [{ name: 'q', value: present }] }] },
      { match: [{ cookies: [{ name: 'c', value: present }] }] },
    ],
    [{ match: [{ cookies: [{ name: 'c', value: present }] }] }, { match: [{ bodyBytes: { max: 10 } }] }],
    [{ match: [{ bodyBytes: { max: 10 } }] }, {}],
    [{ match: [{}] }, { match: [path('prefix', '/')] }],
  ];
  for (const [winner, loser] of pairs) {
    assert.equal(ask(routes(winner, loser), at), 0, JSON.stringify([winner, loser]));
    // In the other order of the documents too, except where only that order decides.
    if (winner !== pairs.at(-1)?.[0]) assert.equal(ask(routes(loser, winner), at), 1, JSON.stringify([winner, loser]));
  }
});

test('query: first occurrence, decoded; cookies: as they stand; repeated headers: joined', () => {
  const rows = routes(
    { match: [{ query: [{ name: 'a b', value: { kind: 'exact', value: 'c d' } }] }] },
    { match: [{ query: [{ name: 'bad', value: { kind: 'exact', value: '%zz' } }] }] },
    { match: [{ query: [{ name: 'empty', value: { kind: 'exact', value: '' } }] }] },
    { match: [{ cookies: [{ name: 's', value: { kind: 'exact', value: 'x=1' } }] }] },
    { match: [{ headers: [{ name: 'x-many', value: { kind: 'exact', value: 'a, b' } }] }] },
  );
  const router = compileRouter(rows, LISTENER);
  const at = (parts: { query?: string; headers?: Readonly<Record<string, string>> }): number =>
    router.match({
      ...toRequest(PLAIN, true),
      query: parts.query ?? '',
      headers: new Map(Object.entries(parts.headers ?? {})),
    });
  assert.equal(at({ query: 'z=1&a+b=c%20d&a+b=other' }), 0);
  assert.equal(at({ query: 'a+b=other&a+b=c%20d' }), NO_ROUTE);
  assert.equal(at({ query: 'bad=%zz' }), 1);
  assert.equal(at({ query: '&&empty' }), 2);
  assert.equal(at({ headers: { cookie: 'ss=1; s=x=1;s=2' } }), 3);
  assert.equal(at({ headers: { 'x-many': 'a, b' } }), 4);
});

test('a chunked body is larger than every bound', () => {
  const rows = routes({ match: [{ bodyBytes: { min: 1_000_000 } }] }, { match: [{ bodyBytes: { max: 10 } }] });
  assert.deepEqual(
    [undefined, 5, 100, 2_000_000].map((bodyBytes) => ask(rows, { bodyBytes })),
    [0, 1, NO_ROUTE, 0],
  );
});

test('the model is asked for only when a rule in play depends on it', () => {
  const rows = routes(
    { match: [{ path: { kind: 'exact', value: '/first' } }] },
    { match: [{ path: { kind: 'prefix', value: '/' }, model: { kind: 'prefix', value: 'gpt' } }] },
    {},
  );
  const router = compileRouter(rows, LISTENER);
  const at = (path: string, model: string | undefined, modelKnown: boolean, bodyBytes: number | undefined): number =>
    router.match({ ...toRequest({ ...PLAIN, path, bodyBytes, model }, modelKnown) });
  assert.equal(at('/first', undefined, false, 9), 0);
  assert.equal(at('/other', undefined, false, 9), NEEDS_MODEL);
  assert.equal(at('/other', undefined, false, undefined), NEEDS_MODEL);
  assert.equal(at('/other', undefined, false, 0), 2);
  assert.equal(at('/other', 'gpt-5', true, 9), 1);
  assert.equal(at('/other', 'claude', true, 9), 2);
});

test('explanations name the first predicate that fails, and no secret, configured or received', () => {
  const rows = routes(
    { hostnames: ['b.example.com'] },
    { match: [{ path: { kind: 'prefix', value: '/admin' } }] },
    { match: [{ headers: [{ name: 'authorization', value: { kind: 'exact', value: 'secret-a' } }] }] },
    {},
  );
  const router = compileRouter(rows, LISTENER);
  const request = toRequest({ ...PLAIN, headers: { authorization: 'secret-b' } }, true);
  const trials = router.explain(request);
  assert.equal(/secret-[ab]/.test(JSON.stringify(trials)), false);
  assert.deepEqual(
    trials.map(({ route: index, because }) => `${index} ${because}`),
    [
      '0 asks for host b.example.com',
      '1 asks for path /admin/*',
      '2 asks for header authorization with a certain value',
      '3 takes every request',
    ],
  );
});
