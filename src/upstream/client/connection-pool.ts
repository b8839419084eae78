// What a connection (upstream-connection.ts) and the pool it belongs to (endpoint-pool.ts) need of each other, so that neither file
// imports the other's body, and a simulated network can stand in for sockets (scenario/).
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { EndpointAddress } from './connect.ts';
import type { CallHolder, UpstreamCall } from './upstream-call.ts';

/** A connection as its pool sees it; it holds the call that it carries. */
export interface PooledConnection extends CallHolder {
  send(call: UpstreamCall): void;
  /** False once it must not be used again. */
  isReusable(nowMs: number, idleTimeoutMs: number): boolean;
  destroy(): void;
}

/** Begins to connect; the call goes out once the connection stands. */
export type OpenConnection = (pool: ConnectionPool<PooledConnection>, call: UpstreamCall) => PooledConnection;

export interface ConnectionPool<Connection> {
  readonly address: EndpointAddress;
  readonly wheel: DeadlineWheel;
  nowMs(): number;
  tick(): void;
  connected(): void;
  connectFailed(): void;
  /** The connection finished its call. */
  release(connection: Connection): void;
  lost(connection: Connection): void;
  /** A request that died on a stale connection goes out again. */
  replay(call: UpstreamCall): void;
  /** The connection speaks another protocol now and leaves the pool. */
  detach(connection: Connection, socket: Socket): Duplex;
}
