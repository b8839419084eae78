// What a balancer is: compiled once per pool of endpoints, then asked for an index. `pick` allocates nothing.
// `balancer.contract.ts` holds what every one of them must keep to.
import type { Definition } from '../schema/definition.ts';

/** What a balancer may ask about the request it chooses for; an object that is there anyway. */
export interface Choice {
  /** 32-bit hash of what the backend hashes on, signed or not, -1 without one. Only hashing balancers look at it. */
  readonly key: number;
  /** The client's region, where the backend goes by it; undefined = not known. */
  readonly region: string | undefined;
  /** This endpoint has failed this request already. */
  tried(index: number): boolean;
}

/**
 * The endpoints of one backend as a balancer sees them; times are those of the last `refresh`. hot: all numbers are whole, since
 * a fraction goes to the heap at every call that is not inlined (measured: 16 bytes each, up to 100 a pick).
 */
export interface PoolView {
  readonly size: number;
  /** Stable over reloads. */
  id(index: number): string;
  /** As written; 0 = gets nothing new. */
  weight(index: number): number;
  /** Up, as far as anybody knows. */
  usable(index: number): boolean;
  /** Requests under way, over all threads. */
  inFlight(index: number): number;
  /** Smoothed time to first byte; 0 = not measured lately. */
  latencyMicroseconds(index: number): number;
  /** Peak-EWMA of the same; 0 = not measured lately. */
  peakLatencyMicroseconds(index: number): number;
  /** Estimate of its 95th percentile; 0 = not measured lately. */
  p95LatencyMicroseconds(index: number): number;
  /** Smoothed share of failed attempts, 0..1000. */
  errorsPerThousand(index: number): number;
  /** Slow start: 1000 = takes its full share, less while it lasts. */
  warmthPerThousand(index: number): number;
  /** What to share out by: weight times warmth, in thousandths; at least 1 for an endpoint with a weight. */
  share(index: number): number;
  /** Slow start: false while a warming endpoint has all the requests under way that it may have by now. */
  hasRoom(index: number): boolean;
  /** Takes the time for one pick, and gives a number that changes whenever a share has changed. */
  refresh(): number;
  /** When that was: whole milliseconds that wrap after 24 days. */
  refreshedAtMs(): number;
}

export interface Balancer {
  /** An endpoint that is usable and not tried; when none is usable, one not tried; -1 when none is left. Never one of weight 0. */
  pick(choice: Choice): number;
  /** For explanations: what it compares endpoints by now, by index, lower first; absent where it goes by weights, turns or hashes. */
  costs?(): readonly number[];
  /** What an endpoint has coming to it from this balancer (SmoothWeights.debt), for the balancer of the next generation. */
  debt?(index: number): number;
}

export interface BalancerDeps {
  random(): number;
  /** `debt` of the same endpoint in the balancer this one takes over from; undefined = it had none. */
  earlierDebt?(id: string): number | undefined;
}

export interface BalancerDefinition<C> extends Definition<C> {
  compile(config: C, pool: PoolView, deps: BalancerDeps): Balancer;
  /** What of a request its key is made of; only hashing balancers have it. */
  hashOn?(config: C): RequestKeySource;
}

/** Parts of a request a key can be made of; of several the first that the request has. */
export type RequestKeySource = readonly RequestKeyPart[];

export type RequestKeyPart =
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string }
  | { readonly kind: 'path' | 'client-ip' | 'model' };
