// Who waits, who goes first and who is shed, over one thread and over three, in virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import { QuickRandom } from '../base/quick-random.ts';
import { CONCURRENCY_LEDGER_CELLS, ConcurrencyTable, createConcurrencyMemory } from '../state/concurrency-table.ts';
import { AdmissionQueue, type ShedReason, type Waiter } from './admission-queue.ts';
import { BackendAdmission } from './backend-admission.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';

const [HIGH, NORMAL, LOW] = [0, 1, 2];
const NO_OBSERVER = { shed() {}, waited() {} };

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Time of all threads. */
class Clock {
  nowMs = 1000;

  now(): number {
    return this.nowMs;
  }
}

interface ThreadOptions {
  readonly memory: SharedArrayBuffer;
  readonly clock: Clock;
  readonly limit: number;
  readonly size?: number;
  readonly random?: () => number;
}

/** What a worker thread has of one backend. */
class Thread {
  readonly table: ConcurrencyTable;
  readonly wheel: DeadlineWheel;
  readonly admission: BackendAdmission;

  constructor({ memory, clock, limit, size = 100, random = () => 0 }: ThreadOptions) {
    this.table = new ConcurrencyTable(memory, 0, new Int32Array(CONCURRENCY_LEDGER_CELLS));
    this.wheel = new DeadlineWheel(clock);
    const { table, wheel } = this;
    const queue = new AdmissionQueue(0, { table, wheel, nowMs: () => clock.now(), random, tick() {} });
    const rules = { min: limit, max: limit, initial: limit, tolerance: 1.5, isAdaptive: false };
    this.admission = new BackendAdmission({
      limit: new ConcurrencyLimit(table, 0, rules),
      queue,
      rules: { size, timeoutMs: 1000 },
      observer: NO_OBSERVER,
    });
  }
}

class Request {
  state: 'new' | 'in' | 'waiting' | 'gone' | 'done' | ShedReason = 'new';
  readonly name: string;
  readonly thread: Thread;
  private readonly classIndex: number;
  private readonly log: string[];
  private waiter: Waiter | undefined;

  constructor(name: string, parts: { readonly thread: Thread; readonly classIndex: number; readonly log?: string[] }) {
    this.name = name;
    this.thread = parts.thread;
    this.classIndex = parts.classIndex;
    this.log = parts.log ?? [];
  }

  arrive(): this {
    const { admission } = this.thread;
    this.state = 'waiting';
    if (admission.enter(this.classIndex)) this.admitted();
    else {
      this.waiter = admission.wait(this, this.classIndex);
      if (this.waiter === undefined) this.state = 'queue-full';
    }
    return this;
  }

  private admitted(): void {
    assert.equal(this.state, 'waiting', 'nobody is admitted twice');
    assert.equal(this.thread.table.waitingUpTo(0, this.classIndex - 1), 0, 'nobody of a higher class waits, anywhere');
    this.state = 'in';
    this.log.push(this.name);
  }

  onAdmitted(): void {
    this.admitted();
  }

  onShed(reason: ShedReason): void {
    assert.equal(this.state, 'waiting', 'only who waits is shed');
    this.state = reason;
  }

  finish(): void {
    this.state = 'done';
    this.thread.admission.leave();
  }

  leave(): void {
    this.state = 'gone';
    this.waiter?.forget();
  }
}

function oneThread(options: Partial<ThreadOptions> = {}) {
  const clock = new Clock();
  const log: string[] = [];
  const thread = new Thread({ memory: createConcurrencyMemory(1), clock, limit: 1, ...options });
  const arrive = (name: string, classIndex = NORMAL) => new Request(name, { thread, classIndex, log }).arrive();
  const pass = (ms: number) => {
    clock.nowMs += ms;
    thread.wheel.advance();
  };
  return { thread, log, arrive, pass };
}

test('first come, first served, inside a class', () => {
  const { log, arrive } = oneThread();
  const requests = ['a', 'b', 'c'].map((name) => arrive(name));
  requests[0].finish();
  requests[1].finish();
  assert.deepEqual(log, ['a', 'b', 'c']);
});

test('the higher class goes first, whenever it came', () => {
  const { log, arrive } = oneThread();
  const first = arrive('first');
  const low = arrive('low', LOW);
  const normal = arrive('normal', NORMAL);
  const high = arrive('high', HIGH);
  for (const each of [first, high, normal, low]) each.finish();
  assert.deepEqual(log, ['first', 'high', 'normal', 'low']);
});

test('nobody overtakes those of the own class that wait', () => {
  const { thread, arrive } = oneThread({ limit: 2 });
  arrive('a');
  const [b, c] = [arrive('b'), arrive('c')];
  assert.deepEqual([b.state, c.state], ['in', 'waiting']);
  b.finish();
  assert.equal(c.state, 'in');
  assert.equal(thread.table.inFlight(0), 2);
});

test('who waits too long is shed, and the place it leaves in the queue is free', () => {
  const { thread, arrive, pass } = oneThread({ size: 1 });
  arrive('a');
  const b = arrive('b');
  assert.equal(arrive('c').state, 'queue-full');
  pass(999);
  assert.equal(b.state, 'waiting');
  pass(40);
  assert.equal(b.state, 'queue-timeout');
  assert.equal(arrive('d').state, 'waiting');
  assert.equal(thread.table.waiting(0, NORMAL), 1);
});

test('once somebody’s time passed the newest goes first', () => {
  const { log, arrive, pass } = oneThread();
  const first = arrive('first');
  const lost = arrive('lost');
  pass(600);
  arrive('old');
  pass(550);
  assert.equal(lost.state, 'queue-timeout');
  const fresh = arrive('fresh');
  first.finish();
  fresh.finish();
  assert.deepEqual(log, ['first', 'fresh', 'old']);
});

test('it is first come, first served again when nobody has waited half the time', () => {
  const { log, arrive, pass } = oneThread();
  const first = arrive('first');
  arrive('lost');
  pass(900);
  const old = arrive('old');
  pass(200);
  arrive('fresh');
  first.finish();
  old.finish();
  assert.deepEqual(log, ['first', 'old', 'fresh']);
});

test('in a full queue that sheds by time, the newcomer takes the place of the oldest of its class', () => {
  const { arrive, pass } = oneThread({ size: 2 });
  arrive('a');
  arrive('lost');
  pass(600);
  const old = arrive('old');
  pass(550);
  const [fresh, newest] = [arrive('fresh'), arrive('newest')];
  assert.deepEqual([old.state, fresh.state, newest.state], ['displaced', 'waiting', 'waiting']);
});

test('a full queue makes room for a higher class by the one who would be served last', () => {
  const { arrive } = oneThread({ size: 2 });
  arrive('a');
  const [low, later] = [arrive('low', LOW), arrive('later', LOW)];
  const normal = arrive('normal', NORMAL);
  assert.deepEqual([low.state, later.state, normal.state], ['waiting', 'displaced', 'waiting']);
  const high = arrive('high', HIGH);
  assert.deepEqual([low.state, normal.state, high.state], ['displaced', 'waiting', 'waiting']);
  assert.equal(arrive('another', NORMAL).state, 'queue-full');
  assert.equal(arrive('last', LOW).state, 'queue-full');
});

test('a client that leaves the queue frees its place in it at once', () => {
  const { thread, arrive } = oneThread({ size: 1 });
  const a = arrive('a');
  const b = arrive('b');
  b.leave();
  const c = arrive('c');
  a.finish();
  assert.deepEqual([b.state, c.state], ['gone', 'in']);
  assert.equal(thread.table.waiting(0, NORMAL), 0);
});

test('a place that appears without anybody leaving is found', () => {
  const { thread, arrive, pass } = oneThread();
  arrive('a');
  const b = arrive('b');
  thread.table.give(0);
  pass(100);
  assert.equal(b.state, 'in');
});

test('a thread that gives a place back wakes one in which a higher class waits', async () => {
  const memory = createConcurrencyMemory(1);
  const clock = new Clock();
  const [near, far] = [new Thread({ memory, clock, limit: 1 }), new Thread({ memory, clock, limit: 1 })];
  const first = new Request('first', { thread: near, classIndex: NORMAL }).arrive();
  const normal = new Request('normal', { thread: near, classIndex: NORMAL }).arrive();
  const high = new Request('high', { thread: far, classIndex: HIGH }).arrive();
  first.finish();
  assert.equal(normal.state, 'waiting', 'the place is not its own');
  for (let turns = 0; turns < 1000 && high.state === 'waiting'; turns++) await turn();
  assert.deepEqual([normal.state, high.state], ['waiting', 'in']);
});

type Step =
  | { readonly kind: 'arrive'; readonly thread: number; readonly classIndex: number }
  | { readonly kind: 'finish' | 'leave'; readonly at: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'turn' };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('arrive' as const), thread: fc.nat(2), classIndex: fc.nat(2) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), at: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), at: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
);

test('over three threads: never above the limit, classes in order, nobody lost, no place idle while somebody waits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 120 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
      const memory = createConcurrencyMemory(1);
      const clock = new Clock();
      const draws = new QuickRandom(() => 0.5);
      const random = () => draws.next() / 2 ** 31;
      const threads = [0, 1, 2].map(() => new Thread({ memory, clock, limit, size: 5, random }));
      const requests: Request[] = [];
      const inState = (state: Request['state']) => requests.filter((request) => request.state === state);
      const pass = (ms: number) => {
        clock.nowMs += ms;
        for (const { wheel } of threads) wheel.advance();
      };
      for (const step of steps) {
        if (step.kind === 'arrive') {
          const { classIndex } = step;
          const request = new Request('r', { thread: threads[step.thread], classIndex });
          requests.push(request);
          request.arrive();
        } else if (step.kind === 'finish')
          inState('in')
            .at(step.at % Math.max(1, inState('in').length))
            ?.finish();
        else if (step.kind === 'leave')
          inState('waiting')
            .at(step.at % Math.max(1, inState('waiting').length))
            ?.leave();
        else if (step.kind === 'pass') pass(step.ms);
        else await turn();
        const [{ table }] = threads;
        assert.equal(table.inFlight(0), inState('in').length);
        assert.ok(table.inFlight(0) <= limit);
        assert.equal(table.waitingUpTo(0, LOW), inState('waiting').length);
      }
      for (let settled = 0; settled < 4; settled++) await turn();
      pass(60);
      if (inState('waiting').length > 0) assert.equal(inState('in').length, limit, 'no place is idle');
      while (inState('in').length > 0) {
        inState('in')[0].finish();
        await turn();
        pass(60);
      }
      assert.equal(threads[0].table.inFlight(0), 0);
      assert.equal(threads[0].table.waitingUpTo(0, LOW), 0);
      for (const { wheel } of threads) assert.equal(wheel.size, 0, 'no deadline is left behind');
    }),
    { numRuns: 150 },
  );
});
