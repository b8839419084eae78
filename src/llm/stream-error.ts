// How a stream of OpenAI's format that was cut ends for its client: with the protocol's own error event, never with a clean end.
import type { StreamFailure } from './event-reader.ts';
import type { Operation } from './operation.ts';

/** The end of a chat or completions stream. */
export const STREAM_DONE = 'data: [DONE]\n\n';

/** Every reader of server-sent events passes over it. */
export const HEARTBEAT_COMMENT = ': keep-alive\n\n';

/** Whether events name their type, as in the Responses API; the others are chunks that end with `[DONE]`. */
export function hasTypedEvents(operation: Operation): boolean {
  return operation !== 'chat' && operation !== 'completions';
}

/** The chunk the official SDKs turn into an exception. */
export function encodeChunkError({ code, message }: StreamFailure): string {
  const error = { message, type: 'server_error', param: null, code };
  return `data: ${JSON.stringify({ error })}\n\n`;
}

/** The same as an event that names its type. */
export function encodeTypedError({ code, message, sequence }: StreamFailure): string {
  const event = { type: 'error', code, message, param: null, sequence_number: sequence };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}
