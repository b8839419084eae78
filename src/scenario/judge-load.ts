// Expectations about the requests of a load, held against their records.
import type { Comparison } from '../base/comparison.ts';
import { percentileOf } from './distribution.ts';
import { judgeShare } from './judge-share.ts';
import type { RequestRecord } from './request-record.ts';
import type { Expectation, LoadExpectation, RequestFilter, Scenario } from './scenario.ts';
import {
  formatComparison,
  formatCount,
  formatDuration,
  formatPart,
  formatTime,
  holds,
  type Verdict,
} from './verdict.ts';

export type Judged = Omit<Verdict, 'origin'>;

export function filterRecords(records: readonly RequestRecord[], filter: RequestFilter): readonly RequestRecord[] {
  const { fromMs = 0, untilMs = Number.POSITIVE_INFINITY, name, route, backend } = filter;
  return records.filter(
    (record) =>
      record.atMs >= fromMs &&
      record.atMs < untilMs &&
      (name === undefined || record.name === name) &&
      (route === undefined || record.route === route) &&
      (backend === undefined || record.backend === backend),
  );
}

/** `, sent from 10 s until 20 s, route ai`; empty = all. */
function wordsOf({ fromMs, untilMs, name, route, backend }: RequestFilter): string {
  const times = [
    fromMs === undefined ? undefined : `from ${formatTime(fromMs)}`,
    untilMs === undefined ? undefined : `until ${formatTime(untilMs)}`,
  ].filter((part) => part !== undefined);
  const parts = [
    times.length === 0 ? undefined : `sent ${times.join(' ')}`,
    name === undefined ? undefined : `request ${name}`,
    route === undefined ? undefined : `route ${route}`,
    backend === undefined ? undefined : `backend ${backend}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

/** `5xx` or `503`. */
function hasStatus({ status }: RequestRecord, written: string): boolean {
  const text = String(status);
  return written.length === 3 && [...written].every((digit, index) => digit === 'x' || digit === text[index]);
}

function judgeCount(
  chosen: readonly RequestRecord[],
  all: readonly RequestRecord[],
  is: Comparison,
): Omit<Judged, 'expected'> {
  const isPart = is.unit === 'ratio';
  const count = isPart ? chosen.length / Math.max(1, all.length) : chosen.length;
  const found = `${formatCount(chosen.length)} of ${formatCount(all.length)}${isPart ? ` (${formatPart(count)})` : ''}`;
  const isTooMany = is.operator === '<' || is.operator === '<=' || is.operator === '=';
  return { ok: holds(is, count), found, atMs: isTooMany ? chosen[0]?.atMs : undefined };
}

function judgeTimes(
  what: Extract<LoadExpectation, { kind: 'latency' | 'first_byte' }>,
  records: readonly RequestRecord[],
): Omit<Judged, 'expected'> {
  const timeOf = (record: RequestRecord): number =>
    what.kind === 'latency' ? record.endedMs - record.atMs : record.firstByteMs;
  const timed = records.filter(({ firstByteMs }) => firstByteMs >= 0);
  const value = percentileOf(
    timed.map(timeOf).sort((a, b) => a - b),
    what.part,
  );
  const slow = timed.find((record) => !holds(what.is, timeOf(record)));
  const ok = timed.length > 0 && holds(what.is, value);
  return { ok, found: timed.length === 0 ? 'no answer' : formatDuration(value), atMs: slow?.atMs };
}

function judgeOne(what: LoadExpectation, records: readonly RequestRecord[], scenario: Scenario): Judged {
  switch (what.kind) {
    case 'requests':
      return {
        expected: `requests ${formatComparison(what.is)}`,
        ok: holds(what.is, records.length),
        found: formatCount(records.length),
        atMs: undefined,
      };
    case 'errors':
      return {
        expected: `errors ${formatComparison(what.is)}`,
        ...judgeCount(
          records.filter(({ isError }) => isError),
          records,
          what.is,
        ),
      };
    case 'status':
      return {
        expected: `status ${what.status} ${formatComparison(what.is)}`,
        ...judgeCount(
          records.filter((record) => hasStatus(record, what.status)),
          records,
          what.is,
        ),
      };
    case 'attempts_per_request': {
      const attempts = records.reduce((sum, record) => sum + record.attempts.length, 0);
      const ratio = attempts / Math.max(1, records.length);
      const found = `${Number(ratio.toFixed(4))} (${formatCount(attempts)} attempts for ${formatCount(records.length)} requests)`;
      return {
        expected: `attempts per request ${formatComparison(what.is)}`,
        ok: holds(what.is, ratio),
        found,
        atMs: undefined,
      };
    }
    case 'share':
      return judgeShare(what.share, records, scenario);
    default: {
      const name = what.part === 1 ? 'longest' : `p${Number((what.part * 100).toFixed(1))} of`;
      const time = what.kind === 'latency' ? 'latency' : 'first byte';
      return { expected: `${name} ${time} ${formatComparison(what.is)}`, ...judgeTimes(what, records) };
    }
  }
}

/** Of no request nothing is proved: only a count of requests may be about none. */
export function judgeLoad(
  { what, of }: Extract<Expectation, { of: RequestFilter }>,
  records: readonly RequestRecord[],
  scenario: Scenario,
): Judged {
  const chosen = filterRecords(records, of);
  const judged = judgeOne(what, chosen, scenario);
  const expected = judged.expected + wordsOf(of);
  if (chosen.length === 0 && what.kind !== 'requests')
    return { expected, ok: false, found: 'no such request', atMs: undefined };
  return { ...judged, expected };
}
