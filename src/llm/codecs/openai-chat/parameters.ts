// What OpenAI's chat completions can be told, and in which words: the table of the target, and how providers of this wire differ.
import type { ChatField, FieldTreatment, ParameterTable } from '../../parameter-table.ts';

/** Where a provider differs from OpenAI. */
export interface OpenaiChatQuirks {
  /** Default `max_completion_tokens`; most imitators know only `max_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Whether `stream_options.include_usage` may be sent; default yes. Those that refuse it tell usage unasked, or not at all. */
  readonly asksUsage?: boolean;
  /** How the thoughts of earlier turns are sent back; default not at all. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning';
  /** Whether thoughts go back with their signatures, as OpenRouter's `reasoning_details`. */
  readonly returnsReasoningDetails?: boolean;
  /** `object`: OpenRouter's `reasoning` in place of `reasoning_effort`. */
  readonly reasoningWish?: 'effort' | 'object';
  /** Whether parts may carry Anthropic's `cache_control`. */
  readonly takesCacheControl?: boolean;
  /** Whether the model goes on from an assistant message that stands last; `flagged` = if it says `prefix: true`. */
  readonly prefill?: 'plain' | 'flagged';
  /** Cells that differ. `as` is the member's name for fields that are sent as they are. */
  readonly parameters?: Partial<ParameterTable>;
}

function mapped(as: string, note?: string): FieldTreatment {
  return note === undefined ? { treatment: 'mapped', as } : { treatment: 'mapped', as, note };
}

function dropped(note: string): FieldTreatment {
  return { treatment: 'dropped', note };
}

function refused(note: string): FieldTreatment {
  return { treatment: 'refused', note };
}

const ELSEWHERE = 'Stored at another provider.';

/** OpenAI itself. */
export const openaiChatParameters: ParameterTable = {
  maxOutputTokens: mapped('max_completion_tokens', 'As `max_tokens` to providers that want it so.'),
  temperature: mapped('temperature', 'Reasoning models take only the default.'),
  topP: mapped('top_p'),
  topK: dropped('OpenAI has no such wish.'),
  minP: dropped('OpenAI has no such wish.'),
  frequencyPenalty: mapped('frequency_penalty'),
  presencePenalty: mapped('presence_penalty'),
  repetitionPenalty: dropped('OpenAI has no such wish.'),
  stop: mapped('stop', 'OpenAI takes four.'),
  seed: mapped('seed'),
  n: mapped('n'),
  logprobs: mapped('logprobs, top_logprobs'),
  logitBias: mapped('logit_bias', 'By the tokens of the model that is asked.'),
  tools: mapped('tools'),
  toolChoice: mapped('tool_choice'),
  parallelToolCalls: mapped('parallel_tool_calls'),
  responseFormat: mapped('response_format'),
  reasoning: mapped(
    'reasoning_effort',
    'A budget becomes the effort nearest to it. The wire cannot be asked for summaries.',
  ),
  user: mapped('user'),
  metadata: mapped('metadata'),
  serviceTier: mapped('service_tier'),
  store: mapped('store'),
  verbosity: mapped('verbosity'),
  modalities: mapped('modalities'),
  audioOutput: refused('Answers in sound are not translated.'),
  prediction: mapped('prediction'),
  webSearch: mapped('web_search_options'),
  promptCacheKey: mapped('prompt_cache_key'),
  safetySettings: dropped('OpenAI has no such wish.'),
  cachedContent: refused(ELSEWHERE),
  previousResponseId: refused(ELSEWHERE),
  conversation: refused(ELSEWHERE),
  background: refused('There is no answer to come back for.'),
  truncation: dropped('A conversation that is too long is refused.'),
  suffix: refused('Chat models cannot fill in the middle.'),
  echo: refused('The answer does not begin with the prompt.'),
  bestOf: dropped('One answer is made for each that is given.'),
  systemMessage: mapped('messages[].role: system'),
  laterSystemMessage: mapped('messages[].role: system'),
  messageName: mapped('messages[].name'),
  imageBase64: mapped('image_url.url', 'As a data URL.'),
  imageUrl: mapped('image_url.url'),
  imageDetail: mapped('image_url.detail'),
  fileBase64: mapped('file.file_data', 'As a data URL.'),
  fileUrl: refused('The wire takes no addresses of files.'),
  fileText: mapped('text', 'As text of the message.'),
  storedFile: mapped('file.file_id', 'Known only to the provider it was uploaded to.'),
  audioInput: mapped('input_audio', 'OpenAI takes wav and mp3, and no address.'),
  toolResultImage: mapped('image_url', 'In a user message behind the results: tool messages hold text.'),
  toolResultFile: mapped('file', 'In a user message behind the results: tool messages hold text.'),
  toolError: dropped('The text of the result has to say it.'),
  reasoningText: dropped('OpenAI takes no thoughts back.'),
  reasoningSignature: dropped('Means something only to the provider that made it.'),
  redactedReasoning: dropped('Means something only to the provider that made it.'),
  refusalText: mapped('messages[].refusal'),
  cacheMark: dropped('OpenAI caches by itself.'),
  providerTool: dropped('Tools that another provider runs. Those of this wire are sent.'),
  citations: dropped('Sources of earlier answers are not sent back.'),
  assistantPrefill: refused('The model answers anew instead of going on.'),
};

/** The table of a provider with these quirks. */
export function parametersOf(quirks: OpenaiChatQuirks): ParameterTable {
  const own: Partial<Record<ChatField, FieldTreatment>> = {};
  if (quirks.maxTokensField !== undefined) own.maxOutputTokens = mapped(quirks.maxTokensField);
  if (quirks.reasoningField !== undefined) own.reasoningText = mapped(`messages[].${quirks.reasoningField}`);
  if (quirks.returnsReasoningDetails === true) {
    own.reasoningSignature = mapped('messages[].reasoning_details[].signature');
    own.redactedReasoning = mapped('messages[].reasoning_details[].data');
  }
  if (quirks.reasoningWish === 'object') own.reasoning = mapped('reasoning');
  if (quirks.takesCacheControl === true) own.cacheMark = mapped('cache_control');
  if (quirks.prefill !== undefined)
    own.assistantPrefill = mapped(quirks.prefill === 'flagged' ? 'messages[].prefix' : 'messages[]');
  return { ...openaiChatParameters, ...own, ...quirks.parameters };
}
