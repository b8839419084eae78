// The section `health_checks`: what holds for the checks of every backend, and what the gateway answers about its own health.
import type { Backend, Endpoint } from '../../model/backend.ts';
import { DEFAULT_GATEWAY_HEALTH, DEFAULT_HEALTH_CHECK } from '../../model/defaults.ts';
import type { GatewayCheck, GatewayHealth, HealthCheck } from '../../model/health-check.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { HEALTH_CHECK, toHealthCheck, type WrittenHealthCheck } from './health-check.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const SWITCH = s.choice(['enabled', 'disabled'], 'Whether it is checked.');

/** Under either name at a backend. */
const BACKEND_CHECK = s.union(
  [s.boolean('Whether endpoints are checked.'), SWITCH, HEALTH_CHECK],
  'Asks every endpoint how it is, without traffic. A map adds to what health_checks.upstream_services says.',
);
export const BACKEND_HEALTH_KEYS = {
  health_check: s.optional(BACKEND_CHECK),
  health_checks: s.optional(BACKEND_CHECK),
};

/** At an endpoint. */
export const ENDPOINT_HEALTH = s.union(
  [s.boolean('Whether it is checked.'), SWITCH],
  'Whether the health check of the backend asks this endpoint; default enabled.',
);

export function isChecked(written: Infer<typeof ENDPOINT_HEALTH> | undefined): boolean {
  return written !== false && written !== 'disabled';
}

const CHECKS = ['downstream_services', 'database_connectivity', 'cache_availability'] as const;

export const HEALTH_CHECKS = s.object(
  {
    upstream_services: s.optional(HEALTH_CHECK),
    gateway_health: s.optional(
      s.object(
        {
          path: s.optional(s.string('Path that every listener answers itself; default /gateway/health.')),
          checks: s.optional(
            s.array(
              s.choice(CHECKS, 'What is looked at.'),
              'What the answer is made of: 503 when no backend is left, "degraded" when some are.',
            ),
          ),
        },
        'What the gateway answers about itself.',
      ),
    ),
  },
  'Health of backends and of the gateway. upstream_services checks every backend but AI providers, unless a backend says otherwise.',
);

const SECTION = 'health_checks';

function duplicate(reading: Reading, key: string): void {
  const message = `another document has ${SECTION}.${key} already`;
  reading.error([SECTION, key], { code: 'config.duplicate', message, mend: 'put it into one document' });
}

function gatewayHealth(
  written: { readonly path?: string; readonly checks?: readonly GatewayCheck[] },
  reading: Reading,
): GatewayHealth {
  const { path = DEFAULT_GATEWAY_HEALTH.path, checks = [] } = written;
  const at: Path = [SECTION, 'gateway_health'];
  if (!/^\/[!-"$-~]*$/.test(path) || path.includes('?'))
    reading.error([...at, 'path'], {
      code: 'config.wrong-value',
      message: 'not a path',
      mend: 'write /gateway/health',
    });
  checks.forEach((check, index) => {
    if (check === 'downstream_services') return;
    const part = check === 'database_connectivity' ? 'database' : 'shared cache';
    const message = `this version has no ${part}: ${check} answers "not configured"`;
    reading.note([...at, 'checks', index], { code: 'config.not-available', message });
  });
  return { path, checks: [...new Set(checks)] };
}

/** Puts what holds for backends into the scope, before they are read; gives what the gateway answers. */
export function readHealthChecks(value: unknown, reading: Reading, scope: NativeScope): GatewayHealth | undefined {
  if (value === undefined) return undefined;
  const written = reading.parse(HEALTH_CHECKS, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  const { upstream_services: defaults, gateway_health: own } = written;
  if (defaults !== undefined && scope.health.defaults !== undefined) duplicate(reading, 'upstream_services');
  else if (defaults !== undefined) {
    // What is wrong with it is said once here, at its place; backends only add to it.
    const check = toHealthCheck(defaults, reading, [SECTION, 'upstream_services']);
    scope.health.defaults = { written: defaults, check };
  }
  if (own === undefined) return undefined;
  if (scope.health.hasGateway) duplicate(reading, 'gateway_health');
  scope.health.hasGateway = true;
  return gatewayHealth(own, reading);
}

interface BackendPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** Of the backend. */
  readonly path: Path;
  readonly isAi: boolean;
  readonly hasOutliers: boolean;
  /** What a section that names the backend says; the own key comes before it, the defaults behind it. */
  readonly ofGroup: HealthCheck | undefined;
  readonly endpoints: readonly Endpoint[];
}

type Written = Infer<typeof BACKEND_CHECK>;

/** A probe without a request takes nothing of one from the defaults. */
function addTo(defaults: WrittenHealthCheck, own: WrittenHealthCheck): WrittenHealthCheck {
  const isRequest = own.kind === undefined || own.kind === 'http';
  if (isRequest) return { ...defaults, ...own };
  const { path: _path, host: _host, method: _method, headers: _headers, expected_codes: _codes, ...rest } = defaults;
  return { ...rest, ...own };
}

function ownCheck(
  written: Partial<Record<'health_check' | 'health_checks', Written>>,
  { reading, path }: BackendPlace,
): { readonly value: Written | undefined; readonly at: Path } {
  const { health_check: one, health_checks: other } = written;
  if (one !== undefined && other !== undefined) {
    const message = '"health_check" and "health_checks" are the same key';
    reading.error([...path, 'health_checks'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  return { value: one ?? other, at: [...path, one === undefined ? 'health_checks' : 'health_check'] };
}

/** What of the backend says how its endpoints are checked. An AI provider has no path of the defaults: it is checked only when it says so. */
export function readBackendHealth(
  written: Partial<Record<'health_check' | 'health_checks', Written>>,
  place: BackendPlace,
): Pick<Backend, 'healthCheck'> {
  const { reading, scope, isAi, endpoints, hasOutliers, ofGroup } = place;
  const { value, at } = ownCheck(written, place);
  const { defaults } = scope.health;
  if (value === false || value === 'disabled') return {};
  if (value === undefined && ofGroup !== undefined) return { healthCheck: ofGroup };
  if (value === undefined && (defaults === undefined || isAi)) return {};
  const healthCheck =
    typeof value === 'object'
      ? toHealthCheck(addTo(defaults?.written ?? {}, value), reading, at)
      : (defaults?.check ?? DEFAULT_HEALTH_CHECK);
  if (typeof value === 'object' && value.ends_ejection === true && !hasOutliers) {
    const message = '"ends_ejection" has no effect: the backend has no outlier_detection';
    reading.warning([...at, 'ends_ejection'], { code: 'config.no-effect', message });
  }
  if (value !== undefined && endpoints.length > 0 && endpoints.every(({ healthChecked }) => healthChecked === false)) {
    const message = 'no endpoint is checked: each of them says that it is not';
    reading.warning(at, { code: 'config.no-effect', message });
  }
  return { healthCheck };
}
