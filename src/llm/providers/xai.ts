// xAI, as its documentation reaches it with OpenAI's clients.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

export const xai = defineOpenaiCompatible({
  name: 'xai',
  summary: 'xAI.',
  defaultBaseUrl: 'https://api.x.ai/v1',
  keyVariables: ['XAI_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'responses', 'models', 'images'],
  quirks: {
    maxTokensField: 'max_completion_tokens',
    parameters: { logitBias: { treatment: 'dropped', note: 'xAI does not take it.' } },
  },
});
