// LM Studio's server. It asks for no key.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

export const lmStudio = defineOpenaiCompatible({
  name: 'lm-studio',
  summary: "LM Studio's server, on this machine unless a base_url is given. It needs no key.",
  defaultBaseUrl: 'http://127.0.0.1:1234/v1',
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'On this machine', config: {} }],
  operations: ['chat', 'completions', 'embeddings', 'responses', 'models'],
  quirks: {
    maxTokensField: 'max_tokens',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      repetitionPenalty: { treatment: 'mapped', as: 'repeat_penalty' },
    },
  },
});
