// A small body that is still arriving is collected before the first try, where another one may have to send it again.
import type { Exchange } from '../pipeline/exchange.ts';
import type { CollectOutcome } from '../pipeline/request-body.ts';

/** A request body up to this is kept for retries where the author asked for them; a larger one can be sent only once. */
const MAX_KEPT_BODY_BYTES = 64 * 1024;

/** False: there is nothing to wait for. */
export function keepBody({ body, isUpgrade }: Exchange, done: (outcome: CollectOutcome) => void): boolean {
  if (body.whole !== undefined || isUpgrade) return false;
  if (body.declaredBytes < 0 || body.declaredBytes > MAX_KEPT_BODY_BYTES) return false;
  body.collect(MAX_KEPT_BODY_BYTES, done);
  return true;
}
