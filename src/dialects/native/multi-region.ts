// The section `multi_region`: a primary region and those that stand in for it, and when it is left. Endpoints are in a region by their
// key `region`, whatever backend they belong to.
import { type Comparison, type ComparisonOperator, parseComparison } from '../../base/comparison.ts';
import { DEFAULT_FAILOVER } from '../../model/defaults.ts';
import type { DnsFailover, FailoverConditions, FailoverSettings, Quorum } from '../../model/locality.ts';
import { type Infer, s } from '../../schema/builder.ts';
import { parseQuorum, QUORUM } from './quorum.ts';
import type { Reading } from './reading.ts';

const SECTION = 'multi_region';

const CONDITION = s.object(
  {
    primary_health: s.optional(s.string('Part of the region’s endpoints that is up, such as "< 95%".')),
    response_time: s.optional(s.string('Mean time to the first byte, such as "> 1s".')),
    error_rate: s.optional(s.string('Part of the tries that fail, such as "> 5%".')),
  },
  'Any of these holding makes a window a bad one.',
);

const FAILOVER = s.object(
  {
    window: s.optional(s.durationText('How long conditions are watched before they are judged; default 10s.')),
    leave_after: QUORUM('Bad windows of the last so many that make the gateway leave a region; default 3/5.'),
    return_after: QUORUM('Good windows of the last so many that bring it back; default 5/5.'),
    hold_down: s.optional(
      s.durationText('At least so long a region is left; doubles as it fails again soon after. Default 60s.'),
    ),
    min_requests: s.optional(
      s.integer('Tries in a window before response_time and error_rate are judged; default 20.', { min: 1 }),
    ),
    ramp: s.optional(s.durationText('A region that is back takes its load little by little; default 30s.')),
  },
  'How quickly a region is left and taken back.',
);

const DNS_FAILOVER = s.object(
  {
    ttl: s.optional(s.durationText('Of the answer; default 60s.')),
    health_check_interval: s.optional(
      s.durationText(
        'Backends in these regions without a health_check of their own get one, a connection, at this interval.',
      ),
    ),
    geographic_routing: s.optional(
      s.union(
        [s.boolean('Whether.'), s.choice(['enabled', 'disabled'], 'Whether.')],
        'Whether every region has an answer of its own; default disabled: all get the active region.',
      ),
    ),
  },
  'The DNS answer for these regions, shown at /api/v1/regions.',
);

export const MULTI_REGION = s.object(
  {
    primary_region: s.string('Region that answers as long as it can.', { minLength: 1 }),
    secondary_regions: s.optional(
      s.oneOrMany(s.string('A region.', { minLength: 1 }), 'Regions that stand in, in this order.'),
    ),
    failover_conditions: s.optional(s.oneOrMany(CONDITION, 'When a region is left; of a list, any.')),
    failover: s.optional(FAILOVER),
    dns_failover: s.optional(DNS_FAILOVER),
  },
  'A primary region and those that stand in for it.',
);

type Written = Infer<typeof MULTI_REGION>;
type ConditionKey = keyof Infer<typeof CONDITION>;

const WANTED: Readonly<
  Record<ConditionKey, { unit: Comparison['unit']; operators: readonly ComparisonOperator[]; example: string }>
> = {
  primary_health: { unit: 'ratio', operators: ['<', '<='], example: '"< 95%"' },
  response_time: { unit: 'ms', operators: ['>', '>='], example: '"> 1s"' },
  error_rate: { unit: 'ratio', operators: ['>', '>='], example: '"> 5%"' },
};

class ConditionReader {
  private readonly reading: Reading;
  private readonly raw: unknown;

  /** `raw`: the conditions as written; a single one has no index in its path. */
  constructor(reading: Reading, raw: unknown) {
    this.reading = reading;
    this.raw = raw;
  }

  read(list: readonly Infer<typeof CONDITION>[]): FailoverConditions {
    const values = new Map<ConditionKey, number>();
    list.forEach((condition, index) => {
      for (const key of Object.keys(WANTED) as readonly ConditionKey[]) {
        const text = condition[key];
        if (text === undefined) continue;
        const path = [SECTION, 'failover_conditions', ...(Array.isArray(this.raw) ? [index] : []), key];
        if (values.has(key)) {
          this.reading.error(path, { code: 'config.duplicate', message: `"${key}" is written twice` });
          continue;
        }
        const value = this.value(key, text, path);
        if (value !== undefined) values.set(key, value);
      }
    });
    const [health, responseTime, errorRate] = [...(['primary_health', 'response_time', 'error_rate'] as const)].map(
      (key) => values.get(key),
    );
    return {
      ...(health !== undefined && { healthBelow: health }),
      ...(responseTime !== undefined && { responseTimeAboveMs: responseTime }),
      ...(errorRate !== undefined && { errorRateAbove: errorRate }),
    };
  }

  private value(key: ConditionKey, text: string, path: readonly (string | number)[]): number | undefined {
    const { unit, operators, example } = WANTED[key];
    const comparison = parseComparison(text);
    const wrong = (message: string): undefined =>
      this.reading.error(path, { code: 'config.wrong-value', message, mend: `write ${example}` }) as undefined;
    if (comparison === undefined || comparison.unit !== unit) return wrong('not a condition of this kind');
    if (!operators.includes(comparison.operator))
      return wrong(`the region would be left while it is well: ${key} ${text}`);
    if (unit === 'ratio' && comparison.value > 1) return wrong('no part is more than 100 %');
    const never = key === 'primary_health' ? comparison.value === 0 : unit === 'ratio' && comparison.value === 1;
    if (never) return wrong('this can never be: no failover would follow');
    if (unit === 'ms' && comparison.value === 0)
      return wrong('every answer takes longer: the region would always be left');
    return comparison.value;
  }
}

function quorumOf(
  key: 'leave_after' | 'return_after',
  { failover = {} }: Written,
  { reading, standard }: { reading: Reading; standard: Quorum },
): Quorum {
  const text = failover[key];
  if (text === undefined) return standard;
  const quorum = parseQuorum(text);
  if (quorum !== undefined) return quorum;
  const message = `${text}: more windows than there are`;
  reading.error([SECTION, 'failover', key], { code: 'config.wrong-value', message });
  return standard;
}

function readDns({ dns_failover: written }: Written, reading: Reading): DnsFailover | undefined {
  if (written === undefined) return undefined;
  const { ttl, health_check_interval: interval, geographic_routing: geographic } = written;
  if (ttl !== undefined && ttl < 1000 && ttl > 0) {
    const message = 'DNS counts in seconds: this is 0';
    reading.error([SECTION, 'dns_failover', 'ttl'], { code: 'config.wrong-value', message, mend: 'write 1s or more' });
  }
  if (interval === 0)
    reading.error([SECTION, 'dns_failover', 'health_check_interval'], {
      code: 'config.wrong-value',
      message: 'must be longer than 0',
    });
  return {
    ttlMs: ttl ?? DEFAULT_FAILOVER.dnsTtlMs,
    geographic: geographic === true || geographic === 'enabled',
    ...(interval !== undefined && { healthCheckIntervalMs: interval }),
  };
}

function regionsOf(
  { primary_region: primary, secondary_regions: others = [] }: Written,
  reading: Reading,
): readonly string[] {
  const regions = [primary, ...others];
  regions.forEach((region, index) => {
    if (regions.indexOf(region) === index) return;
    const message = `the region "${region}" is in the order already`;
    reading.error([SECTION, 'secondary_regions'], { code: 'config.duplicate', message });
  });
  if (others.length === 0) {
    const message = 'failover can never act: there is no secondary region';
    reading.warning([SECTION], { code: 'config.no-failover', message, mend: 'write "secondary_regions"' });
  }
  return [...new Set(regions)];
}

export function translateMultiRegion(value: unknown, reading: Reading): FailoverSettings | undefined {
  if (value === undefined) return undefined;
  const written = reading.parse(MULTI_REGION, value ?? {}, [SECTION]);
  if (written === undefined) return undefined;
  const raw = (value as { readonly failover_conditions?: unknown }).failover_conditions;
  const { window, hold_down, min_requests, ramp } = written.failover ?? {};
  if (window !== undefined && window < 100) {
    const message = 'too short to be judged: regions are looked at ten times a second at most';
    reading.error([SECTION, 'failover', 'window'], {
      code: 'config.wrong-value',
      message,
      mend: 'write 100ms or more',
    });
  }
  const conditions = written.failover_conditions;
  const dns = readDns(written, reading);
  return {
    origin: reading.origin([SECTION]),
    regions: regionsOf(written, reading),
    conditions:
      conditions === undefined ? DEFAULT_FAILOVER.conditions : new ConditionReader(reading, raw).read(conditions),
    windowMs: window ?? DEFAULT_FAILOVER.windowMs,
    leaveAfter: quorumOf('leave_after', written, { reading, standard: DEFAULT_FAILOVER.leaveAfter }),
    returnAfter: quorumOf('return_after', written, { reading, standard: DEFAULT_FAILOVER.returnAfter }),
    holdDownMs: hold_down ?? DEFAULT_FAILOVER.holdDownMs,
    minRequests: min_requests ?? DEFAULT_FAILOVER.minRequests,
    rampMs: ramp ?? DEFAULT_FAILOVER.rampMs,
    ...(dns !== undefined && { dns }),
  };
}
