// `/v1/messages/count_tokens`, both sides: a request of the messages API without what concerns the answer.
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { Decoded, TokenCountClientCodec, TokenCountTargetCodec } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import type { ProviderError, TokenCount } from '../../response.ts';
import { errorOf } from './decode-error.ts';
import { decodeConversation } from './decode-request.ts';
import { anthropicMessagesTarget } from './target.ts';

export const anthropicTokenCountClient: TokenCountClientCodec = {
  decodeRequest: (body: JsonObject): Decoded<ChatRequest> => decodeConversation(body, 'count-tokens'),
  encodeResponse: ({ inputTokens }: TokenCount): JsonObject => ({ input_tokens: inputTokens }),
};

function decodeResponse(body: JsonValue): TokenCount | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  const { input_tokens: inputTokens } = body;
  if (typeof inputTokens === 'number' && inputTokens >= 0) return { inputTokens, isEstimated: false };
  return body.type === 'error' || isJsonObject(body.error) ? errorOf(body, undefined) : undefined;
}

/** What cannot be told is not counted: an answer of the model would not be to it either. */
function encodeRequest(request: ChatRequest): JsonObject {
  const target = anthropicMessagesTarget(request.model);
  const outcome = applyParameterTable(request, target, 'lenient');
  const told = outcome.kind === 'fits' ? outcome.request : request;
  return target.encodeRequest({ ...told, operation: 'count-tokens' });
}

export const anthropicTokenCountTarget: TokenCountTargetCodec = { encodeRequest, decodeResponse };
