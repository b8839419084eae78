// OpenAI's chat completions, both sides: what formats and providers name.
import type { ChatClientCodec, ChatTargetCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { ChatStreamDecoder } from './decode-stream.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { ChatStreamEncoder } from './encode-stream.ts';
import { openaiChatFieldNames } from './field-names.ts';
import { type OpenaiChatQuirks, parametersOf } from './parameters.ts';

export const openaiChatClient: ChatClientCodec = {
  wire: 'openai-chat',
  fieldNames: openaiChatFieldNames,
  decodeRequest,
  encodeResponse,
  createStreamEncoder: (frame) => new ChatStreamEncoder(frame),
};

/** The target's side, as a provider with these quirks is spoken to. */
export function createOpenaiChatTarget(quirks: OpenaiChatQuirks = {}): ChatTargetCodec {
  const parameters = parametersOf(quirks);
  return {
    wire: 'openai-chat',
    parameters,
    encodeRequest: (request) => encodeRequest(request, { quirks, parameters }),
    decodeResponse,
    createStreamDecoder: () => new ChatStreamDecoder(),
  };
}
