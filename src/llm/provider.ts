// A provider: one AI service's paths, credentials and quirks. An OpenAI-compatible one is some thirty lines over openai-compatible.ts.
import type { Definition } from '../schema/definition.ts';
import type { Operation } from './operation.ts';

export interface ProviderDefinition<C> extends Definition<C> {
  /** Endpoint used when the backend gives no `base_url`, as in the official SDK (`https://api.openai.com/v1`). */
  readonly defaultBaseUrl: string | undefined;
  /** Environment variables read when the backend gives no key, in order. */
  readonly keyVariables: readonly string[];
  /** Same for the base URL. */
  readonly baseUrlVariables: readonly string[];
  /** Client formats whose bytes it takes unchanged. */
  readonly speaks: readonly string[];
  compile(config: C): ProviderAdapter;
}

export interface ProviderAdapter {
  readonly operations: readonly Operation[];
  /** Path below the base path (`/chat/completions`), or undefined when the operation is not offered. */
  path(operation: Operation, model: string): string | undefined;
  /**
   * Header fields of the backend's own, complete lines ending in CRLF, made once per configuration: the credential, and what
   * the provider's settings add. Without a secret only the latter, for requests that carry the client's own credential.
   */
  credentialLines(secret: string | undefined): string;
  /** Whether `stream_options.include_usage` may be sent. */
  readonly acceptsStreamOptions: boolean;
}
