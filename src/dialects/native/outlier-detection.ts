// `outlier_detection` of a backend: endpoints that do worse than they should are ejected for a while. Words and defaults are
// Envoy's, except the share that may be ejected: its 10 % of a pool of two is nobody.
import type { OutlierSettings } from '../../model/breaker.ts';
import { DEFAULT_OUTLIER } from '../../model/defaults.ts';
import { ejectionLimit } from '../../model/ejection-limit.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { parsePercent } from './percent.ts';
import type { Reading } from './reading.ts';

const count = (description: string) => s.optional(s.integer(description, { min: 0 }));

export const OUTLIER_DETECTION = s.object(
  {
    consecutive_5xx: count('Answers 5xx or none in a row; default 5, 0 = not counted.'),
    consecutive_gateway_failure: count('502, 503, 504 or no answer in a row; default 0 = not counted.'),
    consecutive_local_origin_failure: count('Failed connections in a row; default 5, 0 = not counted.'),
    success_rate: s.optional(s.boolean('Whether endpoints are compared with each other; default true.')),
    success_rate_minimum_hosts: s.optional(
      s.integer('Endpoints with enough requests before any is judged; default 5.', { min: 2 }),
    ),
    success_rate_request_volume: s.optional(
      s.integer('Requests of an endpoint in one interval before it is judged; default 100.', { min: 1 }),
    ),
    success_rate_stdev_factor: s.optional(
      s.number('Ejected below the mean less so many standard deviations; default 1.9.', { min: 0 }),
    ),
    interval: s.optional(s.durationText('Between two comparisons; default 10s.')),
    base_ejection_time: s.optional(s.durationText('Times the number of ejections; default 30s.')),
    max_ejection_time: s.optional(s.durationText('Longest ejection; default 300s.')),
    max_ejection_percent: s.optional(s.scalarText('Of the endpoints, ejected at the same time; default 50%.')),
    eject_last: s.optional(s.boolean('Whether all endpoints may be ejected; default false.')),
    panic_threshold: s.optional(
      s.scalarText('With fewer endpoints in use than this share, ejections are ignored; default 0%: never.'),
    ),
  },
  'Ejects endpoints that do worse than they should.',
);

type Written = Infer<typeof OUTLIER_DETECTION>;

interface Place {
  readonly reading: Reading;
  readonly path: Path;
  /** Endpoints of the backend. */
  readonly size: number;
}

function percentOf(key: 'max_ejection_percent' | 'panic_threshold', written: Written, place: Place): number {
  const standard = key === 'panic_threshold' ? DEFAULT_OUTLIER.panicPercent : DEFAULT_OUTLIER.maxEjectionPercent;
  const text = written[key];
  const share = text === undefined ? standard / 100 : parsePercent(text);
  if (share !== undefined && share <= 1) return share * 100;
  const message = share === undefined ? 'expected a share such as 50%' : 'more than 100% of the endpoints';
  place.reading.error([...place.path, key], { code: 'config.wrong-value', message });
  return standard;
}

function warn(place: Place, key: string, message: string, mend?: string): void {
  place.reading.warning([...place.path, key], {
    code: 'config.no-effect',
    message,
    ...(mend !== undefined && { mend }),
  });
}

function successRateOf(written: Written, place: Place): OutlierSettings['successRate'] {
  if (written.success_rate === false) return undefined;
  const standard = DEFAULT_OUTLIER.successRate;
  const deviations = written.success_rate_stdev_factor ?? standard.deviations;
  if (deviations > 10) {
    const message = 'no endpoint is ever so many standard deviations below the mean';
    const mend = 'write 1.9 for what Envoy calls 1900';
    place.reading.error([...place.path, 'success_rate_stdev_factor'], { code: 'config.wrong-value', message, mend });
  }
  const minHosts = written.success_rate_minimum_hosts ?? standard.minHosts;
  const isWritten = written.success_rate === true || written.success_rate_minimum_hosts !== undefined;
  if (minHosts > place.size && isWritten) {
    const key = written.success_rate_minimum_hosts === undefined ? 'success_rate' : 'success_rate_minimum_hosts';
    warn(place, key, `endpoints are never compared: ${minHosts} are needed, the backend has ${place.size}`);
  }
  return { minHosts, minRequests: written.success_rate_request_volume ?? standard.minRequests, deviations };
}

function checkTimes(settings: OutlierSettings, { reading, path }: Place): void {
  const wrong = (key: string, message: string) =>
    reading.error([...path, key], { code: 'config.wrong-value', message });
  if (settings.intervalMs === 0) wrong('interval', 'must be longer than 0');
  if (settings.baseEjectionMs === 0) wrong('base_ejection_time', 'must be longer than 0');
  if (settings.maxEjectionMs < settings.baseEjectionMs)
    wrong('max_ejection_time', 'the longest ejection is shorter than the first');
}

/** What is said of the pool as it is: where no endpoint can ever be ejected, the author must know. */
function checkLimit(settings: OutlierSettings, written: Written, place: Place): void {
  if (place.size === 0 || ejectionLimit(place.size, settings) > 0) return;
  const key = written.max_ejection_percent === undefined ? 'eject_last' : 'max_ejection_percent';
  if (place.size === 1 && !settings.mayEjectLast) {
    const message = 'nothing is ever ejected: the backend has one endpoint, and the last one stays';
    place.reading.warning(place.path, { code: 'config.no-effect', message, mend: 'write "eject_last: true"' });
  } else {
    const least = Math.ceil(100 / place.size);
    const message = `nothing is ever ejected: ${settings.maxEjectionPercent}% of ${place.size} endpoints is none`;
    warn(place, key, message, `write at least ${least}%`);
  }
}

export function toOutlier(written: Written, place: Place): OutlierSettings {
  const successRate = successRateOf(written, place);
  const settings: OutlierSettings = {
    consecutive5xx: written.consecutive_5xx ?? DEFAULT_OUTLIER.consecutive5xx,
    consecutiveGatewayFailures: written.consecutive_gateway_failure ?? DEFAULT_OUTLIER.consecutiveGatewayFailures,
    consecutiveLocalFailures: written.consecutive_local_origin_failure ?? DEFAULT_OUTLIER.consecutiveLocalFailures,
    ...(successRate !== undefined && { successRate }),
    intervalMs: written.interval ?? DEFAULT_OUTLIER.intervalMs,
    baseEjectionMs: written.base_ejection_time ?? DEFAULT_OUTLIER.baseEjectionMs,
    maxEjectionMs:
      written.max_ejection_time ?? Math.max(DEFAULT_OUTLIER.maxEjectionMs, written.base_ejection_time ?? 0),
    maxEjectionPercent: percentOf('max_ejection_percent', written, place),
    mayEjectLast: written.eject_last ?? false,
    panicPercent: percentOf('panic_threshold', written, place),
  };
  checkTimes(settings, place);
  checkLimit(settings, written, place);
  return settings;
}
