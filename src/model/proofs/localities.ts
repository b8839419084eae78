// Regions and zones that nobody is in, failover that could never act, conditions that can never hold.
import { nearestName } from '../../base/nearest-name.ts';
import type { Backend } from '../backend.ts';
import type { Finding } from '../finding.ts';
import type { GatewayModel } from '../gateway-model.ts';
import type { Origin } from '../origin.ts';

type Kind = 'region' | 'zone';

const quote = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

interface Listed {
  readonly kind: Kind;
  readonly names: readonly string[];
  /** As a message names it. */
  readonly section: string;
  readonly origin: Origin;
}

function placesIn(backends: readonly Backend[], kind: Kind): ReadonlySet<string> {
  return new Set(backends.flatMap(({ endpoints, dns }) => [dns, ...endpoints].flatMap((each) => each?.[kind] ?? [])));
}

/** A template that no endpoint uses is worth a note; a part of it that nobody is in, a warning: that part can never act. */
function checkEmpty({ kind, names, section, origin }: Listed, { backends }: GatewayModel): readonly Finding[] {
  const used = placesIn(backends, kind);
  const empty = names.filter((name) => !used.has(name));
  const mend = `give endpoints "${kind}: ${empty[0]}"`;
  if (empty.length === names.length) {
    const message = `no endpoint is in a ${kind} of ${section}: it acts on endpoints that say so`;
    return [{ severity: 'note', code: `config.empty-${kind}`, message, mend, origin }];
  }
  return empty.map((name) => {
    const nearest = nearestName(
      name,
      [...used].filter((each) => !names.includes(each)),
    );
    const message = `no endpoint is in the ${kind} "${name}" of ${section}`;
    const why = nearest === undefined ? mend : `did you mean "${nearest}"?`;
    return { severity: 'warning', code: `config.empty-${kind}`, message, mend: why, origin };
  });
}

/** Endpoints of a backend that stand outside while others of it are in a listed place. */
function checkOutside({ kind, names, section }: Listed, { backends }: GatewayModel): readonly Finding[] {
  return backends.flatMap(({ name, endpoints, origin }): readonly Finding[] => {
    const outside = endpoints.filter((endpoint) => !names.includes(endpoint[kind] ?? ''));
    if (outside.length === 0 || outside.length === endpoints.length) return [];
    const message = `endpoints of the backend "${name}" are in no ${kind} of ${section}: ${quote(outside.map(({ url }) => url))}`;
    const mend = `give them a "${kind}"; until then they come after all the others`;
    return [{ severity: 'warning', code: `config.outside-${kind}`, message, mend, origin }];
  });
}

function checkSignals({ locality, backends }: GatewayModel): readonly Finding[] {
  const { failover } = locality ?? {};
  if (failover === undefined) return [];
  const { errorRateAbove, responseTimeAboveMs } = failover.conditions;
  if (errorRateAbove !== undefined || responseTimeAboveMs !== undefined) return [];
  return backends.flatMap(({ name, endpoints, outlier, breaker, healthCheck, origin }): readonly Finding[] => {
    const isIn = endpoints.some(({ region = '' }) => failover.regions.includes(region));
    if (!isIn || outlier !== undefined || breaker !== undefined || healthCheck !== undefined) return [];
    const message = `failover of the backend "${name}" sees only endpoints that take no connection: nothing else marks them`;
    const mend =
      'add "health_check", "outlier_detection" or "circuit_breaker", or a condition such as error_rate: "> 5%"';
    return [{ severity: 'warning', code: 'config.no-health-signal', message, mend, origin }];
  });
}

interface Limit {
  readonly limitMs: number;
  readonly regions: readonly string[];
  /** As written. */
  readonly words: string;
}

/** Limits on time that no request lives long enough to exceed. */
function checkThresholds({ locality, backends }: GatewayModel): readonly Finding[] {
  const { failover, geo } = locality ?? {};
  const limits: Limit[] = [];
  const responseMs = failover?.conditions.responseTimeAboveMs;
  if (failover !== undefined && responseMs !== undefined)
    limits.push({ limitMs: responseMs, regions: failover.regions, words: `response_time "> ${responseMs}ms"` });
  if (geo?.latencyThresholdMs !== undefined) {
    const { latencyThresholdMs: limitMs, regions } = geo;
    limits.push({ limitMs, regions: regions.map(({ name }) => name), words: `latency_threshold ${limitMs}ms` });
  }
  return limits.flatMap(({ limitMs, regions, words }) =>
    backends.flatMap(({ name, endpoints, timeouts, origin }): readonly Finding[] => {
      const { firstByteMs = 0 } = timeouts;
      const isIn = endpoints.some(({ region = '' }) => regions.includes(region));
      if (!isIn || firstByteMs === 0 || firstByteMs > limitMs) return [];
      const message = `${words} can never be exceeded by the backend "${name}": its requests end after ${firstByteMs} ms`;
      const mend = 'write a shorter limit, or a longer timeout';
      return [{ severity: 'warning', code: 'config.unmet-threshold', message, mend, origin }];
    }),
  );
}

/** A health condition that a small region meets only by losing everything, or by losing one endpoint. */
function checkHealthSteps({ locality, backends }: GatewayModel): readonly Finding[] {
  const { failover } = locality ?? {};
  const below = failover?.conditions.healthBelow;
  const [primary] = failover?.regions ?? [];
  if (failover === undefined || below === undefined || below < 1) return [];
  const inPrimary = backends.flatMap(({ endpoints }) => endpoints.filter(({ region }) => region === primary));
  if (inPrimary.length === 0) return [];
  const message = 'primary_health "< 100%" leaves the region as soon as one endpoint is down';
  return [{ severity: 'note', code: 'config.strict-threshold', message, origin: failover.origin }];
}

/** What is written at endpoints and nobody goes by. */
function checkUnused({ locality, backends }: GatewayModel): readonly Finding[] {
  const isRegional = locality?.geo !== undefined || locality?.failover !== undefined;
  return backends.flatMap(({ name, endpoints, origin }): readonly Finding[] => {
    const idle = (['region', 'zone'] as const).filter((kind) => {
      const acts = kind === 'region' ? isRegional : locality?.zones !== undefined;
      return !acts && endpoints.some((endpoint) => endpoint[kind] !== undefined);
    });
    return idle.map((kind) => {
      const section = kind === 'region' ? 'geo_routing or multi_region' : 'datacenter_routing';
      const message = `"${kind}" of endpoints of the backend "${name}" shows in metrics only: nothing chooses by it`;
      return { severity: 'note', code: 'config.unused-place', message, mend: `write ${section}`, origin };
    });
  });
}

function checkTrust({ locality, listeners }: GatewayModel): readonly Finding[] {
  const { geo } = locality ?? {};
  if (geo === undefined || listeners.some(({ trustedProxies }) => trustedProxies.length > 0)) return [];
  const whose = geo.defaultRegion === undefined ? 'goes by priority' : `counts as one of "${geo.defaultRegion}"`;
  const message = `nobody's "${geo.header}" is believed, since no listener has trusted_proxies: every client ${whose}`;
  const mend = 'list the proxies in front of the gateway under "trusted_proxies" of the listener';
  return [{ severity: 'note', code: 'config.untrusted-region', message, mend, origin: geo.origin }];
}

export function checkLocalities(model: GatewayModel): readonly Finding[] {
  const { geo, failover, zones } = model.locality ?? {};
  const listed: Listed[] = [];
  if (geo !== undefined)
    listed.push({
      kind: 'region',
      names: geo.regions.map(({ name }) => name),
      section: 'geo_routing',
      origin: geo.origin,
    });
  if (failover !== undefined)
    listed.push({ kind: 'region', names: failover.regions, section: 'multi_region', origin: failover.origin });
  if (zones !== undefined)
    listed.push({
      kind: 'zone',
      names: zones.zones.map(({ name }) => name),
      section: 'datacenter_routing',
      origin: zones.origin,
    });
  return [
    ...listed.flatMap((each) => [...checkEmpty(each, model), ...checkOutside(each, model)]),
    ...checkSignals(model),
    ...checkThresholds(model),
    ...checkHealthSteps(model),
    ...checkUnused(model),
    ...checkTrust(model),
  ];
}
