// How clients of the completions of old call what the parameter tables speak of.
import type { FieldNames } from '../../parameter-table.ts';

export const openaiCompletionsFieldNames: FieldNames = {
  maxOutputTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  repetitionPenalty: 'repetition_penalty',
  stop: 'stop',
  seed: 'seed',
  n: 'n',
  logprobs: 'logprobs',
  logitBias: 'logit_bias',
  user: 'user',
  suffix: 'suffix',
  echo: 'echo',
  bestOf: 'best_of',
};
