// What the backend's settings add to every Converse request. Filled by the provider, read by the encoder.
import type { ModelFamily } from './model-family.ts';

export interface ConverseGuardrail {
  readonly id: string;
  readonly version: string;
  readonly trace?: 'disabled' | 'enabled' | 'enabled_full';
  /** Streams only: `async` shows text before it is judged. */
  readonly streamMode?: 'sync' | 'async';
}

export interface ConverseOptions {
  readonly family: ModelFamily;
  readonly guardrail?: ConverseGuardrail;
  readonly latency?: 'standard' | 'optimized';
  /** For requests that ask for no tier of their own. */
  readonly serviceTier?: string;
}
