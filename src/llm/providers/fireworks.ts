// Fireworks AI, at the address its documentation gives for OpenAI's clients.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

export const fireworks = defineOpenaiCompatible({
  name: 'fireworks',
  summary: 'Fireworks AI.',
  defaultBaseUrl: 'https://api.fireworks.ai/inference/v1',
  keyVariables: ['FIREWORKS_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'completions', 'embeddings', 'responses', 'models', 'rerank'],
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning_content',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      minP: { treatment: 'mapped', as: 'min_p' },
      repetitionPenalty: { treatment: 'mapped', as: 'repetition_penalty' },
    },
  },
});
