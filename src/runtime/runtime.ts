// One configuration generation, immutable: the compiled listeners of the gateway and the count of exchanges still inside it.
// An exchange lives and dies with the generation it began in.

import type { Backend } from '../model/backend.ts';
import type { ExchangeHandlerOf } from './dispatch.ts';
import type { ExplainRequest, Explanation } from './explain.ts';

/** A backend of this generation as far as it has to be looked after (compile-backend.ts). */
export interface HeldBackend {
  replaceEndpoints(backend: Backend, rows: Readonly<Record<string, number>>): void;
  /** Gives its connections back. */
  release(): void;
}

export class Runtime {
  readonly generation: number;
  private readonly handlers: ReadonlyMap<string, ExchangeHandlerOf>;
  private readonly backends: ReadonlyMap<string, HeldBackend>;
  private active = 0;
  private disposed: { resolve(): void } | undefined;

  constructor(
    generation: number,
    handlers: ReadonlyMap<string, ExchangeHandlerOf>,
    backends: ReadonlyMap<string, HeldBackend>,
  ) {
    this.generation = generation;
    this.handlers = handlers;
    this.backends = backends;
    for (const handler of handlers.values()) handler.bind(this);
  }

  /** The handler of a listener by its id; undefined when this generation does not have it. */
  handlerFor(listenerId: string): ExchangeHandlerOf | undefined {
    return this.handlers.get(listenerId);
  }

  /** Explains a request against a listener, the first one when none is named. */
  async explain(request: ExplainRequest, listenerId?: string): Promise<Explanation | undefined> {
    const handler = listenerId === undefined ? this.handlers.values().next().value : this.handlers.get(listenerId);
    return handler?.explain(request);
  }

  /** What discovery found for one backend; everything else of the generation stays as it is (ADR 0012). */
  replaceEndpoints(backend: Backend, rows: Readonly<Record<string, number>>): void {
    this.backends.get(backend.id)?.replaceEndpoints(backend, rows);
  }

  enter(): void {
    this.active++;
  }

  leave(): void {
    this.active--;
    if (this.active === 0) this.disposed?.resolve();
  }

  get activeExchanges(): number {
    return this.active;
  }

  /** Resolves when the last exchange ended and everything held for them was given back. */
  async dispose(): Promise<void> {
    if (this.active > 0) await new Promise<void>((resolve) => (this.disposed = { resolve }));
    for (const backend of this.backends.values()) backend.release();
  }
}
