// The order of targets: shares inside a tier, tiers one after the other, and what happens when marks are wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_RETRY } from '../model/defaults.ts';
import { RetryPolicy } from '../upstream/retry-policy.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import { type PlanTarget, TargetPlan } from './plan.ts';

interface Written {
  readonly weight: number;
  readonly tier: number;
  readonly isUp: boolean;
}

function planOf(written: readonly Written[], failover?: readonly number[]): TargetPlan {
  const targets = written.map(({ weight, tier, isUp }, index): PlanTarget => {
    const whyOut = () => (isUp ? '' : ', down now');
    const backend = { name: `b${index}`, endpoints: [], isUsable: () => isUp, whyOut, provider: undefined };
    const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1 };
    const retry = new RetryPolicy(DEFAULT_RETRY);
    return { backend: backend as unknown as CompiledBackend, weight, tier, model: undefined, timeouts, retry };
  });
  return new TargetPlan(
    targets,
    () => 0,
    failover === undefined ? {} : { failover: failover.map((at) => targets[at]) },
  );
}

const name = (target: PlanTarget | undefined): string | undefined => target?.backend.name;
const up = (weight: number, tier = 0): Written => ({ weight, tier, isUp: true });
const down = (weight: number, tier = 0): Written => ({ weight, tier, isUp: false });

test('a single target is taken whatever its mark, and never twice', () => {
  const plan = planOf([down(1)]);
  const first = plan.next(undefined, 0);
  assert.equal(name(first), 'b0');
  assert.equal(plan.next(new Set(first && [first]), 0), undefined);
  assert.equal(planOf([up(0)]).next(undefined, 0), undefined);
});

test('shares inside a tier are exact over a cycle', () => {
  const plan = planOf([up(3), up(1), up(0)]);
  const picks = Array.from({ length: 40 }, () => name(plan.next(undefined, 0)));
  assert.equal(picks.filter((pick) => pick === 'b0').length, 30);
  assert.equal(picks.filter((pick) => pick === 'b1').length, 10);
});

test('tier 1 only when nobody of tier 0 is up', () => {
  assert.equal(name(planOf([up(1, 1), down(1, 0), up(1, 0)]).next(undefined, 0)), 'b2');
  assert.equal(name(planOf([up(1, 1), down(1, 0), down(1, 0)]).next(undefined, 0)), 'b0');
});

test('when all are marked down they are tried in the same order', () => {
  assert.equal(name(planOf([down(1, 1), down(1, 0)]).next(undefined, 0)), 'b1');
});

test('asking what would come moves nothing', () => {
  const plan = planOf([up(1), up(1)]);
  const expected = name(plan.peek(0));
  for (let round = 0; round < 5; round++) assert.equal(name(plan.peek(0)), expected);
  plan.candidates(0);
  assert.equal(name(plan.next(undefined, 0)), expected);
});

test('candidates say share, tier and state', () => {
  assert.deepEqual(
    planOf([down(1, 1), up(3), up(1), up(0)])
      .candidates(0)
      .map(({ backend, because }) => `${backend}: ${because}`),
    [
      'b1: tier 0, 75 % of its traffic',
      'b2: tier 0, 25 % of its traffic',
      'b3: tier 0, weight 0: never chosen',
      'b0: tier 1, 100 % of its traffic, down now',
    ],
  );
});

test('property: every target with a weight is tried once, those that are up first, lower tiers first among them', () => {
  const written = fc.record({ weight: fc.nat(4), tier: fc.nat(3), isUp: fc.boolean() });
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 8 }), (list) => {
      const plan = planOf(list);
      const tried = new Set<PlanTarget>();
      for (;;) {
        const next = plan.next(tried, 0);
        if (next === undefined) break;
        assert.ok(!tried.has(next));
        tried.add(next);
      }
      const order = [...tried].map((target) => list[plan.targets.indexOf(target)]);
      assert.equal(order.length, list.filter(({ weight }) => weight > 0).length);
      const rank = ({ isUp, tier }: Written): number => (isUp ? 0 : 100) + tier;
      const ranks = order.map(rank);
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
    }),
    { seed: 11 },
  );
});

test('after a failure the written order decides, passing over what is down; who is not named comes last', () => {
  const plan = planOf([up(60), up(30), down(10), up(0)], [2, 1]);
  const first = plan.next(undefined, 0);
  assert.equal(name(first), 'b0');
  const tried = new Set(first && [first]);
  const second = plan.next(tried, 0);
  assert.equal(name(second), 'b1');
  if (second !== undefined) tried.add(second);
  assert.equal(name(plan.next(tried, 0)), 'b2', 'marked down, and the only one left');
  assert.match(plan.candidates(0)[1].because, /number 2 of those asked after a failure/);
});

test('property: with an order of failover every target is still tried exactly once', () => {
  const target = fc.record({ weight: fc.integer({ min: 1, max: 5 }), tier: fc.nat(2), isUp: fc.boolean() });
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(5)), (written, order) => {
      const plan = planOf(written, [...new Set(order.filter((at) => at < written.length))]);
      const tried = new Set<PlanTarget>();
      for (let next = plan.next(undefined, 0); next !== undefined; next = plan.next(tried, 0)) {
        assert.ok(!tried.has(next));
        tried.add(next);
      }
      assert.equal(tried.size, written.length);
    }),
    { seed: 5 },
  );
});
