// Every AI provider, one line each.
import type { ProviderDefinition } from '../provider.ts';
import { anthropic } from './anthropic/anthropic.ts';
import { azure } from './azure.ts';
import { bedrock } from './bedrock/bedrock.ts';
import { cohere } from './cohere.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { google } from './google/google.ts';
import { groq } from './groq.ts';
import { lmStudio } from './lm-studio.ts';
import { mistral } from './mistral.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import { together } from './together.ts';
import { vertex } from './vertex/vertex.ts';
import { vllm } from './vllm.ts';
import { xai } from './xai.ts';

/** The configuration's type is known only inside each definition: it is parsed by that definition's own schema before `compile`. */
export type AnyProviderDefinition = ProviderDefinition<never>;

const DEFINITIONS = [
  openai,
  anthropic,
  google,
  vertex,
  azure,
  bedrock,
  mistral,
  cohere,
  groq,
  together,
  fireworks,
  deepseek,
  xai,
  openrouter,
  perplexity,
  ollama,
  vllm,
  lmStudio,
  openaiCompatible,
];

const PROVIDERS = DEFINITIONS.map((definition) => definition as unknown as AnyProviderDefinition);

/** By name. */
export const providerRegistry: ReadonlyMap<string, AnyProviderDefinition> = new Map(
  PROVIDERS.map((definition) => [definition.name, definition]),
);
