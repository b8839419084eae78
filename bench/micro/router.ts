// Nanoseconds per match with 10 and with 10,000 routes, by 10,000 requests in turn, so that no route is still in a cache because
// it was just taken; then what a route costs in memory and in time to compile. `node bench/micro/router.ts`, best pinned to a CPU.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Id } from '../../src/base/types.ts';
import type { Route } from '../../src/model/route.ts';
import { compileRouter } from '../../src/runtime/router/compile-router.ts';
import type { RouteRequest, Router } from '../../src/runtime/router/router.ts';
import { sideBySide } from './side-by-side.ts';

const FEW = 10;
const MANY = 10_000;
const REQUESTS = 10_000;
/** Neighbours are not alike; without a common divisor, so that every route is asked for. */
const STRIDE = 7919;
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

/** As the server has it: a piece of a head's text, nobody else's. */
function piece(text: string): string {
  return Buffer.from(`POST ${text} HTTP/1.1`).toString('latin1').slice(5, -9);
}

function requestsFor(count: number, name: string): readonly RouteRequest[] {
  return Array.from({ length: REQUESTS }, (_, index) => {
    const tenant = ((index * STRIDE) % MANY) % count;
    return {
      method: 'POST',
      host: piece(`${name === 'hosts' ? '' : 'a.'}tenant-${tenant}.example.com`),
      path: piece(`/v1/tenant-${tenant}/chat`),
      query: '',
      headers: NO_HEADERS,
      declaredBytes: 2,
      model: undefined,
      modelKnown: false,
    };
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

interface Compiled {
  readonly router: Router;
  readonly compileMs: number;
  readonly bytesPerRoute: number;
}

function compile(shape: Shape, count: number): Compiled {
  const routes = build(shape, count);
  const before = usedBytes();
  const started = performance.now();
  const router = compileRouter(routes, LISTENER);
  const compileMs = performance.now() - started;
  return { router, compileMs, bytesPerRoute: (usedBytes() - before) / count };
}

function taker({ router }: Compiled, requests: readonly RouteRequest[]): () => number {
  let at = 0;
  // What is made at the first request of a route is there.
  for (const request of requests) router.match(request);
  return () => {
    at = at + 1 === requests.length ? 0 : at + 1;
    const route = router.match(requests[at]);
    if (route < 0) throw new Error('a request found no route');
    return route;
  };
}

for (const [name, shape] of Object.entries(SHAPES)) {
  const few = compile(shape, FEW);
  const many = compile(shape, MANY);
  const times = sideBySide({
    few: taker(few, requestsFor(FEW, name)),
    many: taker(many, requestsFor(MANY, name)),
  });
  const nanoseconds = (value: number): string => `${value.toFixed(0).padStart(5)} ns`;
  console.log(
    `${name.padEnd(12)} ${FEW} routes ${nanoseconds(times.few)}   10,000 routes ${nanoseconds(times.many)}, ` +
      `compiled in ${many.compileMs.toFixed(0).padStart(4)} ms, ${many.bytesPerRoute.toFixed(0).padStart(5)} bytes each`,
  );
}
