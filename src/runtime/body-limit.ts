// Why a body was refused, for who has to raise the limit: which of the two it is over, and how much that is.
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';

/** Detail of the error that collecting a body came to; empty where its length is not the reason. */
export function limitDetail({ body, client }: Exchange, code: ErrorCode): string {
  if (code !== 'request.too-large') return '';
  const { limitBytes } = body;
  const isHeld = limitBytes === client.maxBufferedBodyBytes;
  return isHeld ? `at most ${limitBytes} bytes are held in memory (max_buffered_body)` : `at most ${limitBytes} bytes`;
}
