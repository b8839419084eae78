// A rule: which requests, through which filters, to which targets.

import type { AdmissionClass } from '../base/admission-class.ts';
import type { Id } from '../base/types.ts';
import type { HedgeSettings } from './hedge.ts';
import type { Match } from './match.ts';
import type { Origin } from './origin.ts';
import type { Retry } from './retry.ts';
import type { Split } from './split.ts';

/** One use of a filter, its configuration already parsed by that filter's schema. */
export interface FilterUse {
  readonly filter: string;
  readonly config: unknown;
  readonly origin: Origin;
  /** What a failure inside the filter does to the request. Default `refuse`. */
  readonly onError?: 'refuse' | 'continue';
}

/** A share of a route's traffic. Weights are relative; tier 1 is used only when every target of tier 0 is out. */
export interface Target {
  readonly backend: Id<'backend'>;
  readonly weight: number;
  readonly tier: number;
}

export interface ForwardAction {
  readonly kind: 'forward';
  readonly targets: readonly Target[];
  /** How a target of a tier is chosen; its endpoint is then chosen by its backend. Undefined = in turns by weight. */
  readonly balancer?: { readonly name: string; readonly config: unknown };
  /** A key of the request chooses the target of a tier; requests without it are chosen for as above. Undefined = none. */
  readonly split?: Split;
  /** Who is asked after the first target failed, in this order; then the others. Undefined = as a first target is chosen. */
  readonly failover?: readonly Id<'backend'>[];
}

/** `reply`: a filter of the route answers (redirect, fixed reply). */
export type Action = ForwardAction | { readonly kind: 'reply' };

export interface Timeouts {
  /** TCP and TLS handshake with the endpoint. Default 5 s. */
  readonly connectMs: number;
  /** From the last request byte to the first response byte. Default 60 s (AI backends 600 s: slow models think). */
  readonly firstByteMs: number;
  /** Longest silence inside a response body. Default 300 s. */
  readonly idleMs: number;
  /** The whole exchange; 0 = none. Default 0. */
  readonly totalMs: number;
}

export interface Route {
  readonly id: Id<'route'>;
  /** As in metrics and logs. */
  readonly name: string;
  readonly origin: Origin;
  /** Listeners it is attached to; empty = every listener. */
  readonly parents: readonly Id<'listener'>[];
  /** Empty = any host. */
  readonly hostnames: readonly string[];
  /** Explicit priority, higher first; 0 = by specificity alone (model/precedence.ts). */
  readonly rank: number;
  /** Position in its documents, the last tie-break. */
  readonly order: number;
  /** Takes what nothing else takes. */
  readonly isDefault: boolean;
  /** Any of these; empty = every request. */
  readonly match: readonly Match[];
  readonly filters: readonly FilterUse[];
  readonly action: Action;
  readonly timeouts: Partial<Timeouts>;
  /** Over its backends'. */
  readonly retry?: Retry;
  /** Undefined = none. */
  readonly hedge?: HedgeSettings;
  /** Bodies up to this are held whole before an endpoint is asked; larger ones stream. Undefined = as retries need it. */
  readonly bufferBytes?: number;
  /** Share of the requests that shall succeed, above 0 and below 1: shown as a metric beside what came of them. */
  readonly slaTarget?: number;
  /** What its target needs to run, by name, for deployment manifests and explanations. */
  readonly resources?: Readonly<Record<string, string>>;
  /** Of its requests, where a backend limits its concurrency. Default normal. */
  readonly admissionClass?: AdmissionClass;
}
