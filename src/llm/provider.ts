// A provider: one AI service's paths, credentials and quirks. An OpenAI-compatible one is some thirty lines over openai-compatible.ts.
import type { MaybePromise } from '../base/types.ts';
import type { Definition } from '../schema/definition.ts';
import type { ModelLimits } from './catalog/catalog-data.ts';
import type { ChatTargetCodec, EmbeddingsTargetCodec, ErrorDecoder, TokenCountTargetCodec } from './codec.ts';
import type { Operation } from './operation.ts';

export interface ProviderDefinition<C> extends Definition<C> {
  /** Endpoint used when the backend gives no `base_url`, as in the official SDK (`https://api.openai.com/v1`). */
  readonly defaultBaseUrl: string | undefined;
  /** Environment variables read when the backend gives no key, in order. */
  readonly keyVariables: readonly string[];
  /** Text put before the value of such a variable, where its name says what kind of secret it is. */
  readonly keyPrefixes?: Readonly<Record<string, string>>;
  /** Same for the base URL. */
  readonly baseUrlVariables: readonly string[];
  /** Environment variables that stand for options which are not written, by the option's name. */
  readonly optionVariables?: Readonly<Record<string, OptionVariables>>;
  /** Address made of the options (region, project, resource), where there is no `base_url`; undefined = `defaultBaseUrl`. */
  readonly baseUrlOf?: (config: C) => string | undefined;
  /** Client formats whose bytes it takes unchanged. */
  readonly speaks: readonly string[];
  compile(config: C): ProviderAdapter;
}

export interface OptionVariables {
  /** In order. */
  readonly variables: readonly string[];
  /**
   * The option is one half of a credential whose other half this key variable holds: it is read from the environment only where
   * the key comes from there too, and where it is written the key comes from no other variable.
   */
  readonly besideKey?: string;
}

/** One request as a provider is asked for it. */
export interface ProviderCall {
  readonly operation: Operation;
  readonly model: string;
  readonly stream: boolean;
  /** What is known of the model's size; undefined = nothing. */
  readonly limits?: ModelLimits | undefined;
}

/** How the events of a streamed answer are told apart; payloads go to the codec's StreamDecoder. */
export type StreamFraming = 'sse' | 'aws-event-stream';

export type TargetCodec =
  | { readonly kind: 'chat'; readonly codec: ChatTargetCodec }
  | { readonly kind: 'embeddings'; readonly codec: EmbeddingsTargetCodec }
  | { readonly kind: 'token-count'; readonly codec: TokenCountTargetCodec };

/** Where and how a translated request is sent. Always POST with a JSON body. */
export interface TranslationTarget {
  /** Below the base path. */
  readonly path: string;
  /** Without `?`; empty = none. The client's own query does not travel. */
  readonly query: string;
  readonly codec: TargetCodec;
  readonly framing: StreamFraming;
}

/** Where a token comes from. `secret` of the backend is the key file's text, or the client's secret. */
export type TokenNeed =
  /** A service account's key, or without one the credentials of the machine (workload identity, metadata server). */
  | { readonly kind: 'google'; readonly scopes: readonly string[] }
  /** OAuth client credentials of Entra. */
  | { readonly kind: 'entra'; readonly tenantId: string; readonly clientId: string; readonly scope: string };

/** What a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** As in Host. */
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly body: Uint8Array;
  readonly wallMs: number;
}

export interface ProviderAdapter {
  readonly operations: readonly Operation[];
  /** Whether bytes of this client format pass through for the operation and model. */
  passes(format: string, operation: Operation, model: string): boolean;
  /** Path below the base path (`/chat/completions`) of a request that passes through, or undefined when the operation is not offered. */
  path(operation: Operation, model: string, isStream?: boolean): string | undefined;
  /** The query of a request that passes through, made of the client's own; undefined = that, as it is. */
  readonly passedQuery?: (clientQuery: string, operation: Operation) => string;
  /** Whether the model stands in the path, so that a passed body is not spliced. */
  readonly hasModelInPath: boolean;
  /** How an operation is asked for that does not pass through; undefined = it is not offered. */
  translation(call: ProviderCall): TranslationTarget | undefined;
  readonly errors: ErrorDecoder;
  /**
   * Header fields of the backend's own, complete lines ending in CRLF, made once per configuration: the credential, and what
   * the provider's settings add. Without a secret only the latter, for requests that carry the client's own credential.
   */
  credentialLines(secret: string | undefined): string;
  /** Lines by lower-case name, sent where the client's own field of that name is not. */
  readonly defaultFields?: ReadonlyMap<string, string>;
  /** Fields of the client's, by lower-case name, of which only a part is sent; '' = nothing of it. */
  readonly rewrittenFields?: ReadonlyMap<string, (value: string) => string>;
  /**
   * Lines added to one request, where credentials hang on its bytes (SigV4); undefined = none. A rejected promise is a failure of
   * the credential: its message holds no secret.
   */
  readonly sign?: (request: SignableRequest, secret: string | undefined) => MaybePromise<string>;
  /** A token that is fetched and renewed by upstream/credentials/ and sent as `authorization: Bearer`; undefined = none. */
  readonly tokenNeed?: TokenNeed;
  /** Whether `stream_options.include_usage` may be sent. */
  readonly acceptsStreamOptions: boolean;
}
