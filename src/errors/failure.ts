// An expected failure of one attempt, as a value: what happened, and whether the request may already have run.
import type { ErrorCode } from './codes.ts';

export interface Failure {
  readonly code: ErrorCode;
  /** For the log and the problem document; holds no secret and no address of the client. */
  readonly detail: string;
  /** True when not one byte of the request can have been acted upon: safe to send elsewhere whatever the method. */
  readonly neverSent: boolean;
}
