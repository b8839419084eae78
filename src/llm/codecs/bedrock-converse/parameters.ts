// What Bedrock's Converse can be told. The common part, and what each maker's models have beyond it.
import type { ChatField, FieldTreatment, ParameterTable } from '../../parameter-table.ts';
import type { ModelFamily } from './model-family.ts';

const mapped = (as: string, note?: string): FieldTreatment => ({
  treatment: 'mapped',
  as,
  ...(note !== undefined && { note }),
});
const dropped = (note: string): FieldTreatment => ({ treatment: 'dropped', note });
const refused = (note: string): FieldTreatment => ({ treatment: 'refused', note });

const NO_WORD = 'Converse has no field for it';
const NOT_STORED = 'Bedrock stores no answers';

const COMMON: ParameterTable = {
  maxOutputTokens: mapped('inferenceConfig.maxTokens'),
  temperature: mapped('inferenceConfig.temperature'),
  topP: mapped('inferenceConfig.topP'),
  topK: dropped('this model takes none'),
  minP: dropped(NO_WORD),
  frequencyPenalty: dropped(NO_WORD),
  presencePenalty: dropped(NO_WORD),
  repetitionPenalty: dropped(NO_WORD),
  stop: mapped('inferenceConfig.stopSequences'),
  seed: dropped(NO_WORD),
  n: refused('one answer per request'),
  logprobs: dropped(NO_WORD),
  logitBias: dropped(NO_WORD),
  tools: mapped('toolConfig.tools', 'without them, earlier calls and results are sent as text'),
  toolChoice: mapped('toolConfig.toolChoice', '`none`: tools are left out, earlier calls and results are sent as text'),
  parallelToolCalls: dropped(NO_WORD),
  responseFormat: mapped('outputConfig.textFormat', 'JSON without a schema is asked for in the system prompt'),
  reasoning: dropped('this model cannot be told how to think'),
  user: dropped(NO_WORD),
  metadata: mapped('requestMetadata'),
  serviceTier: mapped('serviceTier.type', '`auto` is left to Bedrock; `standard`, `standard_only` are `default`'),
  store: dropped(NOT_STORED),
  verbosity: dropped(NO_WORD),
  modalities: dropped(NO_WORD),
  audioOutput: refused('the answer is never audio'),
  prediction: dropped(NO_WORD),
  webSearch: refused('Converse does not search'),
  promptCacheKey: dropped('caches are found by their content'),
  safetySettings: dropped('guardrails are settings of the backend'),
  cachedContent: refused('contents are not stored'),
  previousResponseId: refused(NOT_STORED),
  conversation: refused(NOT_STORED),
  background: refused(NOT_STORED),
  truncation: dropped('a conversation too long is refused by the model'),
  suffix: refused(NO_WORD),
  echo: refused(NO_WORD),
  bestOf: dropped(NO_WORD),
  systemMessage: mapped('system'),
  laterSystemMessage: mapped('system', 'moved to the front'),
  messageName: dropped(NO_WORD),
  imageBase64: mapped('messages[].content[].image'),
  imageUrl: refused('images are sent as bytes'),
  imageDetail: dropped(NO_WORD),
  fileBase64: mapped('messages[].content[].document'),
  fileUrl: refused('documents are sent as bytes'),
  fileText: mapped('messages[].content[].document'),
  storedFile: refused('Bedrock has no file of that id'),
  audioInput: mapped('messages[].content[].audio'),
  toolResultImage: mapped('messages[].content[].toolResult.content[].image'),
  toolResultFile: mapped('messages[].content[].toolResult.content[].document'),
  toolError: mapped('messages[].content[].toolResult.status'),
  reasoningText: mapped('messages[].content[].reasoningContent.reasoningText'),
  reasoningSignature: mapped('messages[].content[].reasoningContent.reasoningText.signature'),
  redactedReasoning: mapped('messages[].content[].reasoningContent.redactedContent'),
  refusalText: mapped('messages[].content[].text', 'as text'),
  cacheMark: dropped('this model keeps no prompts on demand'),
  providerTool: refused('a tool that only its own provider runs'),
  citations: dropped('sources of an earlier answer'),
  assistantPrefill: refused('this model does not go on from its own words'),
};

const LAST_FOUR = 'the last four';
const PREFILL = mapped('messages');
const BESIDE_THINKING = 'dropped from Claude 4.7 on, and beside thinking';

const BY_FAMILY: Readonly<Record<ModelFamily, Partial<Record<ChatField, FieldTreatment>>>> = {
  anthropic: {
    temperature: mapped('inferenceConfig.temperature', `${BESIDE_THINKING}, other than 1`),
    topP: mapped('inferenceConfig.topP', `${BESIDE_THINKING}, below 0.95, and from 4.1 on beside a temperature`),
    topK: mapped('additionalModelRequestFields.top_k', BESIDE_THINKING),
    reasoning: mapped(
      'additionalModelRequestFields.thinking',
      'from Claude 4.6 on `adaptive` with outputConfig.effort; before, a budget of tokens: minimal 1024, low 4096, medium 8192, ' +
        'high 16384, xhigh 24576, max 32768, below max tokens. Dropped before Claude 3.7, where less than 1024 tokens are left, ' +
        'and where a tool must be called. A summary is not asked for',
    ),
    reasoningText: mapped(
      'messages[].content[].reasoningContent.reasoningText',
      'only with its signature: Claude refuses thoughts that it cannot prove to be its own',
    ),
    cacheMark: mapped('cachePoint', LAST_FOUR),
    assistantPrefill: mapped('messages', 'refused from Claude 4.6 on'),
  },
  nova: {
    topK: mapped('additionalModelRequestFields.inferenceConfig.topK'),
    reasoning: mapped(
      'additionalModelRequestFields.reasoningConfig',
      'Nova 2: low, medium or high, whichever is nearest; earlier ones do not think',
    ),
    cacheMark: mapped('cachePoint', `${LAST_FOUR}, and none on tools`),
    assistantPrefill: PREFILL,
  },
  cohere: { topK: mapped('additionalModelRequestFields.k') },
  mistral: { topK: mapped('additionalModelRequestFields.top_k') },
  openai: {
    reasoning: mapped('additionalModelRequestFields.reasoning_effort', 'low, medium or high, whichever is nearest'),
  },
  other: {},
};

export function parametersOf(family: ModelFamily): ParameterTable {
  return { ...COMMON, ...BY_FAMILY[family] };
}
