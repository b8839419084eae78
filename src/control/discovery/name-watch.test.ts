// When a name is asked for again and what is believed, by a clock of the test's own and a resolver that answers as it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualClock } from '../../base/testing/virtual-clock.ts';
import type { DiscoverySettings } from '../../model/discovery.ts';
import { NameRegistry } from './name-registry.ts';
import type { Answer, Question } from './resolution.ts';

const SETTINGS: DiscoverySettings = {
  resolvers: [],
  minTtlMs: 1000,
  maxTtlMs: 60_000,
  negativeTtlMs: 5000,
  staleTtlMs: 0,
  timeoutMs: 2000,
};
const NAME: Question = { kind: 'address', name: 'svc.test', family: 'auto' };
const FAILED: Answer = { kind: 'failed', reason: 'ESERVFAIL' };
const ABSENT: Answer = { kind: 'absent' };

function found(ttlMs: number | undefined, ...addresses: readonly string[]): Answer {
  return { kind: 'found', ttlMs, hosts: addresses.map((address) => ({ addresses: [address] })) };
}

class Lab {
  readonly clock = new VirtualClock();
  /** When each question was asked. */
  readonly askedMs: number[] = [];
  /** Hosts after each change, with its time. */
  readonly changes: (readonly [atMs: number, addresses: string])[] = [];
  answer: (count: number) => Answer | undefined = () => undefined;
  readonly registry = new NameRegistry({
    after: this.clock.after,
    nowMs: this.clock.now,
    random: () => 0,
    createResolver: () => ({
      resolve: () => {
        this.askedMs.push(this.clock.ms);
        const answer = this.answer(this.askedMs.length);
        return answer === undefined ? new Promise<Answer>(() => {}) : Promise.resolve(answer);
      },
      close() {},
    }),
    onAnswer: (question, _answer, isChanged) => {
      if (isChanged) this.changes.push([this.clock.ms, this.addressesOf(question)]);
    },
  });

  addressesOf(question = NAME): string {
    return (this.registry.stateOf(question)?.hosts ?? []).map(({ addresses }) => addresses.join('|')).join(' ');
  }

  async start(settings = SETTINGS): Promise<void> {
    void this.registry.add([NAME], settings, 1000);
    await nextTurn();
  }

  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      await nextTurn();
    }
  }
}

test('a name is asked for again when its time is over, within bounds, and only changes are told', async () => {
  const lab = new Lab();
  lab.answer = (count) => found([100, 3000, 600_000][count - 1] ?? undefined, ...['b', 'a'].slice(count === 3 ? 1 : 0));
  await lab.start();
  await lab.advance(80_000);
  assert.deepEqual(lab.askedMs, [0, 1000, 4000, 64_000, 74_000]);
  assert.deepEqual(lab.changes, [
    [0, 'a b'],
    [4000, 'a'],
    [64_000, 'a b'],
  ]);
});

test('the order of the answer is no change', async () => {
  const lab = new Lab();
  lab.answer = (count) => (count % 2 === 0 ? found(1000, '10.0.0.1', '10.0.0.2') : found(1000, '10.0.0.2', '10.0.0.1'));
  await lab.start();
  await lab.advance(5000);
  assert.ok(lab.askedMs.length > 4);
  assert.deepEqual(lab.changes, [[0, '10.0.0.1 10.0.0.2']]);
});

test('what is known stays while nobody answers, asked with growing pauses, and is asked for at once when somebody does', async () => {
  const lab = new Lab();
  lab.answer = (count) => (count === 1 ? found(1000, 'a') : FAILED);
  await lab.start();
  await lab.advance(60_000);
  assert.deepEqual(lab.askedMs, [0, 1000, 1500, 2500, 4500, 8500, 16_500, 31_500, 46_500]);
  assert.equal(lab.addressesOf(), 'a');
  assert.equal(lab.registry.stateOf(NAME)?.error, 'ESERVFAIL');
  lab.answer = () => found(2000, 'b');
  await lab.advance(5000);
  assert.deepEqual([lab.addressesOf(), lab.registry.stateOf(NAME)?.error], ['b', undefined]);
});

test('with a limit stale addresses end after it', async () => {
  const lab = new Lab();
  lab.answer = (count) => (count === 1 ? found(1000, 'a') : FAILED);
  await lab.start({ ...SETTINGS, staleTtlMs: 3000 });
  await lab.advance(4000);
  assert.equal(lab.addressesOf(), 'a');
  await lab.advance(5000);
  assert.deepEqual(lab.changes.at(-1), [4500, '']);
});

test('that there is nothing is believed at the second answer, and asked again after the negative time', async () => {
  const lab = new Lab();
  lab.answer = (count) => (count === 1 || count === 3 ? found(1000, 'a') : ABSENT);
  await lab.start();
  await lab.advance(4000);
  assert.deepEqual(lab.askedMs, [0, 1000, 2000, 3000, 4000]);
  assert.deepEqual(lab.changes, [
    [0, 'a'],
    [4000, ''],
  ]);
  lab.answer = () => found(1000, 'a');
  await lab.advance(4900);
  assert.equal(lab.addressesOf(), '');
  await lab.advance(100);
  assert.equal(lab.addressesOf(), 'a');
});

test('a question without an answer in time has failed, and its answer is not heard any more', async () => {
  const lab = new Lab();
  await lab.start();
  await lab.advance(2000);
  assert.equal(lab.registry.stateOf(NAME)?.error, 'no answer in time');
  assert.equal(lab.registry.stateOf(NAME)?.answeredAtMs, undefined);
  lab.answer = () => found(1000, 'a');
  await lab.advance(600);
  assert.equal(lab.addressesOf(), 'a');
});

test('a name is watched once for everybody, until nobody has it any more', async () => {
  const lab = new Lab();
  lab.answer = () => found(1000, 'a');
  const other = { ...NAME, name: 'other.test' };
  let isThere = false;
  void lab.registry.add([NAME, NAME, other], SETTINGS, 1000).then(() => {
    isThere = true;
  });
  await nextTurn();
  assert.equal(isThere, true, 'all are answered: there is nothing to wait for');
  assert.equal(lab.askedMs.length, 2);
  lab.registry.retain([NAME]);
  await lab.advance(1000);
  assert.equal(lab.askedMs.length, 3);
  assert.equal(lab.registry.stateOf(other), undefined);
  lab.registry.stop();
  assert.equal(lab.clock.pending, 0);
});

test('a start does not wait longer than it is told for names that nobody answers', async () => {
  const lab = new Lab();
  let isOver = false;
  void lab.registry.add([NAME], SETTINGS, 500).then(() => {
    isOver = true;
  });
  await lab.advance(400);
  assert.equal(isOver, false);
  await lab.advance(100);
  assert.equal(isOver, true);
});

test('changed settings ask at once and lose nothing that is known', async () => {
  const lab = new Lab();
  lab.answer = (count) => (count === 1 ? found(60_000, 'a') : FAILED);
  await lab.start();
  await lab.advance(5000);
  void lab.registry.add([NAME], { ...SETTINGS, resolvers: ['10.0.0.53'] }, 1000);
  await nextTurn();
  assert.deepEqual(lab.askedMs, [0, 5000]);
  assert.equal(lab.addressesOf(), 'a');
});
