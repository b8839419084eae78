// A name clients may use as `model`, and what it stands for.
import type { Id } from '../base/types.ts';
import type { Origin } from './origin.ts';

/** One candidate of an alias. Without `backend` the route's own backends serve it; without `model` theirs is kept. */
export interface AliasTarget {
  readonly backend?: Id<'backend'>;
  readonly model?: string;
  readonly weight: number;
  readonly tier: number;
}

export interface ModelAlias {
  readonly alias: string;
  readonly origin: Origin;
  readonly targets: readonly AliasTarget[];
}
