// When a request gets a second try while the first goes on, as a route says it. Compiled by upstream/hedge-policy.ts.
import type { RetryBudget } from './retry.ts';

export interface HedgeSettings {
  /** After the first try was sent: milliseconds, or the quantile (0 to 1) of how long first tries of the route take. */
  readonly delay:
    | { readonly kind: 'fixed'; readonly ms: number }
    | { readonly kind: 'quantile'; readonly share: number };
  /** Further tries of one request, each a delay after the one before. Default 1. */
  readonly max: number;
  /** Counted together with retries. Default 10 % and one a second. */
  readonly budget: RetryBudget;
}
