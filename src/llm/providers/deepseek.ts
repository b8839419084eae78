// DeepSeek, which passes over members it does not know without a word, so that the table has to name them.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const UNKNOWN = { treatment: 'dropped', note: 'DeepSeek has no such wish.' } as const;
const TEXT_ONLY = { treatment: 'refused', note: 'DeepSeek reads text only.' } as const;

export const deepseek = defineOpenaiCompatible({
  name: 'deepseek',
  summary: 'DeepSeek.',
  defaultBaseUrl: 'https://api.deepseek.com',
  keyVariables: ['DEEPSEEK_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'models'],
  quirks: {
    maxTokensField: 'max_tokens',
    // Its models ask for their thoughts back between calls of tools.
    reasoningField: 'reasoning_content',
    parameters: {
      n: { treatment: 'refused', note: 'DeepSeek gives one answer.' },
      seed: UNKNOWN,
      logitBias: UNKNOWN,
      parallelToolCalls: UNKNOWN,
      user: UNKNOWN,
      metadata: UNKNOWN,
      serviceTier: UNKNOWN,
      store: UNKNOWN,
      verbosity: UNKNOWN,
      modalities: UNKNOWN,
      prediction: UNKNOWN,
      webSearch: UNKNOWN,
      promptCacheKey: UNKNOWN,
      imageBase64: TEXT_ONLY,
      imageUrl: TEXT_ONLY,
      fileBase64: TEXT_ONLY,
      storedFile: TEXT_ONLY,
      audioInput: TEXT_ONLY,
      toolResultImage: TEXT_ONLY,
      toolResultFile: TEXT_ONLY,
    },
  },
});
