// Vectors by InvokeModel, which has a body for each maker: Amazon's Titan and Cohere's Embed.
import type { EmbeddingsTargetCodec } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';
import { createUsage, type Usage } from '../../usage.ts';

function textOf({ inputs }: EmbeddingsRequest): string {
  const [first] = inputs;
  return typeof first === 'string' ? first : '';
}

function vectorOf(value: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = value as readonly JsonValue[];
  return numbers.every((item) => typeof item === 'number') ? (numbers as readonly number[]) : undefined;
}

function usageOf(count: JsonValue | undefined): Usage | undefined {
  return typeof count === 'number' ? createUsage({ input: count }) : undefined;
}

/** One text per request, and one vector for it. */
function titan(
  body: (text: string, dimensions: number | undefined) => JsonObject,
  takesDimensions: boolean,
): EmbeddingsTargetCodec {
  return {
    drops: takesDimensions ? ['task', 'title', 'user'] : ['dimensions', 'task', 'title', 'user'],
    takesTokens: false,
    maxInputs: 1,
    encodeRequest: (request) => body(textOf(request), request.dimensions),
    decodeResponse(document) {
      if (!isJsonObject(document)) return undefined;
      const vector = vectorOf(document.embedding);
      if (vector === undefined) return undefined;
      return { model: undefined, vectors: [vector], usage: usageOf(document.inputTextTokenCount) };
    },
  };
}

const titanV1 = titan((inputText) => ({ inputText }), false);
const titanV2 = titan(
  (inputText, dimensions) => ({ inputText, ...(dimensions !== undefined && { dimensions }) }),
  true,
);
const titanImage = titan(
  (inputText, outputEmbeddingLength) => ({
    inputText,
    ...(outputEmbeddingLength !== undefined && { embeddingConfig: { outputEmbeddingLength } }),
  }),
  true,
);

/** Gemini's names of what vectors are for; Cohere's own pass as they are. */
const INPUT_TYPES: Readonly<Record<string, string>> = {
  RETRIEVAL_QUERY: 'search_query',
  QUESTION_ANSWERING: 'search_query',
  FACT_VERIFICATION: 'search_query',
  CODE_RETRIEVAL_QUERY: 'search_query',
  RETRIEVAL_DOCUMENT: 'search_document',
  SEMANTIC_SIMILARITY: 'clustering',
  CLUSTERING: 'clustering',
  CLASSIFICATION: 'classification',
};

/** Cohere demands to know; documents are what most vectors are of. */
function inputTypeOf(task: string | undefined): string {
  if (task === undefined) return 'search_document';
  return Object.hasOwn(INPUT_TYPES, task) ? INPUT_TYPES[task] : task;
}

/** Version 3 answers a list of vectors, and lists by type where types were asked for. */
function cohereVectors(embeddings: JsonValue | undefined): readonly (readonly number[])[] | undefined {
  const list = isJsonObject(embeddings) ? embeddings.float : embeddings;
  if (!Array.isArray(list)) return undefined;
  const vectors = (list as readonly JsonValue[]).map(vectorOf);
  return vectors.every((vector) => vector !== undefined) ? vectors : undefined;
}

function cohere(isV4: boolean): EmbeddingsTargetCodec {
  return {
    drops: isV4 ? ['title', 'user'] : ['dimensions', 'title', 'user'],
    takesTokens: false,
    maxInputs: 96,
    encodeRequest: ({ inputs, task, dimensions }) => ({
      texts: inputs.filter((input) => typeof input === 'string'),
      input_type: inputTypeOf(task),
      ...(isV4 && { embedding_types: ['float'] }),
      ...(dimensions !== undefined && { output_dimension: dimensions }),
    }),
    decodeResponse(document) {
      const vectors = isJsonObject(document) ? cohereVectors(document.embeddings) : undefined;
      // Tokens are told in a header field only.
      return vectors === undefined ? undefined : { model: undefined, vectors, usage: undefined };
    },
  };
}

const cohereV3 = cohere(false);
const cohereV4 = cohere(true);

const BY_ID: readonly (readonly [RegExp, EmbeddingsTargetCodec])[] = [
  [/titan-embed-text-v1|titan-embed-g1/, titanV1],
  [/titan-embed-text/, titanV2],
  [/titan-embed-image/, titanImage],
  [/cohere\.embed-v4/, cohereV4],
  [/cohere\.embed/, cohereV3],
];

/** Undefined = the id is not one of a model whose words are known. */
export function embeddingsCodecOf(model: string): EmbeddingsTargetCodec | undefined {
  const id = model.toLowerCase();
  return BY_ID.find(([pattern]) => pattern.test(id))?.[1];
}
