// The section `load_balancing` of an AI router: `/v1/*` goes to several providers at once, in shares. Who is asked when the one
// chosen fails is what `fallback` says.
import type { Id } from '../../base/types.ts';
import type { ForwardAction, Route, Target } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { fallbackRetry, resolveProvider, withFallback } from './fallback.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';
import { sectionRoute } from './section-route.ts';

export const LOAD_BALANCING = s.object(
  {
    enabled: s.optional(s.boolean('Whether the section acts; default true.')),
    strategy: s.optional(
      s.string(
        'round-robin in equal shares, weighted by weights, least-connections, or another algorithm; default weighted.',
      ),
    ),
    weights: s.optional(
      s.record(
        s.integer('Share of the requests; 0 stands by.', { min: 0 }),
        'Backends or providers and their shares; by default those of the fallback order, else all, in equal shares.',
      ),
    ),
  },
  'Shares AI requests out over providers.',
);

type Written = Infer<typeof LOAD_BALANCING>;

const SECTION = 'load_balancing';
/** Words of the section for algorithms that have another name here. */
const STRATEGIES: ReadonlyMap<string, string> = new Map([
  ['weighted', 'weighted_round_robin'],
  ['least_connections', 'least_conn'],
]);

interface Place {
  readonly reading: Reading;
  readonly scope: NativeScope;
}

/** Name of the algorithm; `-` and `_` are the same. */
function algorithmOf({ strategy = 'weighted' }: Written, { reading, scope }: Place): string {
  const { balancers } = scope.options.catalog;
  const word = strategy.toLowerCase().replaceAll(/[-\s]/g, '_');
  const name = STRATEGIES.get(word) ?? word;
  const definition = balancers.get(name);
  if (definition !== undefined && definition.hashOn === undefined) return name;
  const usable = [...balancers.values()].filter(({ hashOn }) => hashOn === undefined).map((balancer) => balancer.name);
  const accepted = ['round-robin', 'weighted', 'least-connections', ...usable.filter((each) => each !== 'round_robin')];
  const message =
    definition === undefined
      ? `there is no strategy "${strategy}"; accepted: ${accepted.join(', ')}`
      : `${name} chooses among endpoints by a key of the request, not among providers; accepted: ${accepted.join(', ')}`;
  reading.error([SECTION, 'strategy'], { code: 'config.wrong-value', message, ...nearestMend(strategy, accepted) });
  return 'weighted_round_robin';
}

/** Everybody who could answer, where nobody is named. */
function everyProvider({ fallback, providerBackends }: NativeScope): readonly Id<'backend'>[] {
  if (fallback !== undefined && fallback.backends.length > 0) return fallback.backends;
  return [...providerBackends.values()].flat() as readonly string[] as readonly Id<'backend'>[];
}

/** Weight 0 beside a positive one stands by, as of all AI backends. */
function toTargets(shares: ReadonlyMap<Id<'backend'>, number>): readonly Target[] {
  const isShared = [...shares.values()].some((weight) => weight > 0);
  return [...shares].map(([backend, weight]) =>
    weight === 0 && isShared ? { backend, weight: 1, tier: 1 } : { backend, weight, tier: 0 },
  );
}

function sharesOf(
  { weights }: Written,
  algorithm: string,
  { reading, scope }: Place,
): ReadonlyMap<Id<'backend'>, number> {
  if (weights === undefined) return new Map(everyProvider(scope).map((backend) => [backend, 1]));
  const path: Path = [SECTION, 'weights'];
  const isEqual = algorithm === 'round_robin';
  const positive = new Set(Object.values(weights).filter((weight) => weight > 0));
  if (isEqual && positive.size > 1) {
    const message = 'round-robin shares equally: weights only say who takes part';
    reading.warning(path, { code: 'config.no-effect', message, mend: 'write "strategy: weighted"' });
  }
  const shares = new Map<Id<'backend'>, number>();
  for (const [name, weight] of Object.entries(weights)) {
    const backends = resolveProvider(name, { reading, scope, path: [...path, name] });
    for (const backend of backends) shares.set(backend, isEqual ? Math.min(weight, 1) : weight);
  }
  return shares;
}

function actionOf(written: Written, place: Place): ForwardAction {
  const { scope } = place;
  const algorithm = algorithmOf(written, place);
  const targets = toTargets(sharesOf(written, algorithm, place));
  const failover = scope.fallback?.backends ?? [];
  const isTurns = algorithm === 'weighted_round_robin' || algorithm === 'round_robin';
  return {
    kind: 'forward',
    targets: withFallback(targets, scope),
    ...(!isTurns && { balancer: { name: algorithm, config: defaultsOf(algorithm, scope) } }),
    ...(failover.length > 0 && { failover }),
  };
}

function defaultsOf(algorithm: string, { options }: NativeScope): unknown {
  const parsed = options.catalog.balancers.get(algorithm)?.schema.parse({});
  return parsed?.ok === true ? parsed.value : {};
}

function refuseSecond(reading: Reading): readonly Route[] {
  const message = `another document has a ${SECTION} already`;
  reading.error([SECTION], { code: 'config.duplicate', message, mend: 'put all weights into one section' });
  return [];
}

export function translateLoadBalancing(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  const written = reading.parse(LOAD_BALANCING, value ?? {}, [SECTION]);
  if (written === undefined || written.enabled === false) return [];
  if (scope.ruleCounts.has(SECTION)) return refuseSecond(reading);
  scope.ruleCounts.set(SECTION, 1);
  const action = actionOf(written, { reading, scope });
  if (action.targets.length === 0) {
    const message = 'there is no provider to share requests out over';
    const mend = 'define backends with "provider", or name them under "weights"';
    if (written.weights === undefined) reading.error([SECTION], { code: 'config.no-target', message, mend });
    return [];
  }
  const message = '/v1/* is shared out over the providers';
  reading.note([SECTION], { code: 'config.implied-route', message });
  const retry = fallbackRetry(scope);
  const match = [{ path: { kind: 'prefix' as const, value: '/v1' } }];
  const parts = { isDefault: false, match, action, ...(retry !== undefined && { retry }) };
  return [sectionRoute(SECTION, { reading, scope, section: SECTION }, parts)];
}
