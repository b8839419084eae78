// Embeddings as Google's APIs are asked for them: `batchEmbedContents` of the Gemini API, `predict` of Vertex.
import type { EmbeddingsTargetCodec } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';
import type { EmbeddingsResponse, ProviderError } from '../../response.ts';
import { createUsage } from '../../usage.ts';
import { errorOf } from './decode-error.ts';
import { memberOf, numberOf } from './reading.ts';
import { readUsageMetadata } from './usage-metadata.ts';

function textsOf({ inputs }: EmbeddingsRequest): readonly string[] {
  return inputs.filter((input) => typeof input === 'string');
}

function vectorOf(value: JsonValue | undefined): readonly number[] | undefined {
  if (!isJsonObject(value)) return undefined;
  const { values } = value;
  const isVector = Array.isArray(values) && (values as readonly JsonValue[]).every((each) => typeof each === 'number');
  return isVector ? (values as readonly number[]) : undefined;
}

/** Undefined when one of them is no vector: half an answer would be taken for a whole one. */
function vectorsOf(
  list: JsonValue | undefined,
  pick: (item: JsonValue) => JsonValue | undefined,
): readonly (readonly number[])[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const vectors = (list as readonly JsonValue[]).map((item) => vectorOf(pick(item)));
  return vectors.every((vector) => vector !== undefined) ? vectors : undefined;
}

function encodeBatch(request: EmbeddingsRequest): JsonObject {
  const { model, task, title, dimensions } = request;
  const requests = textsOf(request).map((text) => ({
    model: `models/${model}`,
    content: { parts: [{ text }] },
    ...(task === undefined ? {} : { taskType: task }),
    ...(title === undefined ? {} : { title }),
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
  }));
  return { requests };
}

function decodeBatch(body: JsonValue): EmbeddingsResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  if (isJsonObject(body.error)) return errorOf(body.error, 500);
  const vectors = vectorsOf(body.embeddings, (item) => item);
  return vectors && { model: undefined, vectors, usage: readUsageMetadata(memberOf(body, 'usageMetadata')) };
}

function encodePredict(request: EmbeddingsRequest): JsonObject {
  const { task, title, dimensions } = request;
  const instances = textsOf(request).map((content) => ({
    content,
    ...(task === undefined ? {} : { task_type: task }),
    ...(title === undefined ? {} : { title }),
  }));
  return { instances, ...(dimensions === undefined ? {} : { parameters: { outputDimensionality: dimensions } }) };
}

function embeddingsOf(prediction: JsonValue): JsonValue | undefined {
  return isJsonObject(prediction) ? prediction.embeddings : undefined;
}

function tokensOf(prediction: JsonValue): number {
  const embeddings = embeddingsOf(prediction);
  const statistics = isJsonObject(embeddings) ? embeddings.statistics : undefined;
  const count = isJsonObject(statistics) ? numberOf(memberOf(statistics, 'tokenCount')) : 0;
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

function decodePredict(body: JsonValue): EmbeddingsResponse | ProviderError | undefined {
  if (!isJsonObject(body)) return undefined;
  if (isJsonObject(body.error)) return errorOf(body.error, 500);
  const vectors = vectorsOf(body.predictions, embeddingsOf);
  if (vectors === undefined) return undefined;
  const input = (body.predictions as readonly JsonValue[]).reduce<number>((sum, each) => sum + tokensOf(each), 0);
  return { model: undefined, vectors, usage: input === 0 ? undefined : createUsage({ input }) };
}

export const geminiEmbeddingsTarget: EmbeddingsTargetCodec = {
  drops: ['user'],
  takesTokens: false,
  encodeRequest: encodeBatch,
  decodeResponse: decodeBatch,
};

export const vertexEmbeddingsTarget: EmbeddingsTargetCodec = {
  drops: ['user'],
  takesTokens: false,
  encodeRequest: encodePredict,
  decodeResponse: decodePredict,
};
