// An embeddings answer of a provider → canonical vectors, in the order of the inputs.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { decodeOpenaiUsage } from '../../openai-usage.ts';
import type { EmbeddingsResponse, ProviderError } from '../../response.ts';

export function decodeResponse(body: JsonValue): EmbeddingsResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  if (isJsonObject(body.error)) return failure(body.error);
  if (body.object === 'error') return failure(body);
  if (!Array.isArray(body.data) || !body.data.every(isJsonObject)) return undefined;
  const items = body.data.map((item: JsonObject, place) => ({
    index: typeof item.index === 'number' ? item.index : place,
    vector: vectorOf(item.embedding),
  }));
  const vectors = items.toSorted((a, b) => a.index - b.index).map(({ vector }) => vector);
  if (!vectors.every((vector) => vector !== undefined)) return undefined;
  const model = typeof body.model === 'string' ? body.model : undefined;
  return { model, vectors, usage: decodeOpenaiUsage(body.usage) };
}

function vectorOf(value: JsonValue | undefined): readonly number[] | undefined {
  if (typeof value === 'string') return fromBase64(value);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) return undefined;
  return value;
}

function fromBase64(text: string): readonly number[] | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function failure(error: JsonObject): ProviderError {
  const { code, type, message } = error;
  const isStatus = typeof code === 'number' && code >= 400 && code <= 599;
  return {
    status: isStatus ? code : 502,
    type: typeof type === 'string' ? type : 'server_error',
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : undefined,
    message: typeof message === 'string' ? message : 'The provider failed while it answered',
    param: error.param,
  };
}
