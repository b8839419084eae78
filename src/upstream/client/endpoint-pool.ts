// The connections of one thread to one endpoint: the most recently used one first, a bound over all threads, a bounded queue.
// Pools outlive configurations: they are shared by key and counted (pool-registry.ts).

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Deadline, DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { EndpointTable } from '../../state/endpoint-table.ts';
import type { EndpointAddress } from './connect.ts';
import type { OpenConnection, PooledConnection } from './connection-pool.ts';
import type { CallHolder, UpstreamCall } from './upstream-call.ts';
import { UpstreamConnection } from './upstream-connection.ts';

export interface PoolSettings {
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly pendingTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** False = every connection serves one request. Default true. */
  readonly keepAlive?: boolean;
}

/** What happens in a pool, for the metrics. */
export interface PoolObserver {
  connectionOpened(): void;
  connectionClosed(): void;
  pendingChanged(change: number): void;
  replayed(): void;
}

export interface PoolDeps {
  readonly table: EndpointTable;
  readonly row: number;
  readonly wheel: DeadlineWheel;
  readonly observer: PoolObserver;
  /** Monotonic. */
  nowMs(): number;
  tick(): void;
  /** Wall clock, for the shared table. */
  wallMs(): number;
  /** Default: a socket. */
  readonly open?: OpenConnection | undefined;
}

const openSocketConnection: OpenConnection = (pool, call) => new UpstreamConnection(pool, call);

/** A call in the queue. */
class Waiter implements Deadline, CallHolder {
  deadlineMs = 0;
  wheelTick = -1;
  readonly call: UpstreamCall;
  private readonly pool: EndpointPool;

  constructor(pool: EndpointPool, call: UpstreamCall) {
    this.pool = pool;
    this.call = call;
  }

  onDeadline(): void {
    this.pool.expire(this);
  }

  dropCall(): void {
    this.pool.forget(this);
  }

  // An unsent call has no answer to hold back.
  pauseCall(): void {}
  resumeCall(): void {}
}

/** How often waiting calls look whether another thread has given a connection back. */
const WAITER_POLL_MS = 20;

export class EndpointPool implements Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  readonly address: EndpointAddress;
  readonly wheel: DeadlineWheel;
  readonly row: number;
  private readonly settings: PoolSettings;
  private readonly deps: PoolDeps;
  private readonly idle: PooledConnection[] = [];
  private readonly all = new Set<PooledConnection>();
  private readonly openConnection: OpenConnection;
  private waiters: Waiter[] = [];
  private isClosing = false;

  constructor(address: EndpointAddress, settings: PoolSettings, deps: PoolDeps) {
    this.address = address;
    this.settings = settings;
    this.deps = deps;
    this.openConnection = deps.open ?? openSocketConnection;
    this.wheel = deps.wheel;
    this.row = deps.row;
  }

  nowMs(): number {
    return this.deps.nowMs();
  }

  tick(): void {
    this.deps.tick();
  }

  /** Sends the call on an idle connection, a new one, or queues it. The receiver hears everything, refusals included. */
  dispatch(call: UpstreamCall): void {
    const connection = call.isUpgrade ? undefined : this.takeIdle();
    if (connection !== undefined) connection.send(call);
    else if (!this.open(call)) this.enqueue(call);
  }

  /** LIFO: the warmest connection is the least likely to be closed under us, and the coldest ones get to expire. */
  private takeIdle(): PooledConnection | undefined {
    const nowMs = this.deps.nowMs();
    for (;;) {
      const connection = this.idle.pop();
      if (connection === undefined) return undefined;
      if (connection.isReusable(nowMs, this.settings.idleTimeoutMs)) return connection;
      connection.destroy();
    }
  }

  private open(call: UpstreamCall): boolean {
    if (!this.deps.table.takeConnection(this.row, this.settings.maxConnections)) return false;
    this.deps.observer.connectionOpened();
    this.all.add(this.openConnection(this, call));
    return true;
  }

  private enqueue(call: UpstreamCall): void {
    if (!this.deps.table.takePending(this.row, this.settings.maxPending)) {
      call.receiver.onFailure({
        code: 'upstream.connection-limit',
        detail: 'too many requests wait for a connection',
        neverSent: true,
      });
      return;
    }
    const waiter = new Waiter(this, call);
    call.holder = waiter;
    this.waiters.push(waiter);
    this.deps.observer.pendingChanged(1);
    this.wheel.set(waiter, this.deps.nowMs() + this.settings.pendingTimeoutMs);
    if (this.deadlineMs === 0) this.wheel.set(this, this.deps.nowMs() + WAITER_POLL_MS);
  }

  forget(waiter: Waiter): void {
    const index = this.waiters.indexOf(waiter);
    if (index === -1) return;
    this.waiters.splice(index, 1);
    this.deps.table.givePending(this.row);
    this.wheel.disarm(waiter);
    waiter.call.holder = undefined;
    this.deps.observer.pendingChanged(-1);
  }

  expire(waiter: Waiter): void {
    this.forget(waiter);
    waiter.call.receiver.onFailure({
      code: 'upstream.connection-limit',
      detail: 'no connection became free in time',
      neverSent: true,
    });
  }

  /** A request that died on a stale connection goes out again, on a fresh one: another idle one may be as stale. */
  replay(call: UpstreamCall): void {
    this.deps.observer.replayed();
    if (!call.isCancelled && !this.open(call)) this.dispatch(call);
  }

  connected(): void {
    this.deps.table.recordConnected(this.row, this.deps.wallMs());
  }

  connectFailed(): void {
    this.deps.table.recordConnectFailure(this.row, this.deps.wallMs());
  }

  /** A connection finished its call. */
  release(connection: PooledConnection): void {
    // Its place is then free: who waits gets a connection of its own.
    if (this.isClosing || this.settings.keepAlive === false) {
      connection.destroy();
      return;
    }
    const waiter = this.waiters[0];
    if (waiter !== undefined) {
      this.forget(waiter);
      connection.send(waiter.call);
      return;
    }
    this.idle.push(connection);
    if (this.deadlineMs === 0) this.wheel.set(this, this.deps.nowMs() + this.settings.idleTimeoutMs);
  }

  lost(connection: PooledConnection): void {
    if (!this.all.delete(connection)) return;
    const index = this.idle.indexOf(connection);
    if (index !== -1) this.idle.splice(index, 1);
    this.deps.table.giveConnection(this.row);
    this.deps.observer.connectionClosed();
    this.serveWaiters();
  }

  /** An upgraded connection leaves the pool but still counts against its limit until it closes. */
  detach(connection: PooledConnection, socket: Socket): Duplex {
    this.all.delete(connection);
    socket.removeAllListeners('data');
    socket.once('close', () => {
      this.deps.table.giveConnection(this.row);
      this.deps.observer.connectionClosed();
    });
    return socket;
  }

  private serveWaiters(): void {
    while (this.waiters.length > 0) {
      const waiter = this.waiters[0];
      if (!this.open(waiter.call)) return;
      this.forgetServed(waiter);
    }
  }

  private forgetServed(waiter: Waiter): void {
    const holder = waiter.call.holder;
    this.forget(waiter);
    waiter.call.holder = holder;
  }

  /** Closes what has been idle too long, the coldest first, and serves waiters when another thread gave a connection back. */
  onDeadline(nowMs: number): void {
    this.serveWaiters();
    while (this.idle.length > 0 && !this.idle[0].isReusable(nowMs, this.settings.idleTimeoutMs)) this.idle[0].destroy();
    if (this.waiters.length > 0) this.wheel.set(this, nowMs + WAITER_POLL_MS);
    else if (this.idle.length > 0) this.wheel.set(this, nowMs + Math.min(1000, this.settings.idleTimeoutMs));
  }

  /** Idle connections go now, busy ones when their call ends. */
  close(): void {
    this.isClosing = true;
    for (const connection of [...this.idle]) connection.destroy();
  }
}
