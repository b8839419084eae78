// Groq, at the address its documentation gives for OpenAI's clients.
import { s } from '../../schema/builder.ts';
import { defineOpenaiCompatible } from '../openai-compatible.ts';
import { QUIRK_OPTIONS } from '../openai-quirks.ts';

const REFUSED_THERE = { treatment: 'dropped', note: 'Groq answers it with an error.' } as const;

export const groq = defineOpenaiCompatible({
  name: 'groq',
  summary: 'Groq.',
  defaultBaseUrl: 'https://api.groq.com/openai/v1',
  keyVariables: ['GROQ_API_KEY'],
  schema: s.object(QUIRK_OPTIONS),
  examples: [{ title: 'With the key of the environment', config: {} }],
  operations: ['chat', 'responses', 'models', 'speech', 'transcription'],
  quirks: {
    maxTokensField: 'max_completion_tokens',
    parameters: {
      n: { treatment: 'refused', note: 'Groq gives one answer.' },
      logprobs: REFUSED_THERE,
      logitBias: REFUSED_THERE,
      messageName: REFUSED_THERE,
    },
  },
});
