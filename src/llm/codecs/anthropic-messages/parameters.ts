// What becomes of each wish at Anthropic's API. What hangs on values is in settle.ts; the notes say both.
import type { FieldNames, FieldTreatment, ParameterTable } from '../../parameter-table.ts';
import type { ModelTraits } from './model-traits.ts';
import { BUDGETS } from './thinking.ts';

const DROPPED = (note: string): FieldTreatment => ({ treatment: 'dropped', note });
const REFUSED = (note: string): FieldTreatment => ({ treatment: 'refused', note });
const NO_WORD = 'The API has no word for it.';

const budgets = Object.entries(BUDGETS)
  .map(([effort, tokens]) => `${effort} ${tokens}`)
  .join(', ');

const LATEST_REFUSE = 'Dropped for Claude 4.7 and later, which refuse it.';

const BASE: ParameterTable = {
  maxOutputTokens: {
    treatment: 'mapped',
    as: 'max_tokens',
    note:
      'Demanded by the API: without it what the model can give is asked for (`max_output_tokens` of its price entry, else by its ' +
      'generation, 4096 where neither is known; at most half of a known context window).',
  },
  temperature: {
    treatment: 'mapped',
    as: 'temperature',
    note: `Above 1 it is sent as 1. Dropped beside thinking unless it is 1. ${LATEST_REFUSE}`,
  },
  topP: {
    treatment: 'mapped',
    as: 'top_p',
    note: `Dropped beside a temperature (from Claude 4.1 on) and, below 0.95, beside thinking. ${LATEST_REFUSE}`,
  },
  topK: { treatment: 'mapped', as: 'top_k', note: `Dropped beside thinking. ${LATEST_REFUSE}` },
  minP: DROPPED(NO_WORD),
  frequencyPenalty: DROPPED(NO_WORD),
  presencePenalty: DROPPED(NO_WORD),
  repetitionPenalty: DROPPED(NO_WORD),
  stop: {
    treatment: 'mapped',
    as: 'stop_sequences',
    note: 'Sequences of nothing but space are dropped: the API refuses them.',
  },
  seed: DROPPED(NO_WORD),
  n: { treatment: 'mapped', note: 'One answer, as always; more are refused.' },
  logprobs: DROPPED(NO_WORD),
  logitBias: DROPPED(NO_WORD),
  tools: {
    treatment: 'mapped',
    as: 'tools',
    note: '`strict` holds from Claude 4.5 on. Tools that the history names and the request does not are declared, and cannot be called.',
  },
  toolChoice: { treatment: 'mapped', as: 'tool_choice' },
  parallelToolCalls: { treatment: 'mapped', as: 'tool_choice.disable_parallel_tool_use' },
  responseFormat: {
    treatment: 'mapped',
    as: 'output_config.format',
    note:
      'From Claude 4.5 on a schema without open objects is enforced by the API: objects are closed, keywords it cannot check go into ' +
      'descriptions. Else, and for JSON without a schema, the model must call a tool whose input becomes the text of the answer; ' +
      'thinking is dropped for it. Where the client demands a tool call, there is no text to format.',
  },
  reasoning: {
    treatment: 'mapped',
    as: 'thinking',
    note:
      `Adaptive with output_config.effort from Claude 4.6 on (minimal is sent as low). Before that a budget: ${budgets}, at most 80 % of ` +
      'the limit of output tokens. Dropped where that leaves less than 1024, beside a demanded tool call, for calls in the ' +
      'history without their thought, for models that do not think, and "none" for those that always do.',
  },
  user: { treatment: 'mapped', as: 'metadata.user_id' },
  metadata: DROPPED('The API keeps a user_id only.'),
  serviceTier: {
    treatment: 'mapped',
    as: 'service_tier',
    note: 'auto and priority are sent as auto, default and standard as standard_only; others are dropped.',
  },
  store: DROPPED('Nothing is stored.'),
  verbosity: DROPPED(NO_WORD),
  modalities: { treatment: 'mapped', note: 'Text, as always; others are refused.' },
  audioOutput: REFUSED('The models do not speak.'),
  prediction: DROPPED(NO_WORD),
  webSearch: DROPPED("Another provider's search."),
  promptCacheKey: DROPPED('Caching is asked for by marks.'),
  safetySettings: DROPPED(NO_WORD),
  cachedContent: REFUSED('Stored at another provider.'),
  previousResponseId: REFUSED('Stored at another provider.'),
  conversation: REFUSED('Stored at another provider.'),
  background: REFUSED('The API answers at once.'),
  truncation: DROPPED('A conversation that is too long is refused by the API.'),
  suffix: REFUSED('The models do not fill gaps.'),
  echo: REFUSED('The prompt is not repeated.'),
  bestOf: DROPPED(NO_WORD),
  systemMessage: {
    treatment: 'mapped',
    as: 'system',
    note: 'Alone, without any other message, the last one is asked as the user.',
  },
  laterSystemMessage: {
    treatment: 'mapped',
    as: 'system',
    note: 'All stand in front of the conversation, in their order.',
  },
  messageName: DROPPED(NO_WORD),
  imageBase64: { treatment: 'mapped', as: 'content[].source', note: "Refused in the assistant's messages." },
  imageUrl: { treatment: 'mapped', as: 'content[].source' },
  imageDetail: DROPPED(NO_WORD),
  fileBase64: {
    treatment: 'mapped',
    as: 'content[].source',
    note: 'PDF, and text, which is sent as text; others are refused.',
  },
  fileUrl: { treatment: 'mapped', as: 'content[].source', note: 'The API reads PDF from there.' },
  fileText: { treatment: 'mapped', as: 'content[].source' },
  storedFile: {
    treatment: 'mapped',
    as: 'content[].source.file_id',
    note: 'Refused from clients of another API: it is not stored here.',
  },
  audioInput: REFUSED('The models do not hear.'),
  toolResultImage: { treatment: 'mapped', as: 'content[].content[]' },
  toolResultFile: { treatment: 'mapped', as: 'content[].content[]' },
  toolError: { treatment: 'mapped', as: 'content[].is_error' },
  reasoningText: { treatment: 'mapped', as: 'content[].thinking', note: 'Dropped without the signature of a Claude.' },
  reasoningSignature: { treatment: 'mapped', as: 'content[].signature' },
  redactedReasoning: { treatment: 'mapped', as: 'content[].data', note: "Dropped when it is another provider's." },
  refusalText: { treatment: 'mapped', as: 'content[].text' },
  cacheMark: { treatment: 'mapped', as: 'cache_control', note: 'The last four; those before are dropped.' },
  providerTool: REFUSED("Another provider's tool."),
  citations: { treatment: 'mapped', as: 'content[].citations', note: 'Dropped from clients of another API.' },
  assistantPrefill: {
    treatment: 'mapped',
    as: 'messages[]',
    note: 'Refused for Claude 4.6 and later, which do not go on with it.',
  },
};

export function parametersFor({ takesSampling, takesPrefill }: ModelTraits): ParameterTable {
  const sampling = DROPPED(LATEST_REFUSE);
  return {
    ...BASE,
    ...(takesSampling ? {} : { temperature: sampling, topP: sampling, topK: sampling }),
    ...(takesPrefill ? {} : { assistantPrefill: REFUSED(BASE.assistantPrefill.note ?? '') }),
  };
}

/** The client's own names, for signals and errors. */
export const FIELD_NAMES: FieldNames = {
  maxOutputTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  responseFormat: 'output_config.format',
  reasoning: 'thinking',
  user: 'metadata.user_id',
  serviceTier: 'service_tier',
  systemMessage: 'system',
  laterSystemMessage: 'messages[].role',
  imageBase64: 'messages[].content[].source',
  imageUrl: 'messages[].content[].source.url',
  fileBase64: 'messages[].content[].source',
  fileUrl: 'messages[].content[].source.url',
  fileText: 'messages[].content[].source.data',
  storedFile: 'messages[].content[].source.file_id',
  toolResultImage: 'messages[].content[].content[]',
  toolResultFile: 'messages[].content[].content[]',
  toolError: 'messages[].content[].is_error',
  reasoningText: 'messages[].content[].thinking',
  reasoningSignature: 'messages[].content[].signature',
  redactedReasoning: 'messages[].content[].data',
  cacheMark: 'cache_control',
  providerTool: 'tools[].type',
  citations: 'messages[].content[].citations',
  assistantPrefill: 'messages[]',
};
