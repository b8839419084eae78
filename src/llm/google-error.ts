// Failures in Google's error JSON: `{error: {code, message, status, details}}`, status by google.rpc.Code.
import type { JsonObject } from './json-value.ts';
import type { ProviderError } from './response.ts';

const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Google's word for a status of HTTP. */
export function statusWord(status: number): string {
  if (Object.hasOwn(BY_STATUS, status)) return BY_STATUS[status];
  return status >= 500 ? 'UNAVAILABLE' : 'FAILED_PRECONDITION';
}

/** What Google calls a machine-readable reason; `reason` is ours or the provider's own code. */
export function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): JsonObject {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'switchyard', metadata };
}

/** A failure told inside a stream may have no status of its own: then it is the server's. */
export function encodeErrorBody({ status, type, code, message, param }: ProviderError, requestId = ''): JsonObject {
  const httpStatus = status >= 400 && status < 600 ? status : 500;
  const metadata = {
    ...(requestId === '' ? {} : { request_id: requestId }),
    ...(typeof param === 'string' ? { param } : {}),
  };
  const details = [errorInfo(code ?? type, metadata)];
  return { error: { code: httpStatus, message, status: statusWord(httpStatus), details } };
}
