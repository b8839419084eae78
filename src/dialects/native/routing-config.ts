// The section `routing_config`: where requests go that no other route takes. Targets that are hosts become the endpoints of one
// backend, which the algorithm balances; where one of them is a backend of its own, the algorithm chooses among backends.
import { slipOf } from '../../base/nearest-name.ts';
import { parseOrigin } from '../../base/origin-url.ts';
import { formatPlace } from '../../model/format-place.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import type { Action, ForwardAction, Route } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { BackendReader, SHARED_KEYS } from './backends.ts';
import { CHOOSING_KEYS, readAlgorithm } from './choosing.ts';
import { translateEndpoints } from './endpoints.ts';
import { actionWithFallback } from './fallback.ts';
import { readBackendHealth } from './health-checks.ts';
import { Reading } from './reading.ts';
import { readRouteRetry } from './route-retry.ts';
import type { NativeScope } from './scope.ts';
import { sectionRoute } from './section-route.ts';
import { resolveRuleTarget } from './targets.ts';
import { toTimeouts } from './timeouts.ts';

const SWITCH = s.union(
  [s.choice(['enabled', 'disabled'], 'Whether health_check asks this target.'), s.boolean('The same.')],
  'Whether health_check asks this target; default enabled.',
);

const TARGET_NAME = s.string('Host or host:port, port 80 unless given; or the name of a backend or provider.', {
  minLength: 1,
});

const TARGET = s.union(
  [
    TARGET_NAME,
    s.object({
      target: TARGET_NAME,
      weight: s.optional(s.integer('Share of the requests; default 1.', { min: 0 })),
      health_checks: s.optional(SWITCH),
    }),
  ],
  'A target, or a map with a target.',
);

export const ROUTING_CONFIG = s.object(
  {
    upstream_targets: s.oneOrMany(TARGET, 'Where requests go that no other route takes.'),
    ...SHARED_KEYS,
  },
  'The default route: a group of targets under one algorithm. The other keys are those of a backend.',
);

type Written = Infer<typeof ROUTING_CONFIG>;
type WrittenTarget = Exclude<Infer<typeof TARGET>, string>;

const SECTION = 'routing_config';
/** Keys that say something of a choice among backends too. */
const ROUTE_KEYS = new Set([
  'upstream_targets',
  'health_check',
  'health_checks',
  'algorithm',
  'balancer',
  'timeout',
  'retry',
]);

interface Group {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** The section as it stands in the document. */
  readonly value: unknown;
  readonly written: Written;
  readonly targets: readonly WrittenTarget[];
  readonly targetPath: (index: number) => Path;
}

function saysCheck({ health_checks: checks }: WrittenTarget): boolean {
  return checks === 'enabled' || checks === true;
}

/** Without a check in the section those that ask for one have the usual one, and no others; else all that do not refuse it. */
function isChecked(target: WrittenTarget, { written, targets }: Group): boolean {
  if (target.health_checks !== undefined) return saysCheck(target);
  return written.health_check !== undefined || written.health_checks !== undefined || !targets.some(saysCheck);
}

/** What the section says of checks, with the wish of single targets. */
function withCheck({ written, targets }: Group): Written {
  const isWritten = written.health_check !== undefined || written.health_checks !== undefined;
  return isWritten || !targets.some(saysCheck) ? written : { ...written, health_check: true };
}

function isDefined(name: string, { backendNames, options }: NativeScope): boolean {
  return backendNames.has(name) || options.catalog.providers.has(name);
}

/** A bare word may be a slip; else it is a host that DNS must know, which is worth a note. */
function reportNames({ targets, scope, reading, targetPath }: Group): void {
  for (const [index, { target }] of targets.entries()) {
    const slip = slipOf(target, scope.backendNames);
    if (slip !== undefined) {
      const message = `no backend is called "${target}"`;
      const mend = `did you mean "${slip}"?`;
      reading.error(targetPath(index), { code: 'config.undefined-target', message, mend });
    } else if (!/[.:]/.test(target)) {
      const message = `no backend is called "${target}": it is taken as the host http://${target}:80`;
      reading.note(targetPath(index), { code: 'config.implied-backend', message });
    }
  }
}

/** All targets as endpoints of one backend. */
function toBackend(group: Group): Action {
  const { reading, scope, targets } = group;
  reportNames(group);
  const list = targets.map(({ target: url, weight }) => ({ url, ...(weight !== undefined && { weight }) }));
  const path = [SECTION, 'upstream_targets'];
  const raw = { endpoints: (group.value as { readonly upstream_targets: unknown }).upstream_targets };
  const unchecked = new Set(
    targets.filter((each) => !isChecked(each, group)).map(({ target }) => parseOrigin(target)?.origin),
  );
  const endpoints = translateEndpoints(SECTION, list, { reading, path, raw }).map((endpoint) =>
    unchecked.has(endpoint.url) ? { ...endpoint, healthChecked: false } : endpoint,
  );
  const backend = new BackendReader(reading, scope).assemble(SECTION, [SECTION], {
    written: withCheck(group),
    endpoints,
  });
  scope.implied.set(SECTION, backend);
  return { kind: 'forward', targets: [{ backend: backend.id, weight: 1, tier: 0 }] };
}

/** Algorithms that choose by a key of the request do so among endpoints only. */
function balancerOf({ written, reading, scope }: Group): ForwardAction['balancer'] {
  const balancer = readAlgorithm(written, { reading, scope, path: [SECTION] });
  if (balancer === undefined || balancer.name === 'weighted_round_robin') return undefined;
  if (scope.options.catalog.balancers.get(balancer.name)?.hashOn === undefined) return balancer;
  const key = written.balancer === undefined ? 'algorithm' : 'balancer';
  const why = 'it chooses among endpoints, and these targets are backends, which share by weight';
  const message = `${balancer.name} has no effect: ${why}`;
  const mend = `write "${key}: ${balancer.name}" at the backends, or name hosts as targets`;
  reading.warning([SECTION, key], { code: 'config.no-effect', message, mend });
  return undefined;
}

/** What is written of the endpoints has none to act on. */
function reportUnusedKeys({ written, reading }: Group): void {
  for (const key of Object.keys(written)) {
    if (ROUTE_KEYS.has(key)) continue;
    const message = `"${key}" has no effect: the targets are backends, which say it themselves`;
    const mend = Object.hasOwn(CHOOSING_KEYS, key)
      ? 'write it at the backends'
      : 'write it at the backends, or name hosts';
    reading.warning([SECTION, key], { code: 'config.no-effect', message, mend });
  }
}

/** Every target as a backend. */
function toTargets(group: Group): Action {
  const { reading, scope, targets, targetPath } = group;
  reportUnusedKeys(group);
  const balancer = balancerOf(group);
  const resolved = targets.flatMap(({ target, weight = 1 }, index) =>
    resolveRuleTarget(target, { reading, scope, path: targetPath(index) }).map((backend) => ({
      backend,
      weight,
      tier: 0,
    })),
  );
  return actionWithFallback({ kind: 'forward', targets: resolved, ...(balancer !== undefined && { balancer }) }, scope);
}

function groupOf(value: unknown, reading: Reading, scope: NativeScope): Group | undefined {
  const written = reading.parse(ROUTING_CONFIG, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  const { upstream_targets: raw } = value as { readonly upstream_targets: unknown };
  const at = [SECTION, 'upstream_targets'];
  return {
    reading,
    scope,
    value,
    written,
    targets: written.upstream_targets.map((item) => (typeof item === 'string' ? { target: item } : item)),
    targetPath: (index) => (Array.isArray(raw) ? [...at, index] : at),
  };
}

/**
 * Before backends are read: where targets are backends, the health check of the section is theirs unless they have one of their
 * own. What is wrong with the rest of the section is said where it is translated.
 */
export function readGroupChecks(value: unknown, reading: Reading, scope: NativeScope): void {
  if (value === undefined) return;
  const group = groupOf(value, new Reading(reading.document), scope);
  if (!group?.targets.some(({ target }) => isDefined(target, scope))) return;
  const place = { reading, scope, path: [SECTION], endpoints: [], isAi: true, hasOutliers: true, ofGroup: undefined };
  const { healthCheck } = readBackendHealth(withCheck(group), place);
  if (healthCheck === undefined) return;
  for (const each of group.targets) if (isChecked(each, group)) scope.groupChecks.set(each.target, healthCheck);
}

function refuseSecond(reading: Reading): readonly Route[] {
  const message = 'another document has the default route of a routing_config already';
  reading.error([SECTION], { code: 'config.duplicate', message, mend: 'put all targets into one section' });
  return [];
}

export function translateRoutingConfig(value: unknown, reading: Reading, scope: NativeScope): readonly Route[] {
  if (scope.defaultRoute !== undefined) return refuseSecond(reading);
  const group = groupOf(value, reading, scope);
  if (group === undefined) return [];
  scope.defaultRoute = { reading, path: [SECTION] };
  const hasBackends = group.targets.some(({ target }) => isDefined(target, scope));
  const action = hasBackends ? toTargets(group) : toBackend(group);
  const retry = hasBackends
    ? readRouteRetry(group.written.retry, action, { reading, scope, path: [SECTION] })
    : undefined;
  const timeouts = hasBackends ? toTimeouts(group.written.timeout) : {};
  const parts = { isDefault: true, action, timeouts, ...(retry !== undefined && { retry }) };
  return [sectionRoute(SECTION, { reading, scope, section: SECTION }, parts)];
}

/** After all routes are read: of two default routes for every request one would never get any. */
export function reportSecondDefault(fragments: readonly Partial<GatewayModel>[], { defaultRoute }: NativeScope): void {
  if (defaultRoute === undefined) return;
  const written = fragments
    .flatMap(({ routes = [] }) => routes)
    .find(({ isDefault, match, origin }) => isDefault && match.length === 0 && origin.pointer.startsWith('/routes/'));
  if (written === undefined) return;
  const message = `the route "${written.name}" at ${formatPlace(written.origin)} takes by default what no other route takes`;
  const mend = 'give that route a match, or take its "default" away';
  defaultRoute.reading.error(defaultRoute.path, { code: 'config.conflict', message, mend });
}
