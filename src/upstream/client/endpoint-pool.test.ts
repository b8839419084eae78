// Connections of two threads to one endpoint, over connections that a test answers for: limits over both, whose turn it is, and
// that nobody waits for a connection which another thread keeps for later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineWheel } from '../../base/deadline-wheel.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../../state/endpoint-table.ts';
import type { ConnectionPool, PooledConnection } from './connection-pool.ts';
import { EndpointPool, type PoolSettings } from './endpoint-pool.ts';
import { UpstreamCall } from './upstream-call.ts';

const SETTINGS: PoolSettings = { maxConnections: 2, maxPending: 8, pendingTimeoutMs: 5000, idleTimeoutMs: 60_000 };

class FakeConnection implements PooledConnection {
  call: UpstreamCall | undefined;
  private readonly pool: ConnectionPool<PooledConnection>;
  private isLost = false;

  constructor(pool: ConnectionPool<PooledConnection>, call: UpstreamCall) {
    this.pool = pool;
    this.send(call);
  }

  send(call: UpstreamCall): void {
    this.call = call;
    call.holder = this;
  }

  /** The endpoint has answered. */
  answer(): void {
    this.call = undefined;
    this.pool.release(this);
  }

  isReusable(): boolean {
    return !this.isLost;
  }

  destroy(): void {
    if (this.isLost) return;
    this.isLost = true;
    this.pool.lost(this);
  }

  dropCall(): void {
    this.destroy();
  }

  pauseCall(): void {}
  resumeCall(): void {}
}

class Thread {
  readonly pool: EndpointPool;
  readonly connections: FakeConnection[] = [];
  readonly failures: string[] = [];
  private readonly wheel: DeadlineWheel;

  constructor(setting: Setting, settings: PoolSettings) {
    this.wheel = new DeadlineWheel({ now: () => setting.nowMs });
    this.pool = new EndpointPool({} as never, settings, {
      table: new EndpointTable(setting.memory, createLedgerMemory(1)),
      row: 0,
      wheel: this.wheel,
      observer: { connectionOpened() {}, connectionClosed() {}, pendingChanged() {}, replayed() {} },
      nowMs: () => setting.nowMs,
      tick() {},
      wallMs: () => setting.nowMs,
      open: (pool, call) => {
        const connection = new FakeConnection(pool, call);
        this.connections.push(connection);
        return connection;
      },
    });
  }

  ask(): void {
    const receiver = { onFailure: ({ code }: { code: string }) => this.failures.push(code) };
    const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1 };
    const parts = { method: 'GET', text: '', bytes: undefined, stream: undefined, isChunked: false, isUpgrade: false };
    this.pool.dispatch(new UpstreamCall(receiver as never, { ...parts, timeouts }));
  }

  get busy(): readonly FakeConnection[] {
    return this.connections.filter(({ call }) => call !== undefined);
  }

  advance(): void {
    this.wheel.advance();
  }
}

class Setting {
  nowMs = 1000;
  readonly memory = createEndpointTableMemory(1, 0);
  readonly threads: readonly [Thread, Thread];

  constructor(settings: Partial<PoolSettings> = {}) {
    this.threads = [new Thread(this, { ...SETTINGS, ...settings }), new Thread(this, { ...SETTINGS, ...settings })];
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 10) {
      this.nowMs += 10;
      for (const thread of this.threads) thread.advance();
    }
  }
}

test('who waits in one thread gets the place of a connection that ends its call in another', () => {
  const setting = new Setting();
  const [one, two] = setting.threads;
  one.ask();
  one.ask();
  two.ask();
  assert.equal(two.busy.length, 0);
  one.busy[0].answer();
  setting.pass(100);
  assert.equal(two.busy.length, 1);
  assert.deepEqual(two.failures, []);
});

test('nobody waits for connections that another thread keeps unused', () => {
  const setting = new Setting();
  const [one, two] = setting.threads;
  one.ask();
  one.ask();
  for (const connection of one.busy) connection.answer();
  setting.pass(2000);
  two.ask();
  two.ask();
  setting.pass(2000);
  assert.equal(two.busy.length, 2);
});

test('without anybody waiting connections are kept, up to their idle time', () => {
  const setting = new Setting();
  const [one] = setting.threads;
  one.ask();
  one.busy[0].answer();
  setting.pass(3000);
  one.ask();
  assert.equal(one.connections.length, 1, 'the same one again');
});

test('keep_alive off: a connection for every call, and its place for who waits', () => {
  const setting = new Setting({ keepAlive: false, maxConnections: 1 });
  const [one] = setting.threads;
  one.ask();
  one.ask();
  one.busy[0].answer();
  assert.equal(one.connections.length, 2);
  assert.equal(one.busy.length, 1);
});

test('property: never more connections than the limit, nor more waiting than may; everybody is served in the end', () => {
  const step = fc.record({ thread: fc.nat(1), action: fc.constantFrom('ask', 'answer', 'pass'), ms: fc.nat(1500) });
  const limits = fc.record({ maxConnections: fc.integer({ min: 1, max: 3 }), maxPending: fc.nat(4) });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 40 }), (bounds, steps) => {
      const setting = new Setting({ ...bounds, pendingTimeoutMs: 1_000_000 });
      let asked = 0;
      for (const { thread: index, action, ms } of steps) {
        const thread = setting.threads[index];
        if (action === 'ask') {
          thread.ask();
          asked++;
        } else if (action === 'answer') thread.busy[0]?.answer();
        else setting.pass(ms);
        const busy = setting.threads.reduce((sum, each) => sum + each.busy.length, 0);
        assert.ok(busy <= bounds.maxConnections);
      }
      const refused = (): number => setting.threads.reduce((sum, each) => sum + each.failures.length, 0);
      assert.ok(asked - refused() >= Math.min(asked, bounds.maxConnections));
      for (let turn = 0; turn < asked; turn++) {
        for (const thread of setting.threads) for (const connection of thread.busy) connection.answer();
        setting.pass(1200);
      }
      const memory = new EndpointTable(setting.memory, createLedgerMemory(1));
      assert.equal(memory.takePending(0, 1), true, 'nobody waits any more');
      assert.ok(setting.threads.every((thread) => thread.busy.length === 0));
    }),
    { seed: 17, numRuns: 300 },
  );
});
