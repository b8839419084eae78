// Error answers of Anthropic's API and of servers that speak it, plain text included.
import { anthropicErrorType } from '../../anthropic-error.ts';
import type { ErrorDecoder } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';

const MAX_TEXT = 2000;

/** Statuses of failures that are told inside an answer of status 200. */
const STATUS_BY_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** `{"type":"error","error":{"type","message","details"}}`, or only what stands inside. `status` undefined = it came in a 200. */
export function errorOf(body: JsonObject, status: number | undefined): ProviderError {
  const error = isJsonObject(body.error) ? body.error : body;
  const type = textOf(error.type) ?? anthropicErrorType(status ?? 500);
  const known = Object.hasOwn(STATUS_BY_TYPE, type) ? STATUS_BY_TYPE[type] : 500;
  const details = isJsonObject(error.details) ? error.details : {};
  const message = textOf(error.message) ?? textOf(body.error) ?? textOf(error.detail);
  return {
    status: status ?? known,
    type,
    code: textOf(details.error_code) ?? textOf(error.code),
    message: message ?? `The provider answered ${status ?? 'with an error'}`,
    param: undefined,
  };
}

export const anthropicErrors: ErrorDecoder = {
  decodeError(status, body) {
    const document = parseJson(body);
    if (isJsonObject(document)) return errorOf(document, status);
    const text = (typeof document === 'string' ? document : body).trim().slice(0, MAX_TEXT);
    const message = text === '' ? `The provider answered ${status}` : text;
    return { status, type: anthropicErrorType(status), code: undefined, message, param: undefined };
  },
};
