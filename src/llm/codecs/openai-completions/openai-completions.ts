// OpenAI's completions of old, the client's side alone: most providers dropped them, so that they are asked as chat.
import type { ChatClientCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { CompletionStreamEncoder } from './encode-stream.ts';
import { openaiCompletionsFieldNames } from './field-names.ts';

export const openaiCompletionsClient: ChatClientCodec = {
  wire: 'openai-completions',
  fieldNames: openaiCompletionsFieldNames,
  decodeRequest,
  encodeResponse,
  createStreamEncoder: (frame) => new CompletionStreamEncoder(frame),
};
