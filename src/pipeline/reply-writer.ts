// How a reply leaves: the one interface between the runtime and the protocols in server/. Push style, because a promise or
// iterator per piece costs more than the piece (ADR 0006).
import type { ByteSink } from '../wire/byte-sink.ts';
import type { HeaderList } from '../wire/header-list.ts';

/** Who produces the body, so that the writer can hold it back while the client is slow. */
export interface ReplySource {
  pauseReply(): void;
  resumeReply(): void;
}

/** `length`: the lines hold Content-Length. `chunked`: length unknown. `none`: no body follows, whatever the lines say. */
export type ReplyFraming = 'length' | 'chunked' | 'none';

export interface ReplyHead {
  readonly status: number;
  /** Empty = the registered phrase. */
  readonly reason: string;
  /** Complete header lines, each ending in CRLF, without hop-by-hop fields: framing and connection are the writer's. */
  readonly lines: string;
}

/**
 * Writes one reply: any number of `informational`, then `begin`, body pieces, `end` – or `abort`, which makes the cut visible
 * to the client. Everything between two `flush` calls leaves in one write to the kernel; `end` flushes.
 */
export interface ReplyWriter extends ByteSink {
  informational(head: ReplyHead): void;
  begin(head: ReplyHead, framing: ReplyFraming, source: ReplySource): void;
  flush(): void;
  end(trailers: HeaderList | undefined): void;
  abort(): void;
  /** Takes over the connection for an upgraded protocol after a 101; undefined where that is impossible. */
  upgrade(head: ReplyHead): UpgradedConnection | undefined;
  /** True once `begin` was called. */
  readonly isBegun: boolean;
}

/** The raw connection of an upgraded exchange. */
export interface UpgradedConnection {
  readonly socket: import('node:stream').Duplex;
  /** Bytes the client sent behind its request head. */
  readonly early: Buffer;
}
