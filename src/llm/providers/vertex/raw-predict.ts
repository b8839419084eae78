// Anthropic's models on Vertex by `rawPredict`: Anthropic's own bodies, its version in the body and the model in the path.
import type { ModelLimits } from '../../catalog/catalog-data.ts';
import type { ChatTargetCodec, ErrorDecoder, TokenCountTargetCodec } from '../../codec.ts';
import { anthropicTokenCountTarget } from '../../codecs/anthropic-messages/count-tokens.ts';
import { anthropicErrors } from '../../codecs/anthropic-messages/decode-error.ts';
import { anthropicMessagesTarget } from '../../codecs/anthropic-messages/target.ts';
import { geminiErrors } from '../../codecs/gemini/decode-error.ts';

const VERSION = 'vertex-2023-10-16';

/** Models that Anthropic publishes; all others are asked for as Google's. */
export function isAnthropicModel(model: string): boolean {
  return model.startsWith('claude-');
}

export function rawPredictTarget(model: string, limits?: ModelLimits): ChatTargetCodec {
  const anthropic = anthropicMessagesTarget(model, limits);
  return {
    ...anthropic,
    encodeRequest(request) {
      const { model: _, ...body } = anthropic.encodeRequest(request);
      return { anthropic_version: VERSION, ...body };
    },
  };
}

/** Counted by a model of its own name, the one meant stands in the body. */
export const rawPredictTokenCount: TokenCountTargetCodec = {
  ...anthropicTokenCountTarget,
  encodeRequest: (request) => ({ anthropic_version: VERSION, ...anthropicTokenCountTarget.encodeRequest(request) }),
};

/** What the model refuses is told in Anthropic's words, what Google refuses in its own. */
export const vertexErrors: ErrorDecoder = {
  decodeError(status, body, field) {
    const isOfModel = /"type"\s*:\s*"error"/.test(body.slice(0, 200));
    return (isOfModel ? anthropicErrors : geminiErrors).decodeError(status, body, field);
  },
};
