// The provider's side of Converse, one codec per family of models and settings.
import type { ChatTargetCodec, TokenCountTargetCodec } from '../../codec.ts';
import { isJsonObject } from '../../json-value.ts';
import type { ConverseOptions } from './converse-options.ts';
import { decodeResponse } from './decode-response.ts';
import { ConverseStreamDecoder } from './decode-stream.ts';
import { encodeConversation, encodeRequest } from './encode-request.ts';
import { parametersOf } from './parameters.ts';
import { settleRequest } from './settle.ts';

export function createConverseTarget(options: ConverseOptions): ChatTargetCodec {
  return {
    wire: 'bedrock-converse',
    parameters: parametersOf(options.family),
    settle: (request) => settleRequest(request, options.family),
    encodeRequest: (request) => encodeRequest(request, options),
    decodeResponse,
    createStreamDecoder: () => new ConverseStreamDecoder(),
  };
}

/** CountTokens of a conversation. */
export function createConverseTokenCount(options: ConverseOptions): TokenCountTargetCodec {
  return {
    encodeRequest: (request) => ({ input: { converse: encodeConversation(request, options) } }),
    decodeResponse(body) {
      const count = isJsonObject(body) ? body.inputTokens : undefined;
      return typeof count === 'number' ? { inputTokens: count, isEstimated: false } : undefined;
    },
  };
}
