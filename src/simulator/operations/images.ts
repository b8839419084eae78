// POST /v1/images/generations and /edits: a real PNG of one pixel, as base64 or as an address of nothing.
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { isObject } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { countTokens } from '../tokens.ts';

/** 1 × 1, transparent. */
export const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export function answerImages({ body, createdSeconds, model }: OperationInput): Answer {
  const { prompt } = body;
  if (typeof prompt !== 'string' || prompt === '') {
    return openaiError(400, "Missing required parameter: 'prompt'.", {
      param: 'prompt',
      code: 'missing_required_parameter',
    });
  }
  const count = Number(body.n ?? 1);
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    return openaiError(400, "Invalid value for 'n': expected a whole number from 1 to 10.", { param: 'n' });
  }
  const isUrl = body.response_format === 'url';
  const image = isUrl ? { url: 'https://images.example/pixel.png' } : { b64_json: PIXEL };
  const said = `${prompt} (${model} made one pixel${isObject(body.image) ? ' of a file' : ''})`;
  const input = countTokens(prompt);
  return jsonAnswer(200, {
    created: createdSeconds,
    data: Array.from({ length: count }, () => ({ ...image, revised_prompt: said })),
    usage: { input_tokens: input, output_tokens: count, total_tokens: input + count },
  });
}
