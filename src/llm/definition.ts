// The part of every definition that documentation and checks read; the same shape as model/definition.ts, which llm may not import.
import type { Schema } from '../schema/schema.ts';

export interface Definition<C> {
  readonly name: string;
  readonly summary: string;
  readonly schema: Schema<C>;
  readonly examples: readonly { readonly title: string; readonly config: C }[];
}
