// What a request's faults refuse it for, before any wire puts it into its own words.
import type { Faults } from './faults.ts';

export type Refusal =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'rate-limit'; readonly retryAfterMs: number }
  | { readonly kind: 'quota' }
  | { readonly kind: 'context-window' }
  | { readonly kind: 'content-policy' };

/** The refusal that faults ask for, or undefined when the request shall be answered. */
export function refusalOf(faults: Faults): Refusal | undefined {
  if (faults.status !== undefined) return { kind: 'status', status: faults.status };
  if (faults['429'] !== undefined) return { kind: 'rate-limit', retryAfterMs: faults['429'] };
  if (faults.quota !== undefined) return { kind: 'quota' };
  if (faults['context-window'] !== undefined) return { kind: 'context-window' };
  return faults['content-policy'] === undefined ? undefined : { kind: 'content-policy' };
}

/** Whole seconds, as `Retry-After` is written. */
export function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.ceil(retryAfterMs / 1000));
}
