// Which part of the requests went where, over all of them or in every window of consecutive ones.
import { placeOf } from './endpoint-place.ts';
import type { RequestRecord } from './request-record.ts';
import type { Scenario, ShareExpectation } from './scenario.ts';
import { formatPart, type Verdict } from './verdict.ts';

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
  readonly wanted: number;
  /** Position of the last request of the window. */
  readonly end: number;
}

/** The window, of those of this size, in which the part is farthest from what is wanted. */
function farthest(
  flags: readonly boolean[],
  name: string,
  { wanted, size }: { readonly wanted: number; readonly size: number },
): Deviation {
  let count = 0;
  let worst: Deviation | undefined;
  for (const [index, flag] of flags.entries()) {
    if (flag) count++;
    if (index >= size && flags[index - size]) count--;
    if (index < size - 1) continue;
    const part = count / size;
    if (worst === undefined || Math.abs(part - wanted) > Math.abs(worst.part - wanted))
      worst = { name, part, wanted, end: index };
  }
  return worst ?? { name, part: 0, wanted, end: 0 };
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
  const deviations = shares.map(([name, wanted]) => {
    const key = by === 'endpoint' ? placeOf(name) : name;
    return farthest(
      names.map((each) => each === key),
      name,
      { wanted, size },
    );
  });
  const off = ({ part, wanted }: Deviation): number => Math.abs(part - wanted);
  const worst = deviations.reduce((a, b) => (off(b) > off(a) ? b : a));
  // Counted parts differ from written ones in the last bits.
  const ok = off(worst) <= within + 1e-9 && (window === undefined || ordered.length >= window);
  const wanted = shares.map(([name, part]) => `${name} ${formatPart(part)}`).join(', ');
  const among = window === undefined ? '' : ` in any ${window} consecutive requests`;
  const found = deviations.map(({ name, part }) => `${name} ${formatPart(part)}`).join(', ');
  return {
    expected: `share by ${by}: ${wanted}, each within ${formatPart(within)}${among}`,
    ok,
    found: window === undefined ? found : `farthest: ${found}`,
    atMs: ok || window === undefined ? undefined : ordered[worst.end]?.atMs,
  };
}
