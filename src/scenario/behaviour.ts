// How a simulated endpoint behaves, as written, and what of it holds at a moment: overlays of events on what it always does.
import type { Distribution } from './distribution.ts';

/**
 * `up`. `refused`: nothing listens, connections are refused and open ones were reset. `silent`: the host has vanished, nothing is
 * heard of it; connections of before are reset when it comes back.
 */
export type Network = 'up' | 'refused' | 'silent';

export const FAILURE_KINDS = [
  'status',
  'reset',
  'cut',
  'stall',
  'stall-midway',
  'refuse-connect',
  'never-connect',
] as const;
/**
 * `status`: answers with an error. `reset`: closes before answering. `cut`: closes in the middle of the answer. `stall`: never
 * answers. `stall-midway`: falls silent in the middle. The last two meet connections, not requests.
 */
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface FailureMode {
  readonly kind: FailureKind;
  /** Of the requests (or connections) that meet it, 0..1. */
  readonly share: number;
  /** For `status`. */
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** For `cut` and `stall-midway` of a stream: so many deltas come first. */
  readonly afterDeltas: number;
}

export interface Behaviour {
  readonly network: Network;
  /** Time to connect. */
  readonly connect: Distribution;
  /** Time to the head of the answer. */
  readonly latency: Distribution;
  /** Multiplies every latency drawn. */
  readonly slower: number;
  /** Requests worked on at a time; more wait their turn. */
  readonly capacity: number;
  /** The first that strikes is the one. */
  readonly failures: readonly FailureMode[];
  /** Of a streamed answer: from its head to the first delta, and between deltas. */
  readonly firstDelta: Distribution;
  readonly deltaGap: Distribution;
  /** Of plain requests. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: JSON that says which endpoint answered. */
  readonly body: string | undefined;
}

const INSTANT: Distribution = { kind: 'fixed', ms: 0 };

export const DEFAULT_BEHAVIOUR: Behaviour = {
  network: 'up',
  connect: { kind: 'fixed', ms: 1 },
  latency: { kind: 'fixed', ms: 20 },
  slower: 1,
  capacity: Number.POSITIVE_INFINITY,
  failures: [],
  firstDelta: INSTANT,
  deltaGap: { kind: 'fixed', ms: 5 },
  status: 200,
  headers: {},
  body: undefined,
};

/** What is written of a behaviour; the rest stays as it is. */
export type BehaviourChange = { readonly [K in keyof Behaviour]?: Behaviour[K] | undefined };

export function changed(behaviour: Behaviour, change: BehaviourChange): Behaviour {
  const written = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...behaviour, ...Object.fromEntries(written) };
}

/** The failure that strikes this time; undefined = none. */
export function strike(
  { failures }: Behaviour,
  isKind: (kind: FailureKind) => boolean,
  random: () => number,
): FailureMode | undefined {
  return failures.find(({ kind, share }) => isKind(kind) && random() < share);
}

export function meetsConnections(kind: FailureKind): boolean {
  return kind === 'refuse-connect' || kind === 'never-connect';
}
