// OpenRouter. Its own members (`provider`, `models`, `transforms`) pass as they are; translated requests use what it adds to the wire.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const LINE = { pattern: /^[\x21-\x7e][\x20-\x7e]*$/, expected: 'one line of plain text' };

export const openrouter = defineOpenaiCompatible({
  name: 'openrouter',
  summary: 'OpenRouter.',
  defaultBaseUrl: 'https://openrouter.ai/api/v1',
  keyVariables: ['OPENROUTER_API_KEY'],
  schema: s.object({
    referer: s.optional(s.string('Address of the application, which OpenRouter lists it by.', LINE)),
    title: s.optional(s.string('Name of the application there.', LINE)),
    ...QUIRK_OPTIONS,
  }),
  examples: [
    { title: 'With the key of the environment', config: {} },
    { title: 'Listed under a name', config: { referer: 'https://chat.example', title: 'Chat' } },
  ],
  operations: ['chat', 'completions', 'embeddings', 'responses', 'models', 'rerank'],
  fields: ({ referer, title }) => [
    ...(referer === undefined ? [] : [['http-referer', referer] as const]),
    ...(title === undefined ? [] : [['x-title', title] as const]),
  ],
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    returnsReasoningDetails: true,
    reasoningWish: 'object',
    takesCacheControl: true,
    prefill: 'plain',
    parameters: {
      topK: { treatment: 'mapped', as: 'top_k' },
      minP: { treatment: 'mapped', as: 'min_p' },
      repetitionPenalty: { treatment: 'mapped', as: 'repetition_penalty' },
      fileUrl: { treatment: 'mapped', as: 'file.file_data' },
    },
  },
});
