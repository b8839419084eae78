// One expectation held against what came: both in words, with the moment where it went wrong.
import type { Comparison } from '../base/comparison.ts';
import type { Origin } from '../model/origin.ts';

export interface Verdict {
  readonly origin: Origin;
  readonly ok: boolean;
  /** `errors = 0, requests sent from 10 s`. */
  readonly expected: string;
  readonly found: string;
  /** Of the first thing that was not as expected, since the beginning; undefined where no single moment can be named. */
  readonly atMs: number | undefined;
}

/** Seconds as a report shows them: `12.345 s`. */
export function formatTime(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** A duration as measured: `0.42 ms`, `187 ms`, `1.25 s`. */
export function formatDuration(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(2))} s`;
  return `${Number(ms.toFixed(ms < 10 ? 2 : 1))} ms`;
}

export function formatPart(part: number): string {
  return `${Number((part * 100).toFixed(2))}%`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function formatComparison({ operator, value, unit }: Comparison): string {
  const format = { ms: formatDuration, ratio: formatPart, number: formatCount, bytes: formatCount }[unit];
  return `${operator} ${format(value)}`;
}

/** Parts that come from counting are exact; sums of times are not, so equality allows for rounding. */
export function holds({ operator, value }: Comparison, found: number): boolean {
  const isEqual = Math.abs(found - value) <= 1e-9 * Math.max(1, Math.abs(value));
  if (operator === '=') return isEqual;
  if (operator === '<=' || operator === '>=') return isEqual || (operator === '<=' ? found < value : found > value);
  return !isEqual && (operator === '<' ? found < value : found > value);
}
