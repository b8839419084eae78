// A client format: the wire shape applications speak to us (OpenAI, Anthropic, Gemini). Pure: no I/O, no state.
import type { ErrorCode } from '../errors/codes.ts';
import type { ChatClientCodec, EmbeddingsClientCodec, RequestAddress, TokenCountClientCodec } from './codec.ts';
import type { Operation } from './operation.ts';
import type { RateLimitStyle } from './rate-limit-fields.ts';
import type { ProviderError } from './response.ts';

/** What tells two formats apart that share a path (`/v1/models`). Field names in lower case. */
export type FieldLookup = (lowerName: string) => string | undefined;

export interface ClientFormat {
  readonly name: string;
  /** Which operation a path asks for, by its suffix (`/v1/chat/completions`, `/ai/x/chat/completions`); undefined = not of this format. */
  detect(method: string, path: string, field?: FieldLookup): Operation | undefined;
  /** What the URL says, where the wire puts model and stream wish there; undefined where the body has them. */
  readonly address: ((path: string, query: string) => RequestAddress) | undefined;
  /**
   * How a request of this operation is understood where the provider speaks another wire; undefined = it can only pass through.
   * Every client of an operation `chat`, `completions`, `responses` or `count-tokens` speaks of a conversation.
   */
  chatCodec(operation: Operation): ChatClientCodec | undefined;
  readonly embeddingsCodec: EmbeddingsClientCodec | undefined;
  readonly tokenCountCodec: TokenCountClientCodec | undefined;
  /** The listing of models where the gateway gives it, and one of its entries. */
  encodeModels(names: readonly string[]): string;
  encodeModel(name: string): string;
  /** The fields its SDKs read limits from; undefined = none. */
  readonly rateLimitStyle?: RateLimitStyle;
  /** The format's own error JSON, so that official SDKs show a useful message. */
  encodeError(status: number, code: ErrorCode, detail: string, requestId: string): string;
  /** A provider's refusal in this format's own error JSON; the status is passed on. */
  encodeProviderError(error: ProviderError, requestId: string): string;
}
