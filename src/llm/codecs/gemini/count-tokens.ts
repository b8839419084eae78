// Counting of tokens, both ways. The Gemini API counts tools and system only inside `generateContentRequest`; Vertex takes them
// beside the contents.
import { applyParameterTable } from '../../apply-parameter-table.ts';
import type { TokenCountClientCodec, TokenCountTargetCodec } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ChatRequest } from '../../request.ts';
import type { ProviderError, TokenCount } from '../../response.ts';
import { errorOf } from './decode-error.ts';
import { decodeCountRequest } from './decode-request.ts';
import { geminiTarget } from './gemini.ts';
import { memberOf } from './reading.ts';

export const geminiTokenCountClient: TokenCountClientCodec = {
  decodeRequest: decodeCountRequest,
  encodeResponse({ inputTokens, cachedTokens }) {
    return {
      totalTokens: inputTokens,
      ...(cachedTokens === undefined ? {} : { cachedContentTokenCount: cachedTokens }),
    };
  },
};

function decodeCount(body: JsonValue): TokenCount | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  if (isJsonObject(body.error)) return errorOf(body.error, 500);
  const total = memberOf(body, 'totalTokens');
  const cached = memberOf(body, 'cachedContentTokenCount');
  if (typeof total !== 'number') return undefined;
  return { inputTokens: total, ...(typeof cached === 'number' ? { cachedTokens: cached } : {}), isEstimated: false };
}

/** What cannot be told is not counted: an answer of the model would not be to it either. */
function encodeCounted(request: ChatRequest): JsonObject {
  const outcome = applyParameterTable(request, geminiTarget, 'lenient');
  return geminiTarget.encodeRequest(outcome.kind === 'fits' ? outcome.request : request);
}

export const geminiTokenCountTarget: TokenCountTargetCodec = {
  encodeRequest: (request) => ({
    generateContentRequest: { model: `models/${request.model}`, ...encodeCounted(request) },
  }),
  decodeResponse: decodeCount,
};

/** Vertex counts these members only. */
const COUNTED = ['contents', 'systemInstruction', 'tools', 'generationConfig'];

export const vertexTokenCountTarget: TokenCountTargetCodec = {
  encodeRequest(request) {
    return Object.fromEntries(Object.entries(encodeCounted(request)).filter(([name]) => COUNTED.includes(name)));
  },
  decodeResponse: decodeCount,
};
