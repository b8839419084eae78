// The section `fallback` of an AI router: which providers answer when the ones of a route fail, in which order. Its targets are
// added behind those of every AI route; without any route it makes one.
import type { Id } from '../../base/types.ts';
import { DEFAULT_AI_RETRY } from '../../model/defaults.ts';
import type { Retry } from '../../model/retry.ts';
import type { Action, Route, Target } from '../../model/route.ts';
import { s } from '../../schema/builder.ts';
import { LATER_PROVIDERS } from './later-keys.ts';
import { nearestMend, type Reading } from './reading.ts';
import { defaultStrategy } from './retry-config.ts';
import { isAiBackend, type NativeScope } from './scope.ts';
import { sectionRoute } from './section-route.ts';
import { backendsOf, type NamePlace } from './targets.ts';

export const FALLBACK = s.object(
  {
    enabled: s.optional(s.boolean('Whether the section acts; default true.')),
    max_retries: s.optional(s.integer('Tries after the first; default 4.', { min: 0, max: 19 })),
    fallback_order: s.array(s.string('Backend or provider.', { minLength: 1 }), 'Who answers, first to last.'),
  },
  'Providers that answer when those of an AI route fail.',
);

const SECTION = 'fallback';
const ROUTE_NAME = 'fallback';

/** The backends that stand for a name which must be that of a backend or provider; a provider to come is passed over. */
export function resolveProvider(name: string, { reading, scope, path }: NamePlace): readonly Id<'backend'>[] {
  const backends = backendsOf(name, { reading, scope, path });
  if (backends !== undefined) return backends;
  if (LATER_PROVIDERS.has(name)) {
    const message = `this version does not have the provider "${name}" yet: it is passed over`;
    reading.note(path, { code: 'config.not-available', message });
    return [];
  }
  const names = [...scope.backendNames, ...scope.options.catalog.providers.keys()];
  const message = `no backend or provider is called "${name}"`;
  reading.error(path, { code: 'config.undefined-target', message, ...nearestMend(name, names) });
  return [];
}

/** Puts the order into the scope, before routes are read. */
export function readFallback(value: unknown, reading: Reading, scope: NativeScope): void {
  if (value === undefined) return;
  const written = reading.parse(FALLBACK, value, [SECTION]);
  if (written === undefined || written.enabled === false) return;
  if (scope.fallback !== undefined) {
    const message = 'another document has a fallback already';
    reading.error([SECTION], { code: 'config.duplicate', message, mend: 'put the order into one section' });
    return;
  }
  const backends = written.fallback_order.flatMap((name, index) =>
    resolveProvider(name, { reading, scope, path: [SECTION, 'fallback_order', index] }),
  );
  if (backends.length === 0 && written.fallback_order.every((name) => LATER_PROVIDERS.has(name))) {
    const message = 'nobody of the order can answer in this version';
    reading.warning([SECTION, 'fallback_order'], { code: 'config.no-effect', message });
  }
  scope.fallback = { backends: [...new Set(backends)], maxRetries: written.max_retries };
}

/** The order behind the targets of an AI route, each a tier of its own. */
export function withFallback(targets: readonly Target[], scope: NativeScope): readonly Target[] {
  const { backends = [] } = scope.fallback ?? {};
  const lastTier = Math.max(-1, ...targets.map(({ tier }) => tier));
  const more = backends.filter((backend) => targets.every((target) => target.backend !== backend));
  return [...targets, ...more.map((backend, index) => ({ backend, weight: 1, tier: lastTier + 1 + index }))];
}

/** Whether every target is an AI backend. */
export function isServedByAi(action: Action, scope: NativeScope): boolean {
  if (action.kind === 'reply' || action.targets.length === 0) return false;
  return action.targets.every(({ backend }) => isAiBackend(backend, scope));
}

/** The action as it is, or with the order behind it where AI backends serve it. */
export function actionWithFallback(action: Action, scope: NativeScope): Action {
  if (action.kind === 'reply' || !isServedByAi(action, scope)) return action;
  return { ...action, targets: withFallback(action.targets, scope) };
}

/** Retries of an AI route that says nothing of them. */
export function fallbackRetry(scope: NativeScope): Retry | undefined {
  const maxRetries = scope.fallback?.maxRetries;
  if (maxRetries === undefined) return undefined;
  return { ...(defaultStrategy(scope, 'ai') ?? DEFAULT_AI_RETRY), attempts: maxRetries + 1 };
}

/** The route of a configuration that has none: the order alone is a router. */
export function impliedRoute(reading: Reading, scope: NativeScope): Route | undefined {
  if (scope.hasRoutes || scope.fallback === undefined || scope.fallback.backends.length === 0) return undefined;
  const message = 'no route is written: /v1/* goes to the providers of the fallback order';
  reading.note([SECTION], { code: 'config.implied-route', message });
  const retry = fallbackRetry(scope);
  return sectionRoute(
    ROUTE_NAME,
    { reading, scope, section: SECTION },
    {
      isDefault: false,
      match: [{ path: { kind: 'prefix', value: '/v1' } }],
      action: { kind: 'forward', targets: withFallback([], scope) },
      ...(retry !== undefined && { retry }),
    },
  );
}
