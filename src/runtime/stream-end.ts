// How the end of an answer and the code of a failure belong together; read by forward.ts when an answer is over, whole or cut.
import type { ErrorCode } from '../errors/codes.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';

/** What was wrong with an answer that HTTP took for whole and its own protocol did not; undefined = nothing. */
export function codeOfEnd(end: StreamEnd): ErrorCode | undefined {
  if (end === 'upstream-cut') return 'upstream.cut';
  if (end === 'bad-answer') return 'upstream.bad-response';
  return end === 'in-band-error' ? 'upstream.in-band-error' : undefined;
}

/** How an answer ended that broke off with this failure. */
export function endOfFailure(code: ErrorCode): StreamEnd {
  if (code === 'upstream.idle-timeout') return 'idle-timeout';
  if (code === 'upstream.too-slow') return 'too-slow';
  if (code === 'gateway.draining') return 'shutdown';
  return code === 'upstream.total-timeout' ? 'total-timeout' : 'upstream-cut';
}
