// Breakers against their written-out state table (testing/breaker-model.ts): any order of steps by two threads' handles, and two
// real threads at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { type BreakerForce, BreakerTable, createBreakerMemory } from './breaker-table.ts';
import { type BreakerRules, isProbe, type Outcome, REFUSED, type SharedBreaker, UNCOUNTED } from './shared-breaker.ts';
import { type Facts, initialFacts, type ModelAdmission, STATE_TABLE, step } from './testing/breaker-model.ts';

const EPOCH_MS = 1_700_000_000_000;
const RULES: BreakerRules = {
  consecutiveFailures: 5,
  openAtSuccessRate: -1,
  minOutcomes: 20,
  windowMs: 10_000,
  openMs: 1000,
  maxOpenMs: 8000,
  jitter: 0,
  stableMs: 5000,
  probes: 3,
  quorum: 2,
  probeMs: 2000,
};
const OUTCOMES: readonly Outcome[] = ['success', 'failure', 'throttled', 'abandoned'];

function twoHandles(rules: BreakerRules, random = () => 0): { table: BreakerTable; handles: readonly SharedBreaker[] } {
  const memory = createBreakerMemory(3);
  const tables = [new BreakerTable(memory, EPOCH_MS), new BreakerTable(memory, EPOCH_MS)];
  return { table: tables[0], handles: tables.map((table) => table.breaker(1, rules, { random })) };
}

test('the state table answers every event in every state', () => {
  for (const state of ['closed', 'open', 'half_open'] as const) {
    const events = state === 'open' ? (['admit'] as const) : (['admit', ...OUTCOMES] as const);
    for (const event of events) {
      const lines = STATE_TABLE.filter(({ from, on }) => from === state && on.includes(event));
      assert.ok(lines.length > 0, `${event} while ${state}`);
      const last = lines[lines.length - 1];
      assert.equal(last.holds(initialFacts(RULES, EPOCH_MS)), true, `${event} while ${state} always has an answer`);
    }
  }
});

function kindOf(admission: number): ModelAdmission {
  if (admission === REFUSED) return 'refused';
  if (admission === UNCOUNTED) return 'uncounted';
  return isProbe(admission) ? 'probe' : 'pass';
}

/** One step of a trace; `handle` is the thread, `pick` chooses among the requests that are still out. */
type Step =
  | { readonly does: 'admit'; readonly handle: number }
  | { readonly does: 'record'; readonly handle: number; readonly pick: number; readonly outcome: Outcome }
  | { readonly does: 'wait'; readonly ticks: number }
  | { readonly does: 'force'; readonly force: BreakerForce };

const handle = fc.nat({ max: 1 });
const outcome = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Outcome>('failure') },
  { weight: 3, arbitrary: fc.constant<Outcome>('success') },
  { weight: 1, arbitrary: fc.constantFrom<Outcome>('throttled', 'abandoned') },
);
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ does: fc.constant('admit' as const), handle }) },
    {
      weight: 12,
      arbitrary: fc.record({ does: fc.constant('record' as const), handle, pick: fc.nat({ max: 50 }), outcome }),
    },
    { weight: 4, arbitrary: fc.record({ does: fc.constant('wait' as const), ticks: fc.integer({ min: 1, max: 40 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('force' as const),
        force: fc.constantFrom<BreakerForce>('auto', 'auto', 'open', 'closed'),
      }),
    },
  ),
  { minLength: 20, maxLength: 150 },
);
const rules = fc
  .record({
    consecutiveFailures: fc.integer({ min: 0, max: 4 }),
    openAtSuccessRate: fc.constantFrom(-1, -1, 0.5, 0.8),
    minOutcomes: fc.integer({ min: 1, max: 6 }),
    openMs: fc.constantFrom(500, 1000),
    probes: fc.integer({ min: 1, max: 4 }),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    probeMs: fc.constantFrom(300, 2000),
  })
  .map(
    ({ share, ...written }): BreakerRules => ({ ...RULES, ...written, quorum: 1 + Math.floor(share * written.probes) }),
  );

interface Out {
  readonly admission: number;
  readonly epoch: number;
}

function runStep(one: Step, facts: Facts, real: ReturnType<typeof twoHandles>, out: Out[]): void {
  if (one.does === 'wait') facts.nowMs += one.ticks * 100;
  else if (one.does === 'force') {
    real.table.force(1, one.force);
    facts.force = one.force;
  } else if (one.does === 'admit') {
    const would = real.handles[one.handle].wouldAdmit(facts.nowMs);
    const admission = real.handles[one.handle].admit(facts.nowMs);
    const expected = step(facts, 'admit', 0);
    assert.equal(kindOf(admission), expected);
    assert.equal(would, expected !== 'refused', 'asking beforehand gives the same answer');
    if (admission !== REFUSED) out.push({ admission, epoch: expected === 'uncounted' ? -1 : facts.epoch });
  } else if (out.length > 0) {
    const [{ admission, epoch }] = out.splice(one.pick % out.length, 1);
    real.handles[one.handle].record(one.outcome, admission, facts.nowMs);
    step(facts, one.outcome, epoch);
  }
}

test('every trace of two threads is that of the state table', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(rules, steps, (breakerRules, trace) => {
      const real = twoHandles(breakerRules);
      const facts = initialFacts(breakerRules, EPOCH_MS);
      const out: Out[] = [];
      for (const one of trace) {
        runStep(one as Step, facts, real, out);
        const shown = real.table.describe(1, facts.nowMs);
        const isOver = facts.state === 'open' && facts.nowMs >= facts.openUntilMs;
        assert.equal(shown.state, isOver ? 'half_open' : facts.state);
        assert.equal(shown.force, facts.force);
        assert.equal(shown.openings, facts.openings);
        assert.equal(shown.consecutiveFailures, facts.failures);
        const { taken, succeeded, failed } = facts;
        assert.deepEqual(shown.probes, { taken, succeeded, failed });
        if (facts.state === 'open') assert.equal(shown.untilMs, facts.openUntilMs);
        seen.add(`${facts.state} ${shown.cause} ${facts.doublings > 2}`);
      }
      assert.deepEqual(real.table.describe(0, EPOCH_MS).openings, 0, 'its neighbour is not touched');
      assert.deepEqual(real.table.describe(2, EPOCH_MS).openings, 0, 'its neighbour is not touched');
    }),
    { seed: 41, numRuns: 3000 },
  );
  for (const cause of ['consecutive-failures', 'success-rate', 'probes-failed', 'probe-lost'])
    assert.ok(
      [...seen].some((entry) => entry.startsWith(`open ${cause}`)),
      `some trace opened by ${cause}`,
    );
  assert.ok(seen.has('open probes-failed true'), 'some trace opened several times in a row');
});

test('jitter only ever lengthens, and by its share at most', () => {
  for (const [random, untilMs] of [
    [0, 1000],
    [0.5, 1100],
    [1, 1200],
  ] as const) {
    const { table, handles } = twoHandles({ ...RULES, jitter: 0.2 }, () => random);
    for (let failure = 0; failure < 5; failure++) handles[0].record('failure', handles[0].admit(EPOCH_MS), EPOCH_MS);
    assert.equal(table.describe(1, EPOCH_MS).untilMs, EPOCH_MS + untilMs);
  }
});

test('a breaker that a dying thread left between two states opens for a second instead of refusing for ever', () => {
  const memory = createBreakerMemory(1);
  const table = new BreakerTable(memory, EPOCH_MS);
  new Int32Array(memory)[0] = 3;
  const breaker = table.breaker(0, RULES, { random: () => 0 });
  assert.equal(breaker.admit(EPOCH_MS + 60_000), REFUSED);
  table.settle(EPOCH_MS + 60_000);
  assert.equal(breaker.admit(EPOCH_MS + 60_900), REFUSED);
  assert.equal(isProbe(breaker.admit(EPOCH_MS + 61_000)), true);
});

test('a row given to another breaker knows nothing of the one before', () => {
  const { table, handles } = twoHandles(RULES);
  for (let failure = 0; failure < 5; failure++) handles[0].record('failure', handles[0].admit(EPOCH_MS), EPOCH_MS);
  table.force(1, 'open');
  table.clear(1);
  const { state, force, openings, cause } = table.describe(1, EPOCH_MS);
  assert.deepEqual([state, force, openings, cause], ['closed', 'auto', 0, 'none']);
});

/** Rows of each kind; both threads work on the same one at the same time. */
const ROUNDS = 300;
const EACH = 50;

interface Hammered {
  readonly probes: readonly number[];
}

async function hammer(memory: SharedArrayBuffer): Promise<readonly Hammered[]> {
  const barrier = new SharedArrayBuffer(4 * ROUNDS * 4);
  const run = (): Promise<Hammered> =>
    new Promise((resolve, reject) => {
      const workerData = { memory, barrier, epochMs: EPOCH_MS, rounds: ROUNDS, each: EACH, rules: RULES };
      const worker = new Worker(new URL('./testing/hammer-breakers.ts', import.meta.url), { workerData });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  return Promise.all([run(), run()]);
}

test('two threads at once: no failure is lost, no probe too many, one answer to the last of them', async () => {
  const memory = createBreakerMemory(ROUNDS * 3);
  const results = await hammer(memory);
  const table = new BreakerTable(memory, EPOCH_MS);
  for (let round = 0; round < ROUNDS; round++) {
    const full = table.describe(round, EPOCH_MS);
    assert.deepEqual([full.state, full.openings], ['open', 1], 'the last of all failures opens it, once');
    const short = table.describe(ROUNDS + round, EPOCH_MS);
    assert.deepEqual([short.state, short.consecutiveFailures], ['closed', 2 * EACH], 'every failure was counted');
    const probes = results[0].probes[round] + results[1].probes[round];
    assert.equal(probes, RULES.probes, 'exactly so many probes');
    assert.equal(table.describe(2 * ROUNDS + round, EPOCH_MS).state, 'closed', 'and their quorum closes it');
  }
});
