// The provider's side of Anthropic's messages API: one codec for each set of traits that models have.
import type { ChatTargetCodec } from '../../codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequestFor } from './encode-request.ts';
import { ALL_TRAITS, type ModelTraits, traitsOf } from './model-traits.ts';
import { parametersFor } from './parameters.ts';
import { settle } from './settle.ts';

function createTarget(traits: ModelTraits): ChatTargetCodec {
  return {
    wire: 'anthropic-messages',
    parameters: parametersFor(traits),
    settle: (request) => settle(request, traits),
    encodeRequest: (request) => encodeRequestFor(request, traits),
    decodeResponse,
    createStreamDecoder,
  };
}

const TARGETS: ReadonlyMap<ModelTraits, ChatTargetCodec> = new Map(
  ALL_TRAITS.map((traits) => [traits, createTarget(traits)]),
);

/** The codec for a model, by its name. */
export function anthropicMessagesTarget(model: string): ChatTargetCodec {
  const traits = traitsOf(model);
  return TARGETS.get(traits) ?? createTarget(traits);
}
