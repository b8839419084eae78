// How many endpoints of a pool may be out at the same time. In whole endpoints, counted after the ejection: the arithmetic that
// goes wrong in small pools (Envoy ejects the first whatever the percent says; envoy#3263, #26877).
import type { OutlierSettings } from './breaker.ts';

/** 0 for a pool of one unless the last may go; at least 1 from three on. */
export function ejectionLimit(
  size: number,
  { maxEjectionPercent, mayEjectLast }: Pick<OutlierSettings, 'maxEjectionPercent' | 'mayEjectLast'>,
): number {
  if (maxEjectionPercent === 0) return 0;
  const share = Math.floor((size * maxEjectionPercent) / 100 + 1e-9);
  const wanted = size >= 3 ? Math.max(share, 1) : share;
  return Math.min(wanted, mayEjectLast ? size : size - 1);
}
