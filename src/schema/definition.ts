// What every extension has: filter, balancer, provider. Docs, JSON Schema and `check` read only this.
import type { Schema } from './schema.ts';

export interface Definition<C> {
  /** Kebab case, unique among its kind. */
  readonly name: string;
  readonly summary: string;
  readonly schema: Schema<C>;
  readonly examples: readonly { readonly title: string; readonly config: C }[];
}
