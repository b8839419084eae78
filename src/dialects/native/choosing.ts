// How a backend chooses among its endpoints: the keys `balancer`, `sticky`, `slow_start` and `overprovisioning`.
import type { Backend, Endpoint, SlowStartSettings, StickySettings } from '../../model/backend.ts';
import { DEFAULT_BALANCER, DEFAULT_SLOW_START } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { isHeaderName } from './header-fields.ts';
import { leastConnOf } from './least-conn-config.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const BALANCER = s.union(
  [s.string('Name of the algorithm.'), s.record(s.unknown('Its settings.'), 'Its name and settings.')],
  'How an endpoint is chosen; default weighted_round_robin.',
);

const NAME = (description: string) =>
  s.optional(s.string(description, { pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, expected: 'a name' }));
const DURATION = s.durationText('Until an endpoint takes its full share.');

export const CHOOSING_KEYS = {
  balancer: s.optional(BALANCER),
  algorithm: s.optional(BALANCER),
  sticky: s.optional(
    s.object(
      {
        cookie: NAME('Cookie that names the endpoint, set by the gateway.'),
        header: NAME('Header that names the endpoint: set in every answer, to be sent with the next request.'),
        ttl: s.optional(s.durationText('How long a session lasts without a request; no end by default.')),
        secret: s.optional(
          s.secret('Signs cookie or header, 16 characters or more; default SWITCHYARD_STICKY_SECRET, else random.'),
        ),
      },
      'A session stays at the endpoint that began it while that serves, or drains with weight 0.',
    ),
  ),
  slow_start: s.optional(
    s.union(
      [
        DURATION,
        s.object({
          duration: DURATION,
          aggression: s.optional(
            s.number('1, the default, is linear; above, quick at first; below, slow at first.', { min: 0.1, max: 10 }),
          ),
          minimum: s.optional(s.ratio('Part of the share to begin with; default 10%.')),
        }),
      ],
      'A new or recovered endpoint takes its share little by little.',
    ),
  ),
  slow_start_duration: s.optional(s.durationText('The same as slow_start with a duration.')),
  overprovisioning: s.optional(
    s.number('A priority carries all of its load until less than one part in so many is up; default 1.4.', { min: 1 }),
  ),
};

const CHOOSING = s.object(CHOOSING_KEYS);
type Written = Infer<typeof CHOOSING>;

export interface ChoosingPlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** Of the backend, as its path. */
  readonly name: string;
  readonly path: Path;
  readonly endpoints: readonly Endpoint[];
}

interface SecretPlace extends Pick<ChoosingPlace, 'reading' | 'scope' | 'path'> {
  /** Where a secret can be written, for the mend. */
  readonly key?: string;
}

type Choosing = Pick<Backend, 'balancer' | 'slowStart' | 'sticky' | 'overprovisioning'>;

const SECRET_VARIABLE = 'SWITCHYARD_STICKY_SECRET';
const SHORTEST_SECRET = 16;
/** Fields with a meaning of their own on every hop. */
const TAKEN_HEADERS =
  /^(connection|content-.*|cookie|date|host|keep-alive|set-cookie|te|trailer|transfer-encoding|upgrade|via)$/i;

/** The algorithm as written under `balancer` or `algorithm`; undefined when it is not, or after errors. */
export function readAlgorithm(
  written: Pick<Written, 'balancer' | 'algorithm'>,
  { reading, scope, path }: Pick<ChoosingPlace, 'reading' | 'scope' | 'path'>,
): Backend['balancer'] | undefined {
  const { balancers } = scope.options.catalog;
  if (written.balancer !== undefined && written.algorithm !== undefined) {
    const message = '"balancer" and "algorithm" are the same key';
    reading.error([...path, 'algorithm'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  const key = written.balancer === undefined ? 'algorithm' : 'balancer';
  const chosen = written[key];
  if (chosen === undefined) return undefined;
  const { name, ...settings } = typeof chosen === 'string' ? { name: chosen } : chosen;
  const at = [...path, key];
  if (typeof name !== 'string') {
    reading.error(at, { code: 'config.missing-key', message: '"name" is required: the name of the algorithm' });
    return undefined;
  }
  const definition = balancers.get(name);
  if (definition !== undefined) return { name, config: reading.parse(definition.schema, settings, at) ?? {} };
  const accepted = [...balancers.keys()];
  const message = `there is no algorithm "${name}"; accepted: ${accepted.join(', ')}`;
  reading.error(at, { code: 'config.wrong-value', message, ...nearestMend(name, accepted) });
  return undefined;
}

function readSlowStart(written: Written, { reading, path }: ChoosingPlace): SlowStartSettings | undefined {
  const { slow_start, slow_start_duration } = written;
  if (slow_start !== undefined && slow_start_duration !== undefined) {
    const message = '"slow_start" and "slow_start_duration" are the same key';
    reading.error([...path, 'slow_start_duration'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  const chosen = slow_start ?? slow_start_duration;
  if (chosen === undefined) return undefined;
  const { duration, aggression, minimum } =
    typeof chosen === 'number' ? { duration: chosen, aggression: undefined, minimum: undefined } : chosen;
  if (minimum === 0) {
    const message = 'an endpoint that gets nothing never warms up';
    reading.error([...path, 'slow_start', 'minimum'], {
      code: 'config.wrong-value',
      message,
      mend: 'write 1% or more',
    });
  }
  return {
    durationMs: duration,
    aggression: aggression ?? DEFAULT_SLOW_START.aggression,
    minimum: minimum ?? DEFAULT_SLOW_START.minimum,
  };
}

function readCarrier(
  { cookie, header }: NonNullable<Written['sticky']>,
  { reading, path }: { reading: Reading; path: Path },
): Pick<StickySettings, 'carrier' | 'name'> | undefined {
  if (cookie !== undefined && header !== undefined) {
    const message = '"cookie" and "header" exclude each other';
    reading.error([...path, 'header'], { code: 'config.conflict', message, mend: 'keep one of them' });
  }
  if (cookie !== undefined) return { carrier: 'cookie', name: cookie };
  if (header === undefined) {
    const message = 'one of "cookie", "header" is required: where the client keeps its session';
    reading.error(path, { code: 'config.missing-key', message });
    return undefined;
  }
  if (!isHeaderName(header) || TAKEN_HEADERS.test(header)) {
    const message = `"${header}" cannot carry a session`;
    reading.error([...path, 'header'], { code: 'config.wrong-value', message, mend: 'take a name such as X-Session' });
  }
  return { carrier: 'header', name: header };
}

/** Undefined = random per process. */
function readSecret(
  own: string | undefined,
  { reading, scope, path, key = '"secret"' }: SecretPlace,
): string | undefined {
  const fromEnvironment = scope.options.environment[SECRET_VARIABLE];
  const secret = own ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  if (secret === undefined) {
    const message = 'sessions end with this process and are unknown to other instances: no secret is given';
    reading.note(path, {
      code: 'config.process-secret',
      message,
      mend: `give ${key}, or set ${SECRET_VARIABLE}, the same everywhere`,
    });
  } else if (secret.length < SHORTEST_SECRET) {
    const source = own === undefined ? SECRET_VARIABLE : 'the secret';
    const message = `${source} is shorter than ${SHORTEST_SECRET} characters`;
    reading.error(own === undefined ? path : [...path, 'secret'], { code: 'config.wrong-value', message });
  }
  return secret;
}

/** A rule with sticky_sessions: a cookie of the backend's own name, since clients keep one value for a name and path. */
function sessionsOfRule({ scope, name }: ChoosingPlace): StickySettings | undefined {
  const asked = scope.sessions.get(name);
  if (asked === undefined) return undefined;
  const secret = readSecret(undefined, { ...asked, scope, key: 'sticky.secret of the backend' });
  const cookie = `session-${name.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-]/g, '-')}`;
  return { carrier: 'cookie', name: cookie, ttlMs: 0, ...(secret !== undefined && { secret }) };
}

function readSticky(written: Written, place: ChoosingPlace): StickySettings | undefined {
  const { sticky } = written;
  if (sticky === undefined) return sessionsOfRule(place);
  const { reading, scope } = place;
  const path = [...place.path, 'sticky'];
  const carrier = readCarrier(sticky, { reading, path });
  const secret = readSecret(sticky.secret, { reading, scope, path });
  if (carrier === undefined) return undefined;
  return { ...carrier, ttlMs: sticky.ttl ?? 0, ...(secret !== undefined && { secret }) };
}

function checkPriorities(written: Written, { reading, path, endpoints }: ChoosingPlace): void {
  // Of a name nobody knows the endpoints yet.
  if (written.overprovisioning === undefined || endpoints.length === 0) return;
  const priorities = new Set(endpoints.map(({ priority }) => priority ?? 0));
  if (priorities.size > 1) return;
  reading.warning([...path, 'overprovisioning'], {
    code: 'config.no-effect',
    message: 'overprovisioning has no effect: all endpoints have the same priority',
  });
}

/** What of the backend says how an endpoint is chosen. */
export function readChoosing(written: Written, place: ChoosingPlace): Choosing {
  const namesOwn = written.balancer !== undefined || written.algorithm !== undefined;
  const standard = namesOwn ? undefined : leastConnOf(place.name, place.scope);
  const slowStart = readSlowStart(written, place) ?? standard?.slowStart;
  const sticky = readSticky(written, place);
  checkPriorities(written, place);
  return {
    balancer: readAlgorithm(written, place) ?? standard?.balancer ?? { name: DEFAULT_BALANCER, config: {} },
    ...(slowStart !== undefined && { slowStart }),
    ...(sticky !== undefined && { sticky }),
    ...(written.overprovisioning !== undefined && { overprovisioning: written.overprovisioning }),
  };
}
