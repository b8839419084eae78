// Names an exchange: request id, trace and span. Also where a request that comes back to us is recognised.
import type { Exchange } from '../pipeline/exchange.ts';
import { isRequestId } from '../telemetry/request-id.ts';
import { continuedTraceState, NEW_TRACE_FLAGS, parseTraceParent } from '../telemetry/trace-parent.ts';
import { headerId } from '../wire/known-headers.ts';
import type { ThreadResources } from './thread-resources.ts';

const ID_REQUEST_ID = headerId('x-request-id');
const ID_TRACEPARENT = headerId('traceparent');
const ID_TRACESTATE = headerId('tracestate');
const ID_VIA = headerId('via');

/** False when the request has passed this very process before (RFC 9110 §7.6.3): answering it again would never end. */
export function identify(exchange: Exchange, resources: ThreadResources): boolean {
  const headers = exchange.headers;
  let requestId: string | undefined;
  let traceparent: string | undefined;
  let traceparents = 0;
  let hasState = false;
  let isLoop = false;
  for (let index = 0; index < headers.count; index++) {
    const id = headers.ids[index];
    if (id === ID_REQUEST_ID) requestId ??= headers.valueAt(index);
    else if (id === ID_TRACEPARENT) {
      traceparent = headers.valueAt(index);
      traceparents++;
    } else if (id === ID_TRACESTATE) hasState = true;
    else if (id === ID_VIA && headers.valueAt(index).includes(resources.via)) isLoop = true;
  }
  exchange.timestampMs = Math.floor(resources.wallMs());
  const { idLines } = resources;
  idLines.next();
  exchange.traceId = idLines.traceId();
  exchange.spanId = idLines.spanId();
  exchange.traceFlags = NEW_TRACE_FLAGS;
  exchange.requestId = isRequestId(requestId) ? requestId : exchange.traceId;
  if (requestId === undefined && traceparents === 0) exchange.idLines = idLines.lines();
  if (traceparents > 0 || hasState) continueTrace(exchange, traceparents === 1 ? traceparent : undefined);
  return !isLoop;
}

function continueTrace(exchange: Exchange, traceparent: string | undefined): void {
  const parent = parseTraceParent(traceparent);
  if (parent !== undefined) {
    exchange.traceId = parent.traceId;
    exchange.traceFlags = parent.flags;
  }
  const state = exchange.headers.get('tracestate');
  if (state !== undefined && continuedTraceState(parent, state) === undefined)
    exchange.headers.deleteKnown(ID_TRACESTATE);
}
