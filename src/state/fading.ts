// How estimates of endpoints (endpoint-table.ts) lose weight while nothing new is heard.

/**
 * What is not confirmed by new answers fades by this time constant (Finagle's and Linkerd's default): an endpoint passed over
 * for being slow or failing is tried again after some tens of seconds instead of never.
 */
export const FADE_MS = 10_000;
/** By this time constant an answer after a pause counts for more: it is news, and those before it may be of another time. */
export const NEWS_MS = 1000;
/** Younger than this nothing has faded yet. hot: spares an exponential per endpoint and pick, and errs by 1 %. */
const FRESH_MS = 100;

export function faded(ageMs: number): number {
  return ageMs < FRESH_MS ? 1 : Math.exp(-ageMs / FADE_MS);
}
