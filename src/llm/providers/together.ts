// Together AI, as its official SDK reaches it.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

export const together = defineOpenaiCompatible({
  name: 'together',
  summary: 'Together AI.',
  defaultBaseUrl: 'https://api.together.xyz/v1',
  keyVariables: ['TOGETHER_API_KEY'],
  baseUrlVariables: ['TOGETHER_BASE_URL'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'completions', 'embeddings', 'models', 'images', 'speech', 'transcription', 'rerank'],
  quirks: {
    maxTokensField: 'max_tokens',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      minP: { treatment: 'mapped', as: 'min_p' },
      repetitionPenalty: { treatment: 'mapped', as: 'repetition_penalty' },
    },
  },
  embeddings: { drops: ['user'], takesTokens: false },
});
