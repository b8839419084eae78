// A server of vLLM. It asks for a key only if it was started with one.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

export const vllm = defineOpenaiCompatible({
  name: 'vllm',
  summary:
    'A server of vLLM, on this machine unless a base_url is given. It needs no key unless it was started with one.',
  defaultBaseUrl: 'http://127.0.0.1:8000/v1',
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'On this machine', config: {} }],
  operations: ['chat', 'completions', 'embeddings', 'responses', 'models', 'transcription', 'rerank'],
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      minP: { treatment: 'mapped', as: 'min_p' },
      repetitionPenalty: { treatment: 'mapped', as: 'repetition_penalty' },
    },
  },
});
