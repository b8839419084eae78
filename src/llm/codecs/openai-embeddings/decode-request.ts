// An embeddings request as clients write it → the canonical request.
import { BodyReader } from '../../body-reader.ts';
import type { Decoded } from '../../codec.ts';
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { EmbeddingsRequest } from '../../request.ts';

const KNOWN: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user']);

export function decodeRequest(body: JsonObject): Decoded<EmbeddingsRequest> {
  const reader = new BodyReader();
  const dimensions = reader.count(body, 'dimensions');
  const user = reader.text(body, 'user');
  const encoding = reader.text(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64')
    reader.refuse('encoding_format', '"encoding_format" must be float or base64');
  const rest = Object.entries(body).filter(([key, value]) => !KNOWN.has(key) && value !== null);
  const request: EmbeddingsRequest = {
    operation: 'embeddings',
    model: reader.requiredText(body, 'model'),
    inputs: decodeInput(body.input, reader),
    ...(dimensions !== undefined && { dimensions }),
    encoding: encoding === 'base64' ? 'base64' : 'float',
    ...(user !== undefined && { user }),
    isSingle: false,
    rest: Object.fromEntries(rest),
  };
  return reader.problem ?? { ok: true, value: request };
}

function isTokens(value: JsonValue): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** A text, texts, the tokens of a text, or those of texts. */
function decodeInput(input: JsonValue | undefined, reader: BodyReader): readonly (string | readonly number[])[] {
  if (typeof input === 'string') return [input];
  if (!Array.isArray(input)) return reader.refuseKind('input', 'a text, texts or tokens', input) ?? [];
  if (input.length === 0) return reader.refuse('input', '"input" must not be empty') ?? [];
  if (isTokens(input)) return [input as readonly number[]];
  const wrong = input.findIndex((item) => typeof item !== 'string' && !isTokens(item));
  if (wrong !== -1) return reader.refuseKind(`input[${wrong}]`, 'a text or tokens', input[wrong]) ?? [];
  return input as readonly (string | readonly number[])[];
}
