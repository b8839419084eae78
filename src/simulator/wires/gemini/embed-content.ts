// models/{m}:embedContent, :batchEmbedContents and Vertex's :predict: the same vectors as OpenAI's wire gives for the same text.
import { type Answer, jsonAnswer, type OperationInput } from '../../answer.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { vectorOf } from '../../operations/embeddings.ts';
import { countTokens } from '../../tokens.ts';
import { inCamelCase } from './camel-case.ts';
import { partsOf } from './check-contents.ts';
import { geminiError } from './gemini-error.ts';

const DEFAULT_DIMENSIONS = 3072;
const MAX_INPUTS = 100;

interface Embedded {
  readonly values: readonly number[];
  readonly tokens: number;
}

export function answerEmbed({ body }: OperationInput): Answer {
  const embedded = embed(inCamelCase(body));
  return embedded === undefined ? noContent() : jsonAnswer(200, { embedding: { values: embedded.values } });
}

export function answerBatchEmbed({ body }: OperationInput): Answer {
  const { requests } = inCamelCase(body) as JsonObject;
  if (!Array.isArray(requests) || requests.length === 0)
    return geminiError(400, 'BatchEmbedContentsRequest.requests: empty');
  if (requests.length > MAX_INPUTS) return geminiError(400, `At most ${MAX_INPUTS} requests can be in one batch.`);
  const embedded = requests.map(embed);
  if (embedded.some((each) => each === undefined)) return noContent();
  return jsonAnswer(200, { embeddings: embedded.map((each) => ({ values: each?.values })) });
}

/** Vertex: `instances` of `content`, and the dimensions among `parameters`. */
export function answerPredict({ body }: OperationInput): Answer {
  const { instances, parameters } = body;
  if (!Array.isArray(instances) || instances.length === 0) return geminiError(400, 'The request needs instances.');
  const { outputDimensionality } = isObject(parameters) ? parameters : {};
  const predictions = (instances as readonly unknown[]).map((instance) => {
    const text = isObject(instance) ? String(instance.content) : '';
    const { values, tokens } = toEmbedded(text, outputDimensionality);
    return { embeddings: { values, statistics: { token_count: tokens, truncated: false } } };
  });
  return jsonAnswer(200, { predictions });
}

function noContent(): Answer {
  return geminiError(400, 'EmbedContentRequest.content: content contains an empty Part.');
}

function embed(request: unknown): Embedded | undefined {
  if (!isObject(request)) return undefined;
  const text = partsOf(request.content)
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .join(' ');
  return text === '' ? undefined : toEmbedded(text, request.outputDimensionality);
}

function toEmbedded(text: string, dimensions: unknown): Embedded {
  const size = Number.isInteger(dimensions) ? Number(dimensions) : DEFAULT_DIMENSIONS;
  return { values: Array.from(vectorOf(text, size)), tokens: countTokens(text) };
}
