// Failures of Bedrock: the kind stands in a header field, in `__type`, or follows from the status; in a stream it names the message.
import type { ErrorDecoder } from '../../codec.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../json-value.ts';
import type { ProviderError } from '../../response.ts';

const MAX_TEXT = 2000;

/** The status each kind has as an answer; in a stream nothing else tells it. */
const STATUS: Readonly<Record<string, number>> = {
  ValidationException: 400,
  ConflictException: 400,
  ServiceQuotaExceededException: 400,
  AccessDeniedException: 403,
  UnrecognizedClientException: 403,
  InvalidSignatureException: 403,
  ExpiredTokenException: 403,
  ResourceNotFoundException: 404,
  ModelTimeoutException: 408,
  ModelErrorException: 424,
  ModelStreamErrorException: 424,
  ThrottlingException: 429,
  ModelNotReadyException: 429,
  InternalServerException: 500,
  ServiceUnavailableException: 503,
};

const KIND_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The bare name of `com.amazonaws.x#ThrottlingException` and `ThrottlingException:http://…`. */
function bareKind(kind: string | undefined): string | undefined {
  return kind?.split(':', 1)[0].split('#').at(-1)?.trim() || undefined;
}

function messageOf(document: JsonObject): string | undefined {
  return text(document.message) ?? text(document.Message) ?? text(document.originalMessage);
}

export const bedrockErrors: ErrorDecoder = {
  decodeError(status, body, field) {
    const document = parseJson(body);
    const members = isJsonObject(document) ? document : {};
    const named = bareKind(field?.('x-amzn-errortype')) ?? bareKind(text(members.__type) ?? text(members.code));
    const told = isJsonObject(document) ? messageOf(document) : text(body)?.slice(0, MAX_TEXT);
    return {
      status,
      type: named ?? KIND_BY_STATUS[status] ?? 'UnknownException',
      code: named,
      message: told ?? `Bedrock answered ${status}`,
      param: undefined,
    };
  },
};

/**
 * A failure told inside a stream: `name` is that of its message (`throttlingException`), in lower camel case, unless the payload
 * has a code of its own.
 */
export function decodeStreamFailure(name: string, payload: string): ProviderError {
  const document = parseJson(payload);
  const members = isJsonObject(document) ? document : {};
  const named = text(members.code) ?? name;
  const kind = named === '' ? 'UnknownException' : named[0].toUpperCase() + named.slice(1);
  const told = isJsonObject(document) ? messageOf(document) : text(payload)?.slice(0, MAX_TEXT);
  const original = members.originalStatusCode;
  const isStatus = typeof original === 'number' && Number.isInteger(original) && original >= 400 && original <= 599;
  return {
    status: Object.hasOwn(STATUS, kind) ? STATUS[kind] : isStatus ? original : 500,
    type: kind,
    code: kind,
    message: told ?? `the stream ended by ${kind}`,
    param: undefined,
  };
}
