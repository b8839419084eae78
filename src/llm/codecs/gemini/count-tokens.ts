// Counting of tokens, both ways. The Gemini API counts tools and system only inside `generateContentRequest`; Vertex takes them
// beside the contents.
import type { TokenCountClientCodec, TokenCountTargetCodec } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ProviderError, TokenCount } from '../../response.ts';
import { errorOf } from './decode-error.ts';
import { decodeCountRequest } from './decode-request.ts';
import { encodeGeminiRequest } from './encode-request.ts';
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

export const geminiTokenCountTarget: TokenCountTargetCodec = {
  encodeRequest: (request) => ({
    generateContentRequest: { model: `models/${request.model}`, ...encodeGeminiRequest(request) },
  }),
  decodeResponse: decodeCount,
};

/** Vertex counts these members only. */
const COUNTED = ['contents', 'systemInstruction', 'tools', 'generationConfig'];

export const vertexTokenCountTarget: TokenCountTargetCodec = {
  encodeRequest(request) {
    const body: JsonObject = encodeGeminiRequest(request);
    return Object.fromEntries(Object.entries(body).filter(([name]) => COUNTED.includes(name)));
  },
  decodeResponse: decodeCount,
};
