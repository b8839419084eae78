// The Responses wire as clients speak it.
import type { ChatClientCodec } from '../../codec.ts';
import type { FieldNames } from '../../parameter-table.ts';
import { decodeResponsesRequest } from './decode-request.ts';
import { encodeResponsesAnswer } from './encode-response.ts';
import { createResponsesStream } from './encode-stream.ts';

const FIELD_NAMES: FieldNames = {
  maxOutputTokens: 'max_output_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  logprobs: 'top_logprobs',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  responseFormat: 'text.format',
  verbosity: 'text.verbosity',
  reasoning: 'reasoning',
  user: 'safety_identifier',
  metadata: 'metadata',
  serviceTier: 'service_tier',
  store: 'store',
  promptCacheKey: 'prompt_cache_key',
  previousResponseId: 'previous_response_id',
  conversation: 'conversation',
  background: 'background',
  truncation: 'truncation',
  systemMessage: 'instructions',
  laterSystemMessage: 'input[].role',
  imageBase64: 'input[].content[].image_url',
  imageUrl: 'input[].content[].image_url',
  imageDetail: 'input[].content[].detail',
  fileBase64: 'input[].content[].file_data',
  fileUrl: 'input[].content[].file_url',
  fileText: 'input[].content[].file_data',
  storedFile: 'input[].content[].file_id',
  audioInput: 'input[].content[].input_audio',
  toolResultImage: 'input[].output[].image_url',
  toolResultFile: 'input[].output[].file_data',
  reasoningText: 'input[].summary',
  reasoningSignature: 'input[].encrypted_content',
  redactedReasoning: 'input[].encrypted_content',
  refusalText: 'input[].content[].refusal',
  cacheMark: 'prompt_cache_breakpoint',
  providerTool: 'tools[].type',
  citations: 'input[].content[].annotations',
  assistantPrefill: 'input',
};

export const openaiResponsesClient: ChatClientCodec = {
  wire: 'openai-responses',
  fieldNames: FIELD_NAMES,
  decodeRequest: decodeResponsesRequest,
  encodeResponse: encodeResponsesAnswer,
  createStreamEncoder: createResponsesStream,
};
