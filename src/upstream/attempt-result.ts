// What an attempt says about the endpoint it went to: the one reading of statuses and error codes for breakers and outliers.
import type { ErrorCode } from '../errors/codes.ts';
import type { Outcome } from '../state/shared-breaker.ts';

/** `status` is 0 when no answer came; `error` says what was wrong with the attempt. */
export interface AttemptResult {
  readonly status: number;
  readonly error: string | undefined;
}

/** An attempt that never began. */
export const NO_RESULT: AttemptResult = { status: 0, error: undefined };

/** No connection came about: the endpoint never saw the request. */
const LOCAL_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'upstream.connect-failed',
  'upstream.connect-timeout',
  'upstream.tls-failed',
  'upstream.certificate-refused',
  'upstream.dns-failed',
]);

/** Not the endpoint's doing. */
const OTHERS_DOING: ReadonlySet<string> = new Set<ErrorCode>([
  'upstream.connection-limit',
  'gateway.draining',
  'internal.bug',
]);

export function isLocalFailure({ error }: AttemptResult): boolean {
  return error !== undefined && LOCAL_CODES.has(error);
}

/** 502, 503, 504, or no answer at all. */
export function isGatewayFailure({ status, error }: AttemptResult): boolean {
  return status === 0 ? error !== undefined : status >= 502 && status <= 504;
}

/**
 * A client that went away, or sent a body that ended too soon, says nothing about the endpoint. An answer of 429 does: it is alive
 * and busy. Any other below 500 is a success, whatever the client did wrong.
 */
export function outcomeOf({ status, error }: AttemptResult): Outcome {
  if (error !== undefined) return OTHERS_DOING.has(error) || error.startsWith('request.') ? 'abandoned' : 'failure';
  if (status === 0) return 'abandoned';
  if (status >= 500) return 'failure';
  return status === 429 ? 'throttled' : 'success';
}
