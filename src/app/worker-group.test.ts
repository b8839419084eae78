// All threads or none, deaths at every moment, restarts with growing pauses: with threads that are scripts and time that is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from '../model/backend.ts';
import type { GenerationLoad, PlaneCommand, PlaneSetup } from './messages.ts';
import type { ThreadListener } from './plane-thread.ts';
import { WorkerGroup } from './worker-group.ts';

class FakeThread {
  readonly setup: PlaneSetup;
  readonly commands: PlaneCommand[] = [];
  generation = 0;
  isOver = false;
  private readonly listener: ThreadListener;
  private readonly world: World;

  constructor(setup: PlaneSetup, listener: ThreadListener, world: World) {
    this.setup = setup;
    this.listener = listener;
    this.world = world;
  }

  send(command: PlaneCommand): void {
    this.commands.push(command);
    queueMicrotask(() => this.obey(command));
  }

  private obey(command: PlaneCommand): void {
    if (this.isOver) return;
    const { listener } = this;
    if (command.type === 'load') {
      const { generation } = command.load;
      const verdict = this.world.verdict(generation, this.setup.threadId);
      if (verdict === 'ready') listener.onEvent({ type: 'ready', generation });
      else if (verdict === 'failed') listener.onEvent({ type: 'failed', generation, reason: 'does not compile' });
      else this.die('died while loading');
    } else if (command.type === 'commit') {
      const before = this.generation;
      this.generation = command.generation;
      listener.onEvent({ type: 'committed', generation: command.generation });
      if (before !== 0) listener.onEvent({ type: 'disposed', generation: before });
    } else if (command.type === 'abandon') listener.onEvent({ type: 'disposed', generation: command.generation });
    else if (command.type === 'drain') listener.onEvent({ type: 'drained' });
    else if (command.type === 'stop') listener.onEvent({ type: 'stopped' });
  }

  die(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.listener.onExit(reason);
  }

  terminate(): void {
    queueMicrotask(() => this.die('terminated'));
  }
}

class World {
  nowMs = 0;
  verdict: (generation: number, threadId: number) => 'ready' | 'failed' | 'dies' = () => 'ready';
  readonly threads: FakeThread[] = [];
  readonly released: number[] = [];
  readonly ends: { readonly threadId: number; readonly restartMs: number | undefined }[] = [];
  private timers: { readonly atMs: number; readonly call: () => void }[] = [];

  createGroup(count: number): WorkerGroup {
    return new WorkerGroup({
      count,
      startThread: (setup, listener) => {
        const thread = new FakeThread(setup, listener, this);
        this.threads.push(thread);
        return thread;
      },
      createSetup: (threadId) => ({ threadId }) as PlaneSetup,
      onUnasked: () => {},
      onThreadEnd: ({ threadId }, _reason, restartMs) => this.ends.push({ threadId, restartMs }),
      onReleased: (generation) => this.released.push(generation),
      now: () => this.nowMs,
      after: (delayMs, call) => void this.timers.push({ atMs: this.nowMs + delayMs, call }),
    });
  }

  async pass(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    const due = this.timers.filter((timer) => timer.atMs <= this.nowMs);
    this.timers = this.timers.filter((timer) => timer.atMs > this.nowMs);
    for (const timer of due) timer.call();
    await turn();
  }

  get serving(): readonly number[] {
    return this.threads.filter((thread) => !thread.isOver).map((thread) => thread.generation);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function load(generation: number): GenerationLoad {
  return { generation, model: {}, rows: {} } as GenerationLoad;
}

test('a configuration takes effect in all threads, and the old one is released once', async () => {
  const world = new World();
  const group = world.createGroup(3);
  assert.equal(await group.apply(load(1)), undefined);
  assert.deepEqual(world.serving, [1, 1, 1]);
  assert.equal(await group.apply(load(2)), undefined);
  await turn();
  assert.deepEqual(world.serving, [2, 2, 2]);
  assert.deepEqual(world.released, [1]);
  assert.equal(group.upCount, 3);
});

test('one thread that cannot keeps all at the old configuration', async () => {
  const world = new World();
  const group = world.createGroup(3);
  await group.apply(load(1));
  world.verdict = (generation, threadId) => (generation === 2 && threadId === 3 ? 'failed' : 'ready');
  assert.equal(await group.apply(load(2)), 'does not compile');
  await turn();
  assert.deepEqual(world.serving, [1, 1, 1]);
  assert.deepEqual(world.released, [2]);
});

test('a configuration that kills a thread is refused, and the thread comes back with the old one', async () => {
  const world = new World();
  const group = world.createGroup(2);
  await group.apply(load(1));
  world.verdict = (generation) => (generation === 2 ? 'dies' : 'ready');
  assert.match((await group.apply(load(2))) ?? '', /died while loading/);
  await world.pass(10_000);
  assert.deepEqual(world.serving, [1, 1]);
  assert.equal(group.upCount, 2);
});

test('a thread that dies is replaced while the others serve', async () => {
  const world = new World();
  const group = world.createGroup(2);
  await group.apply(load(1));
  world.threads[0].die('a bug');
  assert.equal(group.upCount, 1);
  assert.deepEqual(world.ends, [{ threadId: 1, restartMs: 200 }]);
  await world.pass(200);
  assert.equal(group.upCount, 2);
  assert.deepEqual(
    world.threads.map((thread) => thread.setup.threadId),
    [1, 2, 3],
  );
});

test('threads that die again and again are restarted ever more slowly, and soon again after a steady time', async () => {
  const world = new World();
  const group = world.createGroup(1);
  await group.apply(load(1));
  for (let death = 0; death < 9; death++) {
    world.threads.at(-1)?.die('a bug');
    await world.pass(world.ends.at(-1)?.restartMs ?? 0);
  }
  assert.deepEqual(
    world.ends.map((end) => end.restartMs),
    [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000],
  );
  await world.pass(60_000);
  world.threads.at(-1)?.die('a bug');
  assert.equal(world.ends.at(-1)?.restartMs, 100);
});

test('a thread that comes back during a reload ends up with the new configuration', async () => {
  const world = new World();
  const group = world.createGroup(2);
  await group.apply(load(1));
  world.threads[0].die('a bug');
  const reloaded = group.apply(load(2));
  await world.pass(200);
  assert.equal(await reloaded, undefined);
  await turn();
  assert.deepEqual(world.serving, [2, 2]);
  assert.deepEqual(world.released, [1]);
});

test('a first configuration that fails starts nothing again', async () => {
  const world = new World();
  world.verdict = () => 'dies';
  const group = world.createGroup(2);
  assert.match((await group.apply(load(1))) ?? '', /died while loading/);
  await world.pass(60_000);
  assert.equal(world.threads.length, 2);
});

test('stopping ends every thread and replaces none', async () => {
  const world = new World();
  const group = world.createGroup(2);
  await group.apply(load(1));
  await group.drain(1000);
  await group.stop();
  await world.pass(60_000);
  assert.equal(world.threads.length, 2);
  assert.deepEqual(
    world.ends.map((end) => end.restartMs),
    [undefined, undefined],
  );
});

test('other endpoints are told to every thread of the generation, and a thread that comes back begins with them', async () => {
  const world = new World();
  const group = world.createGroup(2);
  const rows = { 'b#backend': 7, 'b/1': 1, 'c/1': 2 };
  const whole = { ...load(1), rows };
  const changed = [{ name: 'b', endpoints: [{ id: 'b/1' }] }] as unknown as readonly Backend[];
  const heard = () =>
    world.threads.map(({ commands }) =>
      commands.flatMap((command) => (command.type === 'endpoints' ? command.change : [])),
    );
  group.replaceEndpoints(whole, changed);
  assert.deepEqual(heard(), [], 'nothing runs yet');
  await group.apply(load(1));
  group.replaceEndpoints(whole, changed);
  const change = { generation: 1, backends: changed, rows: { 'b#backend': 7, 'b/1': 1 } };
  assert.deepEqual(heard(), [[change], [change]]);
  world.threads[0].die('a bug');
  await world.pass(200);
  const [first] = world.threads[2].commands;
  assert.equal(first.type === 'load' && first.load, whole);
  await group.apply(load(2));
  group.replaceEndpoints(whole, changed);
  assert.deepEqual(heard(), [[change], [change], []], 'of a generation that is over nobody hears');
});

test('endpoints that change while a thread comes back reach it after its load', async () => {
  const world = new World();
  const group = world.createGroup(1);
  await group.apply(load(1));
  world.threads[0].die('a bug');
  const reviving = world.pass(200);
  group.replaceEndpoints(load(1), []);
  await reviving;
  assert.deepEqual(
    world.threads[1].commands.map(({ type }) => type),
    ['load', 'endpoints', 'commit'],
  );
  assert.deepEqual(world.serving, [1]);
});
