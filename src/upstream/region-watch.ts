// Whether a region keeps the conditions of its failover, judged window by window. Pure; the main thread keeps one per region.
import { type VerdictRules, WindowVerdict } from './window-verdict.ts';

export interface RegionRules extends VerdictRules {
  readonly healthBelow: number | undefined;
  readonly responseTimeAboveMs: number | undefined;
  readonly errorRateAbove: number | undefined;
  /** Tries in a window before response time and errors are judged. */
  readonly minRequests: number;
}

/** What one window saw. */
export interface RegionSample {
  /** Part of the endpoints, by weight, that is up now. */
  readonly health: number;
  /** Tries that came to an end. */
  readonly requests: number;
  readonly errors: number;
  /** Mean; 0 = nothing was answered. */
  readonly responseTimeMs: number;
}

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;

/** The conditions that hold, in words; empty = the window is a good one. */
export function brokenConditions(sample: RegionSample, rules: RegionRules): readonly string[] {
  const { health, requests, errors, responseTimeMs } = sample;
  const broken: string[] = [];
  if (rules.healthBelow !== undefined && health < rules.healthBelow)
    broken.push(`health ${percent(health)} < ${percent(rules.healthBelow)}`);
  if (requests < rules.minRequests) return broken;
  const errorRate = errors / requests;
  if (rules.responseTimeAboveMs !== undefined && responseTimeMs > rules.responseTimeAboveMs)
    broken.push(`response time ${Math.round(responseTimeMs)} ms > ${rules.responseTimeAboveMs} ms`);
  if (rules.errorRateAbove !== undefined && errorRate > rules.errorRateAbove)
    broken.push(`errors ${percent(errorRate)} > ${percent(rules.errorRateAbove)}`);
  return broken;
}

export class RegionWatch {
  readonly verdict: WindowVerdict;
  /** Of the last window. */
  sample: RegionSample = { health: 1, requests: 0, errors: 0, responseTimeMs: 0 };
  /** Of the last window; of the one that decided while the region is out. */
  reasons: readonly string[] = [];

  constructor(nowMs: number) {
    this.verdict = new WindowVerdict(nowMs);
  }

  /** One window is over; true when the region failed by it, or is taken back. */
  look(sample: RegionSample, rules: RegionRules, nowMs: number): boolean {
    const broken = brokenConditions(sample, rules);
    this.sample = sample;
    const hasChanged = this.verdict.observe(broken.length > 0 ? 'bad' : 'good', rules, nowMs);
    if (broken.length > 0 || !this.verdict.isOut) this.reasons = broken;
    return hasChanged;
  }
}
