// Where a client reads what its answer cost: a field of the head when the counts are known before it leaves, a trailer of a stream
// for clients that take trailers. Asked by answer-relay.ts.
import type { Exchange } from '../pipeline/exchange.ts';
import { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import { COST_FIELD, type CostMeter } from './cost-meter.ts';

/** Lines for the head of an AI answer. A cost that another gateway behind us told is not ours, and goes. */
export function costLines(costs: CostMeter, exchange: Exchange, { headers }: ResponseHead): string {
  if (exchange.genAi === undefined || !costs.isShown) return '';
  headers.deleteReceived(COST_FIELD);
  if (!exchange.genAi.streaming) return costs.line(exchange);
  return exchange.acceptsTrailers ? `trailer: ${COST_FIELD}\r\n` : '';
}

/** What ends a chunked answer; undefined = nothing. */
export function endingFields(
  costs: CostMeter,
  exchange: Exchange,
  own: HeaderList | undefined,
): HeaderList | undefined {
  if (!exchange.acceptsTrailers) return undefined;
  if (exchange.genAi?.streaming !== true) return own;
  const dollars = costs.dollars(exchange);
  if (dollars === undefined) return own;
  const trailers = own ?? new HeaderList();
  trailers.deleteReceived(COST_FIELD);
  trailers.append(COST_FIELD, dollars);
  return trailers;
}

/** Whether a good answer waits here for its end, so that its head can tell the cost. */
export function waitsForCost(costs: CostMeter, exchange: Exchange, { status, contentLength }: ResponseHead): boolean {
  const { genAi } = exchange;
  return costs.isShown && genAi !== undefined && !genAi.streaming && status < 300 && contentLength <= MAX_WAITED_BYTES;
}

/**
 * An answer that is made whole comes whole: one that comes bit by bit goes on when this passed, since its client would rather
 * see its beginning. Looked at when a piece comes, so that no answer needs a timer for it.
 */
export const MAX_COST_WAIT_MS = 100;
/** A longer one goes on at once. */
const MAX_WAITED_BYTES = 256 * 1024;
