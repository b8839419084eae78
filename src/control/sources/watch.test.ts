// Edits are noticed once each, whatever number of events they make, with fake time and folders.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { SourceWatcher, type WatchDeps } from './watch.ts';

interface Timer {
  readonly atMs: number;
  readonly call: () => void;
}

class FakeWorld implements WatchDeps {
  nowMs = 0;
  stampText = 'first';
  readonly folders = new Map<string, () => void>();
  readonly unwatchable = new Set<string>();
  private timers: Timer[] = [];

  now(): number {
    return this.nowMs;
  }

  stamp(): string {
    return this.stampText;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, call };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  watchFolder(folder: string, onEvent: () => void): { close(): void } | undefined {
    if (this.unwatchable.has(folder)) return undefined;
    this.folders.set(folder, onEvent);
    return { close: () => this.folders.delete(folder) };
  }

  event(folder: string): void {
    this.folders.get(resolve(folder))?.();
  }

  /** Time passes; timers fire in order. */
  pass(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const next = this.timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.nowMs = next.atMs;
      next.call();
    }
    this.nowMs = endMs;
  }
}

function start(): { world: FakeWorld; watcher: SourceWatcher; changes: () => number } {
  const world = new FakeWorld();
  let count = 0;
  const watcher = new SourceWatcher(world, () => count++);
  watcher.follow({ files: ['conf/a.yaml', 'other/b.yaml'], folders: ['conf'] });
  return { world, watcher, changes: () => count };
}

test('watches the folders of files, so that a rename over a file is seen', () => {
  const { world } = start();
  assert.deepEqual([...world.folders.keys()].sort(), [resolve('conf'), resolve('other')]);
});

test('many events of one edit are one change, soon after the last', () => {
  const { world, changes } = start();
  world.stampText = 'second';
  for (let event = 0; event < 5; event++) {
    world.event('conf');
    world.pass(20);
  }
  assert.equal(changes(), 0);
  world.pass(60);
  assert.equal(changes(), 1);
  world.pass(1000);
  assert.equal(changes(), 1);
});

test('a folder that never rests is read all the same', () => {
  const { world, changes } = start();
  for (let event = 0; event < 40; event++) {
    world.stampText = `edit ${event}`;
    world.event('conf');
    world.pass(50);
  }
  assert.ok(changes() >= 5, `${changes()} changes in 2 s of events`);
});

test('the poll sees what no event told, once', () => {
  const { world, changes } = start();
  world.stampText = 'second';
  world.pass(2200);
  assert.equal(changes(), 1);
  world.pass(10_000);
  assert.equal(changes(), 1);
});

test('an edit seen by event is not seen again by the poll', () => {
  const { world, changes } = start();
  world.stampText = 'second';
  world.event('other');
  world.pass(10_000);
  assert.equal(changes(), 1);
});

test('other files in the same folder are not a change', () => {
  const { world, changes } = start();
  world.event('conf');
  world.pass(5000);
  assert.equal(changes(), 0);
});

test('an edit made while the last one was read is seen', () => {
  const { world, watcher, changes } = start();
  world.stampText = 'second';
  world.event('conf');
  world.pass(100);
  world.stampText = 'third';
  watcher.follow({ files: ['conf/a.yaml', 'other/b.yaml'], folders: ['conf'] });
  world.pass(3000);
  assert.equal(changes(), 2);
});

test('folders come and go with what was read, and new ones are looked at once more', () => {
  const { world, watcher, changes } = start();
  watcher.follow({ files: ['new/c.yaml'], folders: [] });
  assert.deepEqual([...world.folders.keys()], [resolve('new')]);
  world.pass(500);
  assert.equal(changes(), 1);
  world.stampText = 'second';
  world.event('conf');
  world.pass(500);
  assert.equal(changes(), 1);
});

test('a folder that could not be watched is tried again at the next load', () => {
  const { world, watcher } = start();
  world.unwatchable.add(resolve('late'));
  watcher.follow({ files: ['late/a.yaml'], folders: [] });
  assert.equal(world.folders.size, 0);
  world.unwatchable.clear();
  watcher.follow({ files: ['late/a.yaml'], folders: [] });
  assert.deepEqual([...world.folders.keys()], [resolve('late')]);
});

test('nothing happens after closing', () => {
  const { world, watcher, changes } = start();
  world.stampText = 'second';
  world.event('conf');
  watcher.close();
  world.pass(10_000);
  assert.equal(changes(), 0);
  assert.equal(world.folders.size, 0);
});
