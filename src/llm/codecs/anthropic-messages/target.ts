// The provider's side of Anthropic's messages API: one codec for each set of traits that models have.
import type { ModelLimits } from '../../catalog/catalog-data.ts';
import type { ChatTargetCodec } from '../../codec.ts';
import { decodeResponse } from './decode-response.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { encodeRequestFor } from './encode-request.ts';
import { ALL_TRAITS, type ModelTraits, traitsOf, traitsWithin } from './model-traits.ts';
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

/** Those with limits of their own: written by operators or shipped, so that there are few. */
const LIMITED = new Map<string, ChatTargetCodec>();

/** The codec for a model, by its name and what else is known of it. */
export function anthropicMessagesTarget(model: string, limits: ModelLimits = {}): ChatTargetCodec {
  const traits = traitsOf(model);
  const usual = TARGETS.get(traits) ?? createTarget(traits);
  const own = traitsWithin(traits, limits);
  if (own.maxOutputTokens === undefined && own.defaultMaxTokens === traits.defaultMaxTokens) return usual;
  const key = JSON.stringify(own);
  const target = LIMITED.get(key) ?? createTarget(own);
  LIMITED.set(key, target);
  return target;
}
