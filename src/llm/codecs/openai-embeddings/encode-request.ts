// The canonical request → an embeddings request to a provider of this wire. Vectors are asked for as numbers: all servers have them.
import type { JsonObject } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';

export function encodeRequest({ model, inputs, dimensions, user }: EmbeddingsRequest): JsonObject {
  return {
    model,
    // One text as a text, which the smallest servers want, and texts or tokens as a list.
    input: inputs.length === 1 && typeof inputs[0] === 'string' ? inputs[0] : inputs,
    encoding_format: 'float',
    ...(dimensions !== undefined && { dimensions }),
    ...(user !== undefined && { user }),
  };
}
