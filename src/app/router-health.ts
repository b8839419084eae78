// How AI providers do, for the admin server: read from the shared tables when somebody asks.
import type { BackendView, CooldownView, ProviderDetailView, RouterDetailView } from '../admin/admin-view.ts';
import type { Backend } from '../model/backend.ts';
import { keyHash } from '../runtime/routing/key-hash.ts';
import { keyId, providerId } from '../runtime/routing/target-cooling.ts';
import type { CooldownTable } from '../state/cooldown-table.ts';
import { PROVIDER_WINDOW_MS, type ProviderFacts, type ProviderTable } from '../state/provider-table.ts';
import type { UpstreamState } from './upstream-state.ts';

export interface RoutingTables {
  readonly cooldowns: CooldownTable;
  readonly providers: ProviderTable;
}

/** Percent. A share of fewer requests says nothing. */
export const HEALTH_THRESHOLDS = { degraded: 98, unhealthy: 50, min_requests: 5 };

type Cooldowns = Pick<ProviderDetailView, 'cooldown' | 'keys'>;

function cooldownOf(table: CooldownTable, id: string, nowMs: number): { readonly cooldown?: CooldownView } {
  const found = table.describe(id, nowMs);
  if (found === undefined) return {};
  return { cooldown: { cause: found.cause, forMs: Math.max(0, found.untilMs - nowMs), count: found.count } };
}

function cooldownsOf({ name, provider }: Backend, { cooldowns }: RoutingTables, nowMs: number): Cooldowns {
  const { apiKeys } = provider ?? {};
  if (apiKeys === undefined) return cooldownOf(cooldowns, providerId(name), nowMs);
  const keys = apiKeys.map(({ apiKey }, index) => {
    const hash = keyHash(apiKey);
    return { name: `key ${index + 1} (${hash})`, ...cooldownOf(cooldowns, keyId(name, hash), nowMs) };
  });
  return { keys };
}

/** One decimal, down: 99.96 is not all. */
function percent(share: number): number {
  return Math.floor(share * 1000) / 10;
}

interface Seen {
  readonly view: BackendView;
  readonly facts: ProviderFacts;
  readonly rate: number;
  readonly cooldowns: Cooldowns;
}

/** Why nobody would be asked there now. */
function outReasons({ view, facts, rate, cooldowns }: Seen): readonly string[] {
  const { endpoints, breaker } = view;
  const { keys = [] } = cooldowns;
  const isJudged = facts.requests >= HEALTH_THRESHOLDS.min_requests;
  return [
    ...(breaker?.state === 'open' ? ['its circuit breaker is open'] : []),
    ...(endpoints.every(({ usable }) => !usable) ? ['no endpoint is usable'] : []),
    ...(cooldowns.cooldown === undefined ? [] : [`cools down (${cooldowns.cooldown.cause})`]),
    ...(keys.length > 0 && keys.every(({ cooldown }) => cooldown !== undefined) ? ['every key cools down'] : []),
    ...(isJudged && rate < HEALTH_THRESHOLDS.unhealthy ? [`success rate below ${HEALTH_THRESHOLDS.unhealthy} %`] : []),
  ];
}

function doubtReasons({ view, rate, cooldowns }: Seen): readonly string[] {
  const { endpoints, breaker } = view;
  const { keys = [] } = cooldowns;
  return [
    ...(breaker?.state === 'half_open' ? ['its circuit breaker is half open'] : []),
    ...(endpoints.some(({ usable }) => !usable) ? ['an endpoint is not usable'] : []),
    ...(keys.some(({ cooldown }) => cooldown !== undefined) ? ['a key cools down'] : []),
    ...(rate < HEALTH_THRESHOLDS.degraded ? [`success rate below ${HEALTH_THRESHOLDS.degraded} %`] : []),
  ];
}

function detailOf(backend: Backend, seen: Seen): ProviderDetailView {
  const { view, facts, rate, cooldowns } = seen;
  const out = outReasons(seen);
  const reasons = out.length > 0 ? out : doubtReasons(seen);
  return {
    name: backend.name,
    status: out.length > 0 ? 'unhealthy' : reasons.length > 0 ? 'degraded' : 'healthy',
    latency_ms: facts.latencyMs,
    success_rate: rate,
    provider: backend.provider?.name ?? '',
    reasons,
    requests: facts.requests,
    failures: facts.failures,
    tokens_per_second: Math.round(facts.tokensPerSecond * 10) / 10,
    ...(view.breaker !== undefined && { breaker: view.breaker }),
    endpoints: view.endpoints,
    ...cooldowns,
    last_failures: facts.lastFailures,
  };
}

export function routerHealth(upstream: UpstreamState, tables: RoutingTables, nowMs: number): RouterDetailView {
  const views = new Map(upstream.view(nowMs).map((view) => [view.name, view]));
  const providers = upstream.backends.flatMap((backend) => {
    const view = views.get(backend.name);
    if (backend.provider === undefined || view === undefined) return [];
    const facts = tables.providers.window(backend.name).describe(nowMs);
    const rate = facts.requests === 0 ? 100 : percent(1 - Math.min(facts.failures, facts.requests) / facts.requests);
    return [detailOf(backend, { view, facts, rate, cooldowns: cooldownsOf(backend, tables, nowMs) })];
  });
  return { window_seconds: PROVIDER_WINDOW_MS / 1000, thresholds: HEALTH_THRESHOLDS, providers };
}
