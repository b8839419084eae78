// When probes begin and what they lead to, by a clock of the test's own and endpoints that answer as it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../../base/testing/virtual-clock.ts';
import { DEFAULT_HEALTH_CHECK } from '../../model/defaults.ts';
import type { HealthCheck } from '../../model/health-check.ts';
import { createHealthMemory, HealthTable } from '../../state/health-table.ts';
import type { CheckedEndpoint, StateChange } from './endpoint-check.ts';
import { HealthChecker } from './health-checker.ts';
import type { ProbeAnswer } from './probe.ts';

const EPOCH_MS = 1_700_000_000_000;
const GOOD: ProbeAnswer = { reason: 'none', status: 200 };
const BAD: ProbeAnswer = { reason: 'status', status: 503 };

/** What an endpoint does with a probe: answers after so long, or never. */
type Behaviour = (probe: number) => { readonly answer: ProbeAnswer; readonly afterMs: number } | undefined;

class Lab {
  readonly clock = new VirtualClock(EPOCH_MS);
  readonly table = new HealthTable(createHealthMemory(8), EPOCH_MS);
  /** Start of every probe since the beginning, by endpoint. */
  readonly starts = new Map<string, number[]>();
  readonly changes: (StateChange & { readonly id: string; readonly atMs: number })[] = [];
  readonly behaviours = new Map<string, Behaviour>();
  open = 0;
  random = 0.5;
  readonly checker = new HealthChecker({
    table: this.table,
    probe: ({ url }, done) => this.probe(url, done),
    after: this.clock.after,
    nowMs: this.clock.now,
    wallMs: this.clock.now,
    random: () => this.random,
    onProbed: ({ id }, _result, change) => {
      if (change !== undefined) this.changes.push({ ...change, id, atMs: this.clock.ms - EPOCH_MS });
    },
  });

  private probe(id: string, done: (answer: ProbeAnswer) => void): () => void {
    const starts = this.starts.get(id) ?? [];
    this.starts.set(id, starts);
    const behaviour = this.behaviours.get(id)?.(starts.length) ?? undefined;
    starts.push(this.clock.ms - EPOCH_MS);
    this.open++;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.open--;
      isOpen = false;
    };
    const cancel =
      behaviour === undefined
        ? () => {}
        : this.clock.after(behaviour.afterMs, () => {
            close();
            done(behaviour.answer);
          });
    return () => {
      cancel();
      close();
    };
  }

  endpoint(id: string, row: number, check: Partial<HealthCheck> = {}): CheckedEndpoint {
    const whole = { ...DEFAULT_HEALTH_CHECK, jitter: 0, ...check };
    return { id, backend: 'b', url: id, row, backendRow: 7, tls: undefined, check: whole };
  }

  answers(id: string, answer: (probe: number) => ProbeAnswer, afterMs = 10): void {
    this.behaviours.set(id, (probe) => ({ answer: answer(probe), afterMs }));
  }

  startsOf(id: string): readonly number[] {
    return this.starts.get(id) ?? [];
  }
}

test('probes come once an interval from start to start, the first one somewhere inside the first', () => {
  const lab = new Lab();
  lab.answers('a', () => GOOD, 700);
  lab.checker.follow([lab.endpoint('a', 0, { intervalMs: 1000 })]);
  lab.clock.advance(4000);
  assert.deepEqual(lab.startsOf('a'), [500, 1500, 2500, 3500]);
  assert.deepEqual(lab.changes, [{ before: 'unknown', after: 'healthy', id: 'a', atMs: 1200 }]);
});

test('the first result decides at once, later ones by their number in a row; the pace is another while it fails', () => {
  const lab = new Lab();
  lab.answers('a', (probe) => (probe === 0 || probe >= 6 ? GOOD : BAD), 0);
  const rules = { intervalMs: 1000, failingIntervalMs: 100, unhealthyThreshold: 3, healthyThreshold: 2 };
  lab.checker.follow([lab.endpoint('a', 0, rules)]);
  lab.clock.advance(4000);
  assert.deepEqual(
    lab.changes.map(({ before, after, atMs }) => [before, after, atMs]),
    [
      ['unknown', 'healthy', 500],
      ['healthy', 'unhealthy', 1700],
      ['unhealthy', 'healthy', 2100],
    ],
  );
  assert.deepEqual(lab.startsOf('a'), [500, 1500, 1600, 1700, 1800, 1900, 2000, 2100, 3100]);
});

test('a probe without an answer fails at its time, is closed, and nothing of it counts later', () => {
  const lab = new Lab();
  lab.behaviours.set('a', () => ({ answer: GOOD, afterMs: 400 }));
  lab.checker.follow([lab.endpoint('a', 0, { intervalMs: 200, failingIntervalMs: 200, timeoutMs: 300 })]);
  lab.clock.advance(1000);
  const { state, reason, probes } = lab.table.describe(0);
  assert.deepEqual([state, reason, probes], ['unhealthy', 'timeout', 3]);
  assert.deepEqual(lab.startsOf('a'), [100, 400, 700, 1000], 'never two at a time');
  assert.equal(lab.open, 1);
  lab.checker.stop();
  assert.deepEqual([lab.open, lab.clock.pending], [0, 0]);
});

test('a reload keeps equal checks in their rhythm, ends those of removed endpoints, and takes changed ones up at once', () => {
  const lab = new Lab();
  for (const id of ['same', 'gone', 'changed']) lab.answers(id, () => BAD, 0);
  const minute = { intervalMs: 60_000, failingIntervalMs: 60_000 };
  const same = lab.endpoint('same', 0, minute);
  lab.checker.follow([same, lab.endpoint('gone', 1, minute), lab.endpoint('changed', 2, minute)]);
  lab.clock.advance(31_000);
  assert.equal(lab.table.describe(1).state, 'unhealthy');
  lab.checker.follow([{ ...same }, lab.endpoint('changed', 2, { ...minute, healthyThreshold: 1 })]);
  assert.equal(lab.table.describe(1).state, 'unknown', 'nobody looks after it any more');
  assert.equal(lab.table.describe(2).state, 'unhealthy', 'what was found holds until something else is');
  lab.answers('changed', () => GOOD, 0);
  lab.clock.advance(60_000);
  assert.deepEqual(lab.startsOf('same'), [30_000, 90_000]);
  assert.deepEqual(lab.startsOf('gone'), [30_000]);
  assert.deepEqual(lab.startsOf('changed'), [30_000, 31_500]);
  assert.equal(lab.table.describe(2).state, 'healthy');
});

test('with jitter every interval stays within its share, and endpoints do not march in step', () => {
  const probe = fc.record({ seed: fc.integer(), jitter: fc.double({ min: 0, max: 0.9, noNaN: true }) });
  fc.assert(
    fc.property(probe, ({ seed, jitter }) => {
      const lab = new Lab();
      let state = seed >>> 0;
      const random = (): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      Object.defineProperty(lab, 'random', { get: random });
      lab.answers('a', () => GOOD, 1);
      lab.checker.follow([lab.endpoint('a', 0, { intervalMs: 1000, jitter })]);
      lab.clock.advance(20_000);
      const starts = lab.startsOf('a');
      assert.ok(starts[0] < 1000);
      starts.slice(1).forEach((start, index) => {
        const gap = start - starts[index];
        assert.ok(gap >= 1000 * (1 - jitter) - 1e-6 && gap <= 1000 * (1 + jitter) + 1e-6, String(gap));
      });
    }),
    { seed: 3, numRuns: 100 },
  );
});
