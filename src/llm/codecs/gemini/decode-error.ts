// Error answers of Google's APIs: `{error: {code, message, status, details}}`, the same in an array for streams, or plain text.
import type { ErrorDecoder } from '../../codec.ts';
import { statusWord } from '../../google-error.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';
import { numberOf } from './reading.ts';

const MAX_TEXT = 2000;

/** The machine-readable reason in the details (`API_KEY_INVALID`, `RATE_LIMIT_EXCEEDED`). */
function reasonOf(details: JsonValue | undefined): string | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of (details as readonly JsonValue[]).filter(isJsonObject))
    if (typeof detail.reason === 'string') return detail.reason;
  return undefined;
}

/** The first field that was found wrong. */
function fieldOf(details: JsonValue | undefined): string | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of (details as readonly JsonValue[]).filter(isJsonObject)) {
    const violations = detail.fieldViolations;
    const first = Array.isArray(violations) ? (violations as readonly JsonValue[])[0] : undefined;
    if (isJsonObject(first) && typeof first.field === 'string') return first.field;
  }
  return undefined;
}

export function errorOf(error: JsonObject, httpStatus: number): ProviderError {
  const code = numberOf(error.code);
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : httpStatus;
  const { message } = error;
  return {
    status,
    type: typeof error.status === 'string' && error.status !== '' ? error.status : statusWord(status),
    code: reasonOf(error.details),
    message: typeof message === 'string' && message !== '' ? message : `The provider answered ${status}`,
    param: fieldOf(error.details),
  };
}

export const geminiErrors: ErrorDecoder = {
  decodeError(status, body) {
    const document = parseJson(body);
    const first = Array.isArray(document) ? (document as readonly JsonValue[])[0] : document;
    const error = isJsonObject(first) ? first.error : undefined;
    if (isJsonObject(error)) return { ...errorOf(error, status), status };
    const text = typeof error === 'string' ? error : body.trim().slice(0, MAX_TEXT);
    const message = text === '' ? `The provider answered ${status}` : text;
    return { status, type: statusWord(status), code: undefined, message, param: undefined };
  },
};
