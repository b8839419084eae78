// Brings `model` out of a JSON body for routes that match on it: waits for the body, scans it once, remembers the answer.
import type { ErrorCode } from '../errors/codes.ts';
import { RequestFacts, scanRequestFacts } from '../llm/request-facts.ts';
import type { Exchange } from '../pipeline/exchange.ts';

/** Facts of the body scanned last. Scanning and using them never yields, so one is enough for a thread. */
export const bodyFacts: RequestFacts = new RequestFacts();

/** Scans the exchange's whole body into `bodyFacts`. */
export function scanBody(exchange: Exchange): boolean {
  const { whole, wholeStart, wholeEnd } = exchange.body;
  return whole !== undefined && scanRequestFacts(whole, wholeStart, wholeEnd, bodyFacts);
}

/**
 * Sets `exchange.model` and `modelKnown`, then calls `done`, at once when the body is here. A body that is not JSON has no
 * model: such a request simply does not match a route that asks for one. A body too large to hold is refused.
 */
export function readModel(exchange: Exchange, done: (code: ErrorCode | undefined) => void): void {
  exchange.body.collect(exchange.client.maxBufferedBodyBytes, (outcome) => {
    if (outcome !== 'complete') {
      done(outcome);
      return;
    }
    exchange.model = scanBody(exchange) ? bodyFacts.model : undefined;
    exchange.modelKnown = true;
    done(undefined);
  });
}
