// Canonical vectors → an embeddings answer for a client, as numbers or, as the official SDK asks by default, as base64.
import type { JsonObject } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';
import type { EmbeddingsResponse } from '../../response.ts';

export function encodeResponse(response: EmbeddingsResponse, request: EmbeddingsRequest): JsonObject {
  const isBase64 = request.encoding === 'base64';
  const input = response.usage?.input ?? 0;
  return {
    object: 'list',
    data: response.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: isBase64 ? toBase64(vector) : vector,
    })),
    model: response.model ?? request.model,
    usage: { prompt_tokens: input, total_tokens: response.usage?.total ?? input },
  };
}

/** Floats of 32 bits, the lowest byte first. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (let i = 0; i < vector.length; i++) bytes.writeFloatLE(vector[i], i * 4);
  return bytes.toString('base64');
}
