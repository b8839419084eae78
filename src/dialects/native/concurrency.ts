// `concurrency` of a backend: how many of its requests may be in flight at once, fixed or learned from latency, and who waits.
import type { ConcurrencySettings } from '../../model/admission.ts';
import type { PoolLimits } from '../../model/backend.ts';
import { DEFAULT_CONCURRENCY } from '../../model/defaults.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

const LIMIT = s.union(
  [s.literal('adaptive', 'Learned from latency.'), s.integer('Requests.', { min: 1 })],
  'Requests in flight at the backend, over all workers: a number, or learned from how latency changes.',
);
const BOUND = (description: string) => s.optional(s.integer(description, { min: 1 }));

const SETTINGS = s.object({
  limit: s.optional(LIMIT),
  min: BOUND('Lowest limit learned; default 20, or a tenth of max where that is less.'),
  max: BOUND('Highest limit learned; default 200, or twice min where that is more.'),
  initial: BOUND('Limit before anything is learned; default min.'),
  tolerance: s.optional(
    s.number('Latency may rise to so many times its long-term value before the limit falls; default 1.5.', {
      min: 1,
      max: 10,
    }),
  ),
  queue: s.optional(
    s.object(
      {
        size: s.optional(s.integer('Requests that wait in one worker; default 100, 0 = none.', { min: 0 })),
        timeout: s.optional(s.durationText('Longest wait; default 1s.')),
      },
      'Requests for which there is no place wait, the higher class first.',
    ),
  ),
});

export const CONCURRENCY = s.union(
  [LIMIT, SETTINGS],
  'Limits the requests in flight: what comes above waits, then is refused with 503, the lowest class first.',
);

type Written = Infer<typeof CONCURRENCY>;
type Settings = Infer<typeof SETTINGS>;

export interface ConcurrencyPlace {
  readonly reading: Reading;
  readonly path: Path;
  readonly pool: PoolLimits;
  /** Endpoints of the backend. */
  readonly size: number;
}

const LEARNING_KEYS = ['min', 'max', 'initial', 'tolerance'] as const;

function readQueue(written: Settings['queue'], { reading, path }: ConcurrencyPlace): ConcurrencySettings['queue'] {
  const { size, timeoutMs } = DEFAULT_CONCURRENCY.queue;
  const at = [...path, 'queue', 'timeout'];
  if (written?.timeout === 0) {
    const mend = 'write "size: 0" where nothing should wait';
    reading.error(at, { code: 'config.wrong-value', message: 'must be longer than 0', mend });
  }
  if (written?.size === 0 && written.timeout !== undefined)
    reading.warning(at, { code: 'config.no-effect', message: 'nothing waits in a queue of size 0' });
  return { size: written?.size ?? size, timeoutMs: written?.timeout ?? timeoutMs };
}

function fixed(limit: number, written: Settings, place: ConcurrencyPlace): ConcurrencySettings {
  for (const key of LEARNING_KEYS) {
    if (written[key] === undefined) continue;
    const message = `${key} has no effect: the limit is fixed`;
    place.reading.warning([...place.path, key], { code: 'config.no-effect', message, mend: 'write "limit: adaptive"' });
  }
  const { tolerance } = DEFAULT_CONCURRENCY;
  const queue = readQueue(written.queue, place);
  return { min: limit, max: limit, initial: limit, tolerance, isAdaptive: false, queue };
}

function adaptive(written: Settings, place: ConcurrencyPlace): ConcurrencySettings {
  const { reading, path } = place;
  const min =
    written.min ?? Math.min(DEFAULT_CONCURRENCY.min, Math.ceil((written.max ?? Number.POSITIVE_INFINITY) / 10));
  const max = written.max ?? Math.max(DEFAULT_CONCURRENCY.max, min * 2);
  const initial = written.initial ?? min;
  if (max < min)
    reading.error([...path, 'max'], {
      code: 'config.conflict',
      message: `the highest limit is below the lowest, ${min}`,
    });
  else if (initial < min || initial > max) {
    const message = `the limit would begin outside of its bounds, ${min} to ${max}`;
    reading.error([...path, 'initial'], { code: 'config.conflict', message });
  }
  const tolerance = written.tolerance ?? DEFAULT_CONCURRENCY.tolerance;
  return { min, max, initial, tolerance, isAdaptive: true, queue: readQueue(written.queue, place) };
}

/** Connections that are fewer than the requests let through would be a second queue, which knows no classes. */
function checkPool(settings: ConcurrencySettings, { reading, path, pool, size }: ConcurrencyPlace): void {
  const connections = pool.maxConnections * size;
  if (size === 0 || settings.max <= connections) return;
  const message = `${settings.max} requests are never in flight: the pool has ${connections} connections`;
  const mend = `raise pool.max_connections to ${Math.ceil(settings.max / size)}`;
  reading.warning(path, { code: 'config.no-effect', message, mend });
}

export function toConcurrency(written: Written, place: ConcurrencyPlace): ConcurrencySettings {
  const settings = typeof written === 'object' ? written : { limit: written };
  const { limit = 'adaptive' } = settings;
  const made = limit === 'adaptive' ? adaptive(settings, place) : fixed(limit, settings, place);
  checkPool(made, place);
  return made;
}
