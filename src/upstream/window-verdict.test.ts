// Verdicts by windows: noise moves nothing, failure does, and what fails again and again is tried ever more rarely.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from './testing/fake-pool.ts';
import { type VerdictRules, type Window, WindowVerdict } from './window-verdict.ts';

const RULES: VerdictRules = { leave: { count: 3, of: 5 }, back: { count: 5, of: 5 }, holdDownMs: 60_000 };
const WINDOW_MS = 10_000;

/** Times at which the verdict changed, with what it became. */
function run(windows: readonly Window[], rules = RULES): readonly (readonly [atMs: number, isOut: boolean])[] {
  const verdict = new WindowVerdict(0);
  const changes: [number, boolean][] = [];
  windows.forEach((window, index) => {
    const nowMs = (index + 1) * WINDOW_MS;
    if (verdict.observe(window, rules, nowMs)) changes.push([nowMs, verdict.isOut]);
  });
  return changes;
}

test('three bad of five put it out, wherever they lie; two do not', () => {
  assert.deepEqual(run(['bad', 'good', 'bad', 'good', 'good', 'bad', 'good', 'good', 'bad']), []);
  assert.deepEqual(run(['bad', 'good', 'bad', 'good', 'bad']), [[50_000, true]]);
});

test('it comes back after its hold-down and five good windows in a row', () => {
  const out: Window[] = ['bad', 'bad', 'bad'];
  assert.deepEqual(run([...out, ...new Array<Window>(6).fill('good')]), [
    [30_000, true],
    [90_000, false],
  ]);
  const late: Window[] = [...new Array<Window>(4).fill('good'), 'bad', ...new Array<Window>(5).fill('good')];
  assert.deepEqual(run([...out, ...late]), [
    [30_000, true],
    [130_000, false],
  ]);
  assert.deepEqual(run([...out, ...new Array<Window>(50).fill('open')]), [[30_000, true]]);
});

test('a relapse doubles the hold-down; a long good time makes it short again', () => {
  const verdict = new WindowVerdict(0);
  let nowMs = 0;
  const observe = (window: Window): void => {
    nowMs += WINDOW_MS;
    verdict.observe(window, RULES, nowMs);
  };
  const outFor = (): number => {
    const startMs = nowMs;
    while (verdict.isOut) observe('good');
    return nowMs - startMs;
  };
  const fail = (): void => {
    while (!verdict.isOut) observe('bad');
  };
  const times = Array.from({ length: 4 }, () => {
    fail();
    return outFor();
  });
  assert.deepEqual(times, [60_000, 120_000, 240_000, 480_000]);
  for (let turn = 0; turn < 60; turn++) observe('good');
  fail();
  assert.equal(outFor(), 60_000);
});

test('ten minutes of noise with one bad window in ten change nothing in nearly every run, and never twice', () => {
  let changed = 0;
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const windows = Array.from({ length: 60 }, (): Window => (random() < 0.1 ? 'bad' : 'good'));
    const changes = run(windows);
    changed += Number(changes.length > 0);
    assert.ok(changes.filter(([, isOut]) => isOut).length <= 2, `seed ${seed}: ${JSON.stringify(changes)}`);
  }
  // Three bad of five at random: 1 % of the stretches, so some runs of sixty have one.
  assert.ok(changed < 80, `${changed}`);
});

test('whatever the windows: out only with enough bad ones, back only after the hold-down, as a slow reference says', () => {
  const windows = fc.array(fc.constantFrom<Window>('good', 'bad', 'open'), { maxLength: 120 });
  fc.assert(
    fc.property(windows, (given) => {
      const changes = run(given);
      for (const [index, [atMs, isOut]] of changes.entries()) {
        const end = atMs / WINDOW_MS;
        const since = index === 0 ? 0 : changes[index - 1][0];
        const seen = given.slice(Math.max(end - 5, since / WINDOW_MS), end);
        if (isOut) assert.ok(seen.filter((window) => window === 'bad').length >= 3);
        else {
          assert.deepEqual(seen, new Array(5).fill('good'));
          assert.ok(atMs - since >= RULES.holdDownMs);
        }
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});
