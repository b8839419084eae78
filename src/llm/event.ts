// A streamed answer in the canonical shape: what every provider's stream is decoded to and every client's stream is made of.
import type { JsonObject } from './json-value.ts';
import type { CacheMark } from './message.ts';
import type { Finish, ProviderError } from './response.ts';
import type { Usage } from './usage.ts';

export type { CacheMark };

/**
 * `choice` is the index of the answer (0 unless `n` was asked for), `call` the number of a tool call within its choice, in the
 * order of their beginnings. Deltas of several calls may interleave. Between `start` and the last event, parts may come in any
 * order; encoders of wires with blocks open and close them.
 */
export type LlmEvent =
  /** First of every stream. */
  | {
      readonly type: 'start';
      readonly id: string | undefined;
      readonly model: string | undefined;
      readonly createdSeconds: number | undefined;
      /** Input tokens, where the wire tells them at once (Anthropic). */
      readonly usage: Usage | undefined;
    }
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string; readonly logprobs?: JsonObject }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly choice: number; readonly text: string }
  /** Closes the thought so far. */
  | { readonly type: 'reasoning-signature'; readonly choice: number; readonly signature: string }
  | { readonly type: 'reasoning-redacted'; readonly choice: number; readonly data: string }
  | {
      readonly type: 'tool-call-start';
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: string;
    }
  /** A piece of the arguments' JSON text. */
  | { readonly type: 'tool-call-delta'; readonly choice: number; readonly call: number; readonly text: string }
  | { readonly type: 'citation'; readonly choice: number; readonly citation: JsonObject }
  /** An image the model made. */
  | { readonly type: 'image'; readonly choice: number; readonly mediaType: string; readonly data: string }
  /** Keeps the connection awake. */
  | { readonly type: 'ping' }
  /** Counts so far, each a total: the last one counts. May come before or after `finish`. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly choice: number; readonly finish: Finish; readonly rest?: JsonObject }
  /** A failure told inside the stream. Nothing follows it. */
  | { readonly type: 'error'; readonly error: ProviderError };

/** Whether a user would miss it: until then another provider may still answer (design decision 7). */
export function isUseful({ type }: LlmEvent): boolean {
  return type !== 'start' && type !== 'ping' && type !== 'usage' && type !== 'error' && type !== 'reasoning-signature';
}
