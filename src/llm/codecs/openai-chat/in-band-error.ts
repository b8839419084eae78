// A failure told inside an answer of status 200, in the shapes servers of this wire use: OpenAI's, OpenRouter's, vLLM's, bare text.
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';

/** The failure a whole answer or a chunk tells; undefined = none. */
export function inBandError(document: JsonObject): ProviderError | undefined {
  const { error } = document;
  if (isJsonObject(error)) return fromObject(error);
  if (typeof error === 'string' && error !== '') return fromObject({ message: error });
  return document.object === 'error' ? fromObject(document) : choiceError(document.choices);
}

/** OpenRouter tells failures of the provider behind it in the choice. */
function choiceError(choices: JsonValue | undefined): ProviderError | undefined {
  if (!Array.isArray(choices)) return undefined;
  const failed = choices.find((choice) => isJsonObject(choice) && isJsonObject(choice.error));
  return isJsonObject(failed) && isJsonObject(failed.error) ? fromObject(failed.error) : undefined;
}

function fromObject(error: JsonObject): ProviderError {
  const status = statusOf(error);
  return {
    status,
    type: textOf(error.type) ?? typeOf(status),
    code: textOf(error.code),
    message: textOf(error.message) ?? 'The provider failed while it answered',
    param: error.param,
  };
}

/** The status that an answer without a head of its own would have had. */
function statusOf({ code, status, type }: JsonObject): number {
  for (const value of [code, status]) {
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 400 && number <= 599) return number;
  }
  if (type === 'invalid_request_error') return 400;
  return type === 'rate_limit_error' || type === 'rate_limit_exceeded' ? 429 : 502;
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** What cannot be understood in a stream. */
export function malformed(message: string): ProviderError {
  return { status: 502, type: 'server_error', code: 'invalid_response', message, param: undefined };
}
