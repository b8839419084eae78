// How a stream that was cut ends for its client: with the protocol's own error event, never with a clean end.
import type { Operation } from './operation.ts';

/** The end of a chat or completions stream. */
export const STREAM_DONE = 'data: [DONE]\n\n';

/** Whether events name their type, as in the Responses API; the others are chunks that end with `[DONE]`. */
export function hasTypedEvents(operation: Operation): boolean {
  return operation !== 'chat' && operation !== 'completions';
}

export interface StreamError {
  readonly operation: Operation;
  readonly code: string;
  readonly message: string;
  /** Number of the event in a Responses stream. */
  readonly sequence?: number;
}

/**
 * The event the official SDKs turn into an exception: `{"error": …}` for chunks, `event: error` for typed events. It begins
 * with no blank line: the relay has ended the event before it.
 */
export function encodeStreamError({ operation, code, message, sequence = 0 }: StreamError): string {
  if (!hasTypedEvents(operation)) {
    const error = { message, type: 'server_error', param: null, code };
    return `data: ${JSON.stringify({ error })}\n\n`;
  }
  const event = { type: 'error', code, message, param: null, sequence_number: sequence };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
