// A client format: the wire shape applications speak to us (OpenAI, later Anthropic, Gemini). Pure: no I/O, no state.
import type { ErrorCode } from '../errors/codes.ts';
import type { Operation } from './operation.ts';

export interface ClientFormat {
  readonly name: string;
  /** Which operation a path asks for, by its suffix (`/v1/chat/completions`, `/ai/x/chat/completions`); undefined = not of this format. */
  detect(method: string, path: string): Operation | undefined;
  /** The format's own error JSON, so that official SDKs show a useful message. */
  encodeError(status: number, code: ErrorCode, detail: string, requestId: string): string;
}
