// Cohere: chat and embeddings at its compatibility endpoint, which refuses `stream_options`, and its own rerank.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const UNKNOWN = { treatment: 'dropped', note: 'The compatibility endpoint does not take it.' } as const;

export const cohere = defineOpenaiCompatible({
  name: 'cohere',
  summary: 'Cohere, through its compatibility endpoint, with its native rerank.',
  defaultBaseUrl: 'https://api.cohere.com',
  keyVariables: ['CO_API_KEY', 'COHERE_API_KEY'],
  baseUrlVariables: ['CO_API_URL'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'embeddings', 'rerank'],
  paths: {
    chat: '/compatibility/v1/chat/completions',
    embeddings: '/compatibility/v1/embeddings',
    rerank: '/v2/rerank',
  },
  quirks: {
    asksUsage: false,
    maxTokensField: 'max_tokens',
    parameters: {
      n: { treatment: 'refused', note: 'Cohere gives one answer.' },
      logprobs: UNKNOWN,
      logitBias: UNKNOWN,
      parallelToolCalls: UNKNOWN,
      metadata: UNKNOWN,
      serviceTier: UNKNOWN,
      store: UNKNOWN,
      modalities: UNKNOWN,
      prediction: UNKNOWN,
    },
  },
  embeddings: { drops: ['dimensions', 'user'], takesTokens: false },
});
