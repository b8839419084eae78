// Nanoseconds of processor time per match with 10 and with 10,000 routes: the router must not feel the difference. `node bench/micro/router.ts`.
import type { Id } from '../../src/base/types.ts';
import type { Route } from '../../src/model/route.ts';
import { compileRouter } from '../../src/runtime/router/compile-router.ts';
import type { RouteRequest } from '../../src/runtime/router/router.ts';

const ROUNDS = 400_000;
const LISTENER = 'main' as Id<'listener'>;
const NO_HEADERS = { get: () => undefined };

type Shape = (index: number) => Pick<Route, 'hostnames' | 'match'>;

const SHAPES: Readonly<Record<string, Shape>> = {
  'exact paths': (index) => ({
    hostnames: [],
    match: [{ path: { kind: 'exact', value: `/v1/tenant-${index}/chat` } }],
  }),
  prefixes: (index) => ({ hostnames: [], match: [{ path: { kind: 'prefix', value: `/v1/tenant-${index}` } }] }),
  globs: (index) => ({ hostnames: [], match: [{ path: { kind: 'glob', value: `/v1/tenant-${index}/*` } }] }),
  regexes: (index) => ({ hostnames: [], match: [{ path: { kind: 'regex', value: `/v1/tenant-${index}/[a-z]+` } }] }),
  hosts: (index) => ({
    hostnames: [`tenant-${index}.example.com`],
    match: [{ path: { kind: 'prefix', value: '/v1' } }],
  }),
  wildcards: (index) => ({ hostnames: [`*.tenant-${index}.example.com`], match: [] }),
};

function build(shape: Shape, count: number): readonly Route[] {
  return Array.from({ length: count }, (_, order) => ({
    id: `route-${order}` as Id<'route'>,
    name: `route-${order}`,
    origin: { source: 'bench', dialect: 'native', pointer: `/routes/${order}` },
    parents: [],
    rank: 0,
    order,
    isDefault: false,
    filters: [],
    action: { kind: 'reply' },
    timeouts: {},
    ...shape(order),
  }));
}

/** One request per route, at most 64 of them, spread over the table. */
function requestsFor(count: number, name: string): readonly RouteRequest[] {
  return Array.from({ length: Math.min(64, count) }, (_, index) => {
    const tenant = Math.floor((index * count) / Math.min(64, count));
    const host = name === 'hosts' ? `tenant-${tenant}.example.com` : `a.tenant-${tenant}.example.com`;
    // As the server has it: a piece of the head's text.
    const path = Buffer.from(`POST /v1/tenant-${tenant}/chat HTTP/1.1`).toString('latin1').slice(5, -9);
    return {
      method: 'POST',
      host,
      path,
      query: '',
      headers: NO_HEADERS,
      declaredBytes: 2,
      model: undefined,
      modelKnown: false,
    };
  });
}

function nanosecondsPerMatch(shape: Shape, count: number, name: string): number {
  const router = compileRouter(build(shape, count), LISTENER);
  const requests = requestsFor(count, name);
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < 3; repeat++) {
    let misses = 0;
    const started = process.threadCpuUsage().user;
    for (let round = 0; round < ROUNDS; round++) {
      if (router.match(requests[round % requests.length]) < 0) misses++;
    }
    best = Math.min(best, ((process.threadCpuUsage().user - started) * 1000) / ROUNDS);
    if (misses > 0) throw new Error(`${name}: ${misses} requests found no route`);
  }
  return best;
}

for (const [name, shape] of Object.entries(SHAPES)) {
  const [few, many] = [10, 10_000].map((count) => nanosecondsPerMatch(shape, count, name));
  console.log(
    `${name.padEnd(12)} 10 routes ${few.toFixed(0).padStart(5)} ns   10,000 routes ${many.toFixed(0).padStart(5)} ns`,
  );
}
