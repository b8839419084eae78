// Any server that speaks OpenAI's API: llama.cpp, SGLang, another gateway. It is found by `base_url`.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible, OPENAI_OPERATIONS } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';
import type { Operation } from '../operation.ts';

const OFFERED = [...OPENAI_OPERATIONS, 'rerank'] as const satisfies readonly Operation[];

export const openaiCompatible = defineOpenaiCompatible({
  name: 'openai-compatible',
  summary:
    'Any server that speaks the API of OpenAI, at the base_url given. It needs no key unless the server asks for one.',
  schema: s.object({
    operations: s.optional(
      s.array(
        s.choice(OFFERED, 'An operation.'),
        'What the server offers; default everything. Responses and legacy completions that it does not offer are asked for as chat.',
      ),
    ),
    ...QUIRK_OPTIONS,
  }),
  examples: [
    { title: 'A server that takes all of the API', config: {} },
    { title: 'A server that refuses `stream_options`', config: { stream_options: false } },
    { title: 'A server that has chat alone', config: { operations: ['chat', 'models'] } },
  ],
  operations: (config) => config.operations ?? OFFERED,
  quirks: { maxTokensField: 'max_tokens' },
});
