// What a filter is. A filter is one file and one line in filters/registry.ts; everything about it hangs on its definition.
import type { MaybePromise } from '../base/types.ts';
import type { Definition } from '../schema/definition.ts';
import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';
import type { Slot } from './slot.ts';
import type { Stage } from './stages.ts';

export interface Filter {
  /** A Reply ends the request here. */
  onRequest?(exchange: Exchange): MaybePromise<Reply | undefined>;
  /** In reverse order, only if this filter's `onRequest` was reached. */
  onReply?(exchange: Exchange, reply: Reply): MaybePromise<Reply>;
  /** Exactly once, after the last byte. */
  onEnd?(exchange: Exchange): void;
}

export interface FilterDeps {
  readonly clock: { now(): number };
}

export type AttachPoint = 'listener' | 'route' | 'attempt';

export interface FilterDefinition<C> extends Definition<C> {
  readonly stage: Stage;
  readonly attach: readonly AttachPoint[];
  /** Decides what is buffered: a body is held in memory only where `json` or `bytes` is said. */
  readonly inspects: { readonly request: 'head' | 'json' | 'bytes'; readonly reply: 'head' | 'events' | 'bytes' };
  readonly needs?: readonly Slot<unknown>[];
  readonly provides?: readonly Slot<unknown>[];
  compile(config: C, deps: FilterDeps): Filter;
}

/** Keeps the configuration's type inside the definition; the registry holds definitions of every type. */
export function defineFilter<C>(definition: FilterDefinition<C>): FilterDefinition<C> {
  return definition;
}
