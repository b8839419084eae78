// Requests wait while everybody is at the limit: bounded, told when to come back, and gone with their client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { Exchange } from '../../pipeline/exchange.ts';
import type { Reply } from '../../pipeline/reply.ts';
import type { TargetPlan } from '../plan.ts';
import { CoolingQueue } from './cooling-queue.ts';

const WALL = 1_000_000;

function stage(settings: { max: number; timeoutMs: number } | undefined) {
  const clock = { now: 0 };
  const wheel = new DeadlineWheel({ now: () => clock.now });
  const queue = new CoolingQueue(settings, { wheel, nowMs: () => clock.now, wallMs: () => WALL + clock.now });
  let limitedUntil = 0;
  const plan = {
    limitedUntilMs: (wallMs: number) => (limitedUntil > wallMs ? limitedUntil : 0),
  } as unknown as TargetPlan;
  const answers: (Reply | undefined)[] = [];
  return {
    queue,
    answers,
    limitFor(ms: number) {
      limitedUntil = WALL + clock.now + ms;
    },
    ask() {
      const exchange = { owner: undefined } as unknown as Exchange;
      const isHeld = queue.holds(exchange, plan, (refusal) => answers.push(refusal));
      return { exchange, isHeld };
    },
    pass(ms: number) {
      for (const end = clock.now + ms; clock.now < end; ) {
        clock.now += 10;
        wheel.advance();
      }
    },
  };
}

const retryAfter = (reply: Reply | undefined) => [reply?.status, reply?.headers.get('retry-after')];

test('nobody waits while somebody may be asked', () => {
  const { ask, queue } = stage({ max: 5, timeoutMs: 1000 });
  assert.equal(ask().isHeld, false);
  assert.equal(queue.length, 0);
});

test('without a queue, or where the wait would be too long, the shortest time is told', () => {
  const none = stage(undefined);
  none.limitFor(4200);
  assert.equal(none.ask().isHeld, true);
  assert.deepEqual(retryAfter(none.answers[0]), [429, '5']);
  const short = stage({ max: 5, timeoutMs: 1000 });
  short.limitFor(1500);
  short.ask();
  assert.deepEqual(retryAfter(short.answers[0]), [429, '2']);
});

test('who waits goes on when somebody is back', () => {
  const { ask, answers, limitFor, pass, queue } = stage({ max: 5, timeoutMs: 1000 });
  limitFor(300);
  assert.equal(ask().isHeld, true);
  assert.deepEqual([answers.length, queue.length], [0, 1]);
  pass(400);
  assert.deepEqual([answers, queue.length], [[undefined], 0]);
});

test('who waits again waits no longer than its time in all', () => {
  const { ask, answers, limitFor, pass } = stage({ max: 5, timeoutMs: 1000 });
  limitFor(600);
  ask();
  pass(590);
  limitFor(300);
  pass(40);
  assert.equal(answers.length, 0);
  pass(240);
  limitFor(2000);
  pass(100);
  assert.deepEqual(retryAfter(answers[0]), [429, '2']);
});

test('the queue is bounded, and a client that leaves gives its place back', () => {
  const { ask, answers, limitFor, queue } = stage({ max: 2, timeoutMs: 1000 });
  limitFor(500);
  const { exchange } = ask();
  ask();
  ask();
  assert.deepEqual(retryAfter(answers[0]), [429, '1']);
  exchange.owner?.onClientGone();
  assert.equal(answers[1]?.error?.code, 'request.aborted');
  assert.equal(queue.length, 1);
  assert.equal(ask().isHeld, true);
  assert.equal(queue.length, 2);
});
