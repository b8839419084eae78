// Error answers of OpenAI and of everything that speaks its API, vLLM's flat ones and plain text included.
import type { ErrorDecoder } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';

const MAX_TEXT = 2000;

function parsed(body: string): JsonValue | undefined {
  try {
    return JSON.parse(body) as JsonValue;
  } catch {
    return undefined; // a proxy's page or plain text: shown as it is
  }
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function fromObject(status: number, error: JsonObject): ProviderError {
  return {
    status,
    type: textOf(error.type) ?? typeOf(status),
    code: textOf(error.code),
    message: textOf(error.message) ?? textOf(error.detail) ?? `The provider answered ${status}`,
    param: error.param,
  };
}

export const openaiErrors: ErrorDecoder = {
  decodeError(status, body) {
    const document = parsed(body);
    const error = isJsonObject(document) ? (document.error ?? document) : document;
    if (isJsonObject(error)) return fromObject(status, error);
    const text = typeof error === 'string' ? error : body;
    const message = text.trim() === '' ? `The provider answered ${status}` : text.trim().slice(0, MAX_TEXT);
    return { status, type: typeOf(status), code: undefined, message, param: undefined };
  },
};
