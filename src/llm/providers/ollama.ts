// Ollama on this machine, or where base_url says. It asks for no key.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const UNKNOWN = { treatment: 'dropped', note: 'Ollama passes over it.' } as const;

export const ollama = defineOpenaiCompatible({
  name: 'ollama',
  summary: 'Ollama, on this machine unless a base_url is given. It needs no key.',
  defaultBaseUrl: 'http://127.0.0.1:11434/v1',
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'On this machine', config: {} }],
  operations: ['chat', 'completions', 'embeddings', 'models'],
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    prefill: 'plain',
    parameters: {
      n: { treatment: 'refused', note: 'Ollama gives one answer.' },
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
    },
  },
  embeddings: { drops: ['user'] },
});
