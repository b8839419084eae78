// A scenario as plain data: what is simulated and what must come of it. Made from a file by read-scenario.ts, or by a test.
import type { Comparison } from '../base/comparison.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Origin } from '../model/origin.ts';
import type { BreakerForce } from '../state/breaker-table.ts';
import type { Behaviour, BehaviourChange } from './behaviour.ts';
import type { EndpointSelector } from './endpoint-place.ts';

/** `{n}` in target, header values and body stands for the number of the request, `{client}` for that of its client. */
export interface RequestTemplate {
  readonly name: string | undefined;
  /** Undefined: the first. */
  readonly listener: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  readonly isChunked: boolean;
}

export interface Load {
  readonly ratePerSecond: number;
  /** `poisson`: as requests of many people who know nothing of each other. */
  readonly arrivals: 'constant' | 'poisson';
  readonly fromMs: number;
  readonly untilMs: number;
  /** So many clients, each request of one drawn at random. */
  readonly clients: number;
  /** A client waits no longer than this; 0 = for ever. */
  readonly patienceMs: number;
  readonly mix: readonly { readonly weight: number; readonly request: RequestTemplate }[];
}

export type EventAction =
  | {
      readonly kind: 'behave';
      readonly of: EndpointSelector;
      readonly change: BehaviourChange;
      readonly forMs: number | undefined;
    }
  /** The next model each time, from the first again after the last. */
  | { readonly kind: 'reload'; readonly models: readonly GatewayModel[] }
  | {
      readonly kind: 'force';
      readonly backend: string;
      readonly endpoint: string | undefined;
      readonly to: BreakerForce;
    };

export interface ScenarioEvent {
  readonly atMs: number;
  /** Again and again until the end; undefined = once. */
  readonly everyMs: number | undefined;
  readonly action: EventAction;
}

/** What must be true of each answer. Texts are compared as they are. */
export interface AnswerExpectation {
  readonly status?: number | undefined;
  readonly route?: string | undefined;
  /** The backend that was asked last. */
  readonly backend?: string | undefined;
  readonly endpoint?: string | undefined;
  /** Sent to an AI provider. */
  readonly model?: string | undefined;
  readonly error?: ErrorCode | undefined;
  readonly attempts?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Of the request as the endpoint received it. */
  readonly received?: ReceivedExpectation | undefined;
  /** Texts that stand in the body. */
  readonly body?: readonly string[] | undefined;
}

export interface ReceivedExpectation {
  readonly target?: string | undefined;
  /** `null`: not there. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  readonly body?: readonly string[] | undefined;
}

export interface SingleRequest {
  readonly origin: Origin;
  readonly atMs: number;
  readonly times: number;
  readonly client: number;
  readonly request: RequestTemplate;
  readonly expect: AnswerExpectation;
}

/** Which requests of the load are counted. */
export interface RequestFilter {
  /** By when they were sent. */
  readonly fromMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly name: string | undefined;
  readonly route: string | undefined;
  readonly backend: string | undefined;
}

export interface ShareExpectation {
  readonly by: 'backend' | 'endpoint' | 'zone' | 'region' | 'route' | 'model';
  readonly shares: readonly (readonly [name: string, is: Comparison])[];
  /** One that is a part alone may be off by this. */
  readonly within: number;
  /** In any so many consecutive requests; undefined = in all together. */
  readonly window: number | undefined;
}

/** `errors`: answers of 500 and above, broken answers and those that never came, as a number or as a part of the requests. */
export type LoadExpectation =
  | { readonly kind: 'requests' | 'errors' | 'attempts_per_request'; readonly is: Comparison }
  | { readonly kind: 'status'; readonly status: string; readonly is: Comparison }
  | { readonly kind: 'latency' | 'first_byte'; readonly part: number; readonly is: Comparison }
  | { readonly kind: 'share'; readonly share: ShareExpectation };

export interface StateExpectation {
  readonly kind: 'state';
  readonly atMs: number;
  readonly backend: string;
  /** Undefined: the backend itself. */
  readonly endpoint: string | undefined;
  readonly usable: boolean | undefined;
  readonly breaker: string | undefined;
  /** One of the reasons why it is not used. */
  readonly reason: string | undefined;
}

export type Expectation = { readonly origin: Origin } & (
  | { readonly of: RequestFilter; readonly what: LoadExpectation }
  | { readonly of: undefined; readonly what: StateExpectation }
);

export interface Scenario {
  readonly name: string;
  readonly source: string;
  readonly seed: number;
  readonly workers: number;
  readonly durationMs: number;
  readonly model: GatewayModel;
  /** By `host:port`; `*` = all others. */
  readonly endpoints: ReadonlyMap<string, Behaviour>;
  readonly load: readonly Load[];
  readonly events: readonly ScenarioEvent[];
  readonly requests: readonly SingleRequest[];
  readonly expect: readonly Expectation[];
}
