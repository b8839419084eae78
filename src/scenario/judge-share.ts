// Which part of the requests went where, over all of them or in every window of consecutive ones.
import type { Comparison } from '../base/comparison.ts';
import { placeOf } from './endpoint-place.ts';
import type { RequestRecord } from './request-record.ts';
import type { Scenario, ShareExpectation } from './scenario.ts';
import { formatComparison, formatPart, holds, type Verdict } from './verdict.ts';

/** What a record is counted under. */
function placeReader(
  by: ShareExpectation['by'],
  { model, events }: Scenario,
): (record: RequestRecord) => string | undefined {
  if (by === 'backend' || by === 'route' || by === 'model') return (record) => record[by];
  if (by === 'endpoint') return ({ endpoint }) => endpoint && placeOf(endpoint);
  const models = [model, ...events.flatMap(({ action }) => (action.kind === 'reload' ? action.models : []))];
  const endpoints = models.flatMap(({ backends }) => backends.flatMap((backend) => backend.endpoints));
  const places = new Map(endpoints.map((endpoint) => [endpoint.url, endpoint[by]]));
  return ({ endpoint }) => (endpoint === undefined ? undefined : places.get(endpoint));
}

interface Deviation {
  readonly name: string;
  readonly part: number;
  /** How far from what is wanted; negative = on the right side of it. */
  readonly off: number;
  /** Position of the last request of the window. */
  readonly end: number;
}

function offOf({ operator, value }: Comparison, part: number): number {
  if (operator === '=') return Math.abs(part - value);
  return operator === '<' || operator === '<=' ? part - value : value - part;
}

/** The window, of those of this size, in which the part is farthest from what is wanted. */
function farthest(flags: readonly boolean[], [name, is]: readonly [string, Comparison], size: number): Deviation {
  let count = 0;
  let worst: Deviation | undefined;
  for (const [index, flag] of flags.entries()) {
    if (flag) count++;
    if (index >= size && flags[index - size]) count--;
    if (index < size - 1) continue;
    const part = count / size;
    const off = offOf(is, part);
    if (worst === undefined || off > worst.off) worst = { name, part, off, end: index };
  }
  return worst ?? { name, part: 0, off: offOf(is, 0), end: 0 };
}

function wordsOf([name, is]: readonly [string, Comparison]): string {
  return `${name} ${is.operator === '=' ? formatPart(is.value) : formatComparison(is)}`;
}

export function judgeShare(
  share: ShareExpectation,
  records: readonly RequestRecord[],
  scenario: Scenario,
): Omit<Verdict, 'origin'> {
  const { by, shares, within, window } = share;
  const read = placeReader(by, scenario);
  const ordered = records.toSorted((a, b) => a.atMs - b.atMs);
  const names = ordered.map(read);
  const size = Math.min(window ?? ordered.length, ordered.length);
  const deviations = shares.map((each) => {
    const key = by === 'endpoint' ? placeOf(each[0]) : each[0];
    const deviation = farthest(
      names.map((name) => name === key),
      each,
      size,
    );
    // Counted parts differ from written ones in the last bits.
    const isWrong = each[1].operator === '=' ? deviation.off > within + 1e-9 : !holds(each[1], deviation.part);
    return { ...deviation, isWrong };
  });
  const wrong = deviations.find(({ isWrong }) => isWrong);
  const ok = wrong === undefined && (window === undefined || ordered.length >= window);
  const tolerance = shares.some(([, { operator }]) => operator === '=') ? `, each within ${formatPart(within)}` : '';
  const among = window === undefined ? '' : ` in any ${window} consecutive requests`;
  const found = deviations.map(({ name, part }) => `${name} ${formatPart(part)}`).join(', ');
  return {
    expected: `share by ${by}: ${shares.map(wordsOf).join(', ')}${tolerance}${among}`,
    ok,
    found: window === undefined ? found : `farthest: ${found}`,
    atMs: wrong === undefined || window === undefined ? undefined : ordered[wrong.end]?.atMs,
  };
}
