// A body that is still arriving is waited for before the first try, where another one may have to send it again or the route says so.
import type { Exchange } from '../pipeline/exchange.ts';
import type { HoldOutcome } from '../pipeline/request-body.ts';

/** A request body up to this is kept for retries where the author asked for them; a larger one can be sent only once. */
const MAX_KEPT_BODY_BYTES = 64 * 1024;

/** `bufferBytes`: as large as the route says; undefined = a small one. False: there is nothing to wait for. */
export function keepBody(
  { body, isUpgrade }: Exchange,
  bufferBytes: number | undefined,
  done: (outcome: HoldOutcome) => void,
): boolean {
  if (body.whole !== undefined || isUpgrade) return false;
  if (bufferBytes === undefined && (body.declaredBytes < 0 || body.declaredBytes > MAX_KEPT_BODY_BYTES)) return false;
  body.holdUpTo(bufferBytes ?? MAX_KEPT_BODY_BYTES, done);
  return true;
}
