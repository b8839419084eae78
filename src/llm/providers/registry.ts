// Every AI provider, one line each.
import type { ProviderDefinition } from '../provider.ts';
import { google } from './google/google.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { vertex } from './vertex/vertex.ts';

/** The configuration's type is known only inside each definition: it is parsed by that definition's own schema before `compile`. */
export type AnyProviderDefinition = ProviderDefinition<never>;

const PROVIDERS = [openai, openaiCompatible, google, vertex].map(
  (definition) => definition as unknown as AnyProviderDefinition,
);

/** By name. */
export const providerRegistry: ReadonlyMap<string, AnyProviderDefinition> = new Map(
  PROVIDERS.map((definition) => [definition.name, definition]),
);
