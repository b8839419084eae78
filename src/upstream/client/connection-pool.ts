// What a connection (upstream-connection.ts) needs of the pool it belongs to (endpoint-pool.ts), so that neither file imports the other's body.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DeadlineWheel } from '../../base/deadline-wheel.ts';
import type { EndpointAddress } from './connect.ts';
import type { UpstreamCall } from './upstream-call.ts';

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
