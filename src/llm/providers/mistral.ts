// Mistral, as its official SDK reaches it. It refuses members it does not know, and tells usage at the end of streams unasked.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const UNKNOWN = { treatment: 'dropped', note: 'Mistral has no such wish.' } as const;
const OTHER_PART = { treatment: 'refused', note: 'Mistral writes it in a way of its own.' } as const;

export const mistral = defineOpenaiCompatible({
  name: 'mistral',
  summary: 'Mistral AI.',
  defaultBaseUrl: 'https://api.mistral.ai/v1',
  keyVariables: ['MISTRAL_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'embeddings', 'models', 'transcription'],
  quirks: {
    asksUsage: false,
    maxTokensField: 'max_tokens',
    prefill: 'flagged',
    parameters: {
      seed: { treatment: 'mapped', as: 'random_seed' },
      logprobs: UNKNOWN,
      logitBias: UNKNOWN,
      user: UNKNOWN,
      serviceTier: UNKNOWN,
      store: UNKNOWN,
      verbosity: UNKNOWN,
      modalities: UNKNOWN,
      webSearch: UNKNOWN,
      promptCacheKey: UNKNOWN,
      messageName: UNKNOWN,
      refusalText: UNKNOWN,
      fileBase64: OTHER_PART,
      storedFile: OTHER_PART,
      audioInput: OTHER_PART,
      toolResultFile: OTHER_PART,
    },
  },
  embeddings: { drops: ['dimensions', 'user'], takesTokens: false },
});
