// Perplexity's chat, which searches by itself, calls no tools, and tells usage in every chunk unasked.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const UNKNOWN = { treatment: 'dropped', note: 'Perplexity passes over it.' } as const;

export const perplexity = defineOpenaiCompatible({
  name: 'perplexity',
  summary: 'Perplexity.',
  defaultBaseUrl: 'https://api.perplexity.ai',
  keyVariables: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat'],
  quirks: {
    asksUsage: false,
    maxTokensField: 'max_tokens',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      n: { treatment: 'refused', note: 'Perplexity gives one answer.' },
      tools: { treatment: 'refused', note: 'Perplexity calls no tools.' },
      toolChoice: UNKNOWN,
      parallelToolCalls: UNKNOWN,
      stop: UNKNOWN,
      seed: UNKNOWN,
      logprobs: UNKNOWN,
      logitBias: UNKNOWN,
      serviceTier: UNKNOWN,
    },
  },
});
