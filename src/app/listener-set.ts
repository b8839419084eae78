// The listening servers of one thread over configuration generations: opens what a generation adds before it takes effect,
// closes what it dropped after, and lets the rest run on untouched.
import { invariant } from '../errors/bug.ts';
import type { Listener } from '../model/listener.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ThreadResources } from '../runtime/thread-resources.ts';
import { createListenerServer, type ListenerServer } from '../server/listener-server.ts';
import { listenFailure } from './port-probe.ts';

/** A server is kept while these stay the same; anything else about a listener is changed in place. */
function serverKey({ id, address, port, protocol }: Listener): string {
  return JSON.stringify([id, address, port, protocol]);
}

/** A server and the generation that answers its requests: the newest one that has its listener. */
interface Entry {
  readonly server: ListenerServer;
  runtime: Runtime;
}

const POLL_MS = 50;

export class ListenerSet {
  private readonly resources: ThreadResources;
  private readonly reusePort: boolean;
  private entries = new Map<string, Entry>();
  /** Opened for a generation that is not in effect yet. */
  private opened = new Map<string, Entry>();
  /** Dropped by a newer generation, still finishing what they accepted. */
  private leaving: Entry[] = [];

  constructor(resources: ThreadResources, reusePort: boolean) {
    this.resources = resources;
    this.reusePort = reusePort;
  }

  /** Opens what this model has and the running one has not. Gives the reason when one cannot be opened; `close` it then. */
  async open(listeners: readonly Listener[], runtime: Runtime): Promise<string | undefined> {
    for (const listener of listeners) {
      const key = serverKey(listener);
      if (this.entries.has(key)) continue;
      const entry = this.createEntry(listener, runtime);
      this.opened.set(key, entry);
      try {
        await entry.server.listen({ reusePort: this.reusePort, port: listener.port });
      } catch (error) {
        return listenFailure(error, listener.port, listener.address);
      }
    }
    return undefined;
  }

  private createEntry(listener: Listener, runtime: Runtime): Entry {
    const server = createListenerServer(listener, {
      handler: () => {
        const handler = entry.runtime.handlerFor(listener.id);
        invariant(handler !== undefined, `generation ${entry.runtime.generation} lacks its listener ${listener.id}`);
        return handler;
      },
      wheel: this.resources.wheel,
      observer: this.resources.metrics,
      nowMs: this.resources.nowMs,
      tick: this.resources.tick,
      isDraining: this.resources.isDraining,
    });
    const entry: Entry = { server, runtime };
    return entry;
  }

  /** Closes what `open` opened. */
  abandon(): void {
    for (const { server } of this.opened.values()) server.closeAll();
    this.opened = new Map();
  }

  /** What `open` prepared takes effect; listeners the model lacks stop accepting. */
  commit(listeners: readonly Listener[], runtime: Runtime): void {
    const entries = new Map<string, Entry>();
    for (const listener of listeners) {
      const key = serverKey(listener);
      const kept = this.entries.get(key);
      const entry = kept ?? this.opened.get(key);
      invariant(entry !== undefined, `listener ${listener.id} was not opened`);
      entry.runtime = runtime;
      kept?.server.update(listener);
      entries.set(key, entry);
    }
    for (const [key, entry] of this.entries) {
      if (entries.has(key)) continue;
      this.leaving.push(entry);
      entry.server.drain();
    }
    this.entries = entries;
    this.opened = new Map();
  }

  /** Resolves when no dropped listener still has a connection that this generation would have to answer. */
  async whenLeft(runtime: Runtime): Promise<void> {
    while (this.leaving.some((entry) => entry.runtime === runtime && entry.server.openConnections() > 0)) await pause();
    this.leaving = this.leaving.filter((entry) => entry.runtime !== runtime);
  }

  private all(): readonly Entry[] {
    return [...this.entries.values(), ...this.opened.values(), ...this.leaving];
  }

  /** Stops accepting and closes idle connections; resolves when the last one is closed. */
  async drain(): Promise<void> {
    for (const { server } of this.all()) server.drain();
    while (this.all().some(({ server }) => server.openConnections() > 0)) await pause();
  }

  cutAll(): void {
    for (const { server } of this.all()) server.cutAll();
  }

  closeAll(): void {
    for (const { server } of this.all()) server.closeAll();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
