// Anthropic's words for failures: the type that SDKs and applications branch on, and the JSON around it.

const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Every type of the API, for words of other providers that happen to be one. */
const TYPES: ReadonlySet<string> = new Set([...Object.values(TYPE_BY_STATUS), 'api_error', 'request_too_large']);

export function anthropicErrorType(status: number): string {
  if (status === 413) return 'request_too_large';
  return TYPE_BY_STATUS[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** A word of whichever provider as one of Anthropic's: its own is kept, any other is told by the status. */
export function anthropicTypeOf(type: string, status: number): string {
  return TYPES.has(type) ? type : anthropicErrorType(status);
}

export interface AnthropicFailure {
  readonly type: string;
  readonly message: string;
  /** A stable word for the cause, where there is one; SDKs show it as `errorCode`. */
  readonly code?: string | undefined;
}

/** What stands under `error`. */
export function anthropicErrorBody({ type, message, code }: AnthropicFailure): object {
  return code === undefined ? { type, message } : { type, message, details: { error_code: code } };
}

/** The event by which a stream fails: client libraries throw. */
export function anthropicErrorEvent(failure: AnthropicFailure): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error: anthropicErrorBody(failure) })}\n\n`;
}
