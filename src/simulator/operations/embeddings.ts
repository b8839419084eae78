// POST /v1/embeddings: vectors of length one that depend on nothing but the text, as numbers or as base64.

import { createSeededRandom, seedOf } from '../../base/seeded-random.ts';
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { openaiError } from '../openai-error.ts';
import { readInputs } from './inputs.ts';

const DEFAULT_DIMENSIONS = 1536;
const LARGE_DIMENSIONS = 3072;
const MAX_DIMENSIONS = 8192;
const MAX_INPUTS = 2048;

export function answerEmbeddings({ body, model, faults }: OperationInput): Answer {
  const inputs = readInputs(body.input);
  if (inputs === undefined || inputs.some(({ text }) => text === '')) {
    return openaiError(400, "'$.input' is invalid. Please check the API reference for the accepted shapes.");
  }
  if (inputs.length > MAX_INPUTS) {
    return openaiError(400, `'$.input' is too long: at most ${MAX_INPUTS} inputs in one request.`);
  }
  const { dimensions = model.includes('-large') ? LARGE_DIMENSIONS : DEFAULT_DIMENSIONS } = body;
  if (
    typeof dimensions !== 'number' ||
    !Number.isInteger(dimensions) ||
    dimensions < 1 ||
    dimensions > MAX_DIMENSIONS
  ) {
    return openaiError(400, `Invalid 'dimensions': a whole number from 1 to ${MAX_DIMENSIONS}.`, {
      param: 'dimensions',
    });
  }
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0);
  const asBase64 = body.encoding_format === 'base64';
  return jsonAnswer(200, {
    object: 'list',
    data: inputs.map(({ text }, index) => {
      const vector = vectorOf(text, dimensions);
      return { object: 'embedding', index, embedding: asBase64 ? toBase64(vector) : Array.from(vector) };
    }),
    model,
    usage: faults['no-usage'] === undefined ? { prompt_tokens: tokens, total_tokens: tokens } : undefined,
  });
}

/** 32-bit floats, so that the numbers and the base64 of one text are equal. */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const random = createSeededRandom(seedOf(text));
  const values = Array.from({ length: dimensions }, () => random() * 2 - 1);
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/** Little-endian, as OpenAI's clients read it whatever the machine. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
