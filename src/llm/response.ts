// An answer of a model in the canonical shape.
import type { JsonObject, JsonValue } from './json-value.ts';
import type { AssistantPart } from './message.ts';
import type { Usage } from './usage.ts';

export type FinishReason =
  | 'stop'
  /** One of the request's stop sequences. */
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  /** The provider paused a long turn and wants the conversation back (Anthropic's `pause_turn`). */
  | 'pause'
  | 'context-window'
  | 'error'
  | 'other';

export interface Finish {
  readonly reason: FinishReason;
  /** As the provider wrote it. */
  readonly raw?: string;
  readonly stopSequence?: string;
}

export interface Choice {
  readonly index: number;
  readonly content: readonly AssistantPart[];
  readonly finish: Finish;
  /** In OpenAI's shape (`{content: [{token, logprob, bytes, top_logprobs}]}`), which other wires' codecs make. */
  readonly logprobs?: JsonObject;
}

export interface ChatResponse {
  /** The provider's own; undefined = it gave none, and the client's codec makes one. */
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly createdSeconds: number | undefined;
  readonly choices: readonly Choice[];
  readonly usage: Usage | undefined;
  readonly serviceTier?: string;
  /** Provider facts that only a client of the same wire shows (`promptFeedback`, `system_fingerprint`). */
  readonly rest?: JsonObject;
}

export interface EmbeddingsResponse {
  readonly model: string | undefined;
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage | undefined;
}

export interface TokenCount {
  readonly inputTokens: number;
  readonly cachedTokens?: number;
  /** The gateway counted, because the provider cannot. */
  readonly isEstimated: boolean;
}

export type LlmResponse =
  | { readonly kind: 'chat'; readonly chat: ChatResponse }
  | { readonly kind: 'embeddings'; readonly embeddings: EmbeddingsResponse }
  | { readonly kind: 'token-count'; readonly count: TokenCount };

/** What a provider says instead of an answer, whatever its wire. */
export interface ProviderError {
  readonly status: number;
  /** The provider's own word (`overloaded_error`, `RESOURCE_EXHAUSTED`, `context_length_exceeded`). */
  readonly type: string;
  readonly code: string | undefined;
  /** For the client, not for logs: providers quote keys in it. */
  readonly message: string;
  readonly param: JsonValue | undefined;
}
