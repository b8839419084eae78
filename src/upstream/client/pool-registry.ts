// The pools of one thread, shared by key over configuration generations: a reload keeps warm connections, and a pool nobody
// refers to any more closes when its last call ends.

import type { EndpointAddress } from './connect.ts';
import type { OpenConnection } from './connection-pool.ts';
import { EndpointPool, type PoolDeps, type PoolSettings } from './endpoint-pool.ts';

interface Entry {
  readonly pool: EndpointPool;
  references: number;
}

export class PoolRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly open: OpenConnection | undefined;

  /** `open`: how connections are made; sockets unless told. */
  constructor(open?: OpenConnection) {
    this.open = open;
  }

  /** `key` names endpoint and every setting that a connection depends on. Pair each call with one `release`. */
  acquire(
    key: string,
    create: () => { address: EndpointAddress; settings: PoolSettings; deps: PoolDeps },
  ): EndpointPool {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const { address, settings, deps } = create();
      entry = { pool: new EndpointPool(address, settings, { ...deps, open: this.open }), references: 0 };
      this.entries.set(key, entry);
    }
    entry.references++;
    return entry.pool;
  }

  release(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined || --entry.references > 0) return;
    this.entries.delete(key);
    entry.pool.close();
  }

  close(): void {
    for (const entry of this.entries.values()) entry.pool.close();
    this.entries.clear();
  }
}
