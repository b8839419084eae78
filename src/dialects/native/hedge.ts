// `hedge` of a route: another endpoint is asked while the first one lets a request wait.
import { DEFAULT_HEDGE_BUDGET } from '../../model/defaults.ts';
import type { HedgeSettings } from '../../model/hedge.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { parsePercent } from './percent.ts';
import type { Reading } from './reading.ts';

const QUANTILES = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
type QuantileName = keyof typeof QUANTILES;
const QUANTILE_NAMES = Object.keys(QUANTILES) as QuantileName[];

const DELAY = s.union(
  [s.choice(QUANTILE_NAMES, 'Of how long first tries of the route lately took.'), s.durationText('A time.')],
  'From the first try to the next one: a time such as 200ms, or a quantile such as p95.',
);
const PERCENT = s.scalarText('Tries beside others and retries for 100 requests of the last 10 s; default 10%.');

const SETTINGS = s.object({
  delay: DELAY,
  max: s.optional(s.integer('Further tries of one request; default 1.', { min: 1, max: 5 })),
  budget: s.optional(
    s.union(
      [
        PERCENT,
        s.object({
          percent: s.optional(PERCENT),
          min_per_second: s.optional(s.number('Allowed whatever the traffic; default 1.', { min: 0 })),
        }),
      ],
      'How much a backend may be sent beside what it was sent first, over all workers.',
    ),
  ),
});

export const HEDGE = s.union(
  [DELAY, SETTINGS],
  'Asks another endpoint while the first brings nothing of use, where a request may be sent twice; the first useful answer wins.',
);

type Written = Infer<typeof HEDGE>;
type Settings = Infer<typeof SETTINGS>;

export interface HedgePlace {
  readonly reading: Reading;
  readonly path: Path;
}

function readDelay(written: Settings['delay'], { reading, path }: HedgePlace): HedgeSettings['delay'] {
  if (typeof written === 'string') return { kind: 'quantile', share: QUANTILES[written] };
  if (written === 0) {
    const message = 'every request would be sent twice at once';
    reading.error(path, { code: 'config.wrong-value', message, mend: 'write a time that few answers exceed, or p95' });
  }
  return { kind: 'fixed', ms: written };
}

function readBudget(written: Settings['budget'], { reading, path }: HedgePlace): HedgeSettings['budget'] {
  const { percent, min_per_second } = typeof written === 'object' ? written : { percent: written };
  const minPerSecond = min_per_second ?? DEFAULT_HEDGE_BUDGET.minPerSecond;
  const ratio = percent === undefined ? DEFAULT_HEDGE_BUDGET.ratio : parsePercent(percent);
  if (ratio === undefined || ratio > 1) {
    const message = 'expected a percentage up to 100%';
    const at = typeof written === 'object' ? [...path, 'percent'] : path;
    reading.error(at, { code: 'config.wrong-value', message });
    return DEFAULT_HEDGE_BUDGET;
  }
  if (ratio === 0 && minPerSecond === 0)
    reading.warning(path, { code: 'config.no-effect', message: 'the budget allows no further try' });
  return { ratio, minPerSecond };
}

export function toHedge(written: Written, { reading, path }: HedgePlace): HedgeSettings {
  const isWhole = typeof written === 'object';
  const { delay, max = 1, budget } = isWhole ? written : { delay: written };
  return {
    delay: readDelay(delay, { reading, path: isWhole ? [...path, 'delay'] : path }),
    max,
    budget: readBudget(budget, { reading, path: [...path, 'budget'] }),
  };
}
