// A backend ready for traffic: the set of endpoints it chooses from now, the provider's adapter, what answers in its place.
import type { MaybePromise } from '../base/types.ts';
import type { ModelLimits } from '../llm/catalog/catalog-data.ts';
import type { Strictness } from '../llm/parameter-table.ts';
import type { ProviderAdapter, SignableRequest } from '../llm/provider.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { Reply } from '../pipeline/reply.ts';
import type { ProviderWindow } from '../state/provider-table.ts';
import type { BackendAdmission } from '../upstream/backend-admission.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';
import type { AnswerTap } from './answer-tap.ts';
import type { AttemptMetrics } from './attempt-metrics.ts';
import type { BackendRetries } from './backend-retries.ts';
import type { EndpointSet } from './endpoint-set.ts';
import type { StreamLimits } from './stream-watch.ts';

/** What is answered while the breaker keeps the backend out; undefined = the error. */
export type Fallback = (exchange: Exchange) => Reply | undefined;

/** Lays a tap that keeps the answer over the one that reads along, where it may be kept. */
export type Keeper = (exchange: Exchange, head: ResponseHead, inner: AnswerTap | undefined) => AnswerTap | undefined;

export interface CompiledProvider {
  readonly name: string;
  readonly adapter: ProviderAdapter;
  /** In front of every operation's path. */
  readonly basePath: string;
  readonly model: string | undefined;
  /** The backend's own credential and the fields of its settings; or an empty string. */
  readonly credentialLines: string;
  /** The fields of its settings alone, sent with the client's own credential. */
  readonly keylessLines: string;
  readonly forwardsCredential: boolean;
  /** What becomes of wishes it cannot be told. */
  readonly strictness: Strictness;
  /** Lines of the credential where it hangs on the request or is renewed; undefined where `credentialLines` are all. */
  readonly authorize: Authorize | undefined;
  /** What is known of a model's size before it is asked. */
  limitsOf(model: string): ModelLimits | undefined;
}

/** Rejects with a message that holds no secret. */
export type Authorize = (request: Omit<SignableRequest, 'wallMs'>) => MaybePromise<string>;

export interface BackendParts {
  readonly name: string;
  /** The host name that its endpoints are found by; undefined where they are written. */
  readonly hostName: string | undefined;
  readonly set: EndpointSet;
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  readonly fallback: Fallback | undefined;
  readonly keeper: Keeper | undefined;
  readonly admission: BackendAdmission | undefined;
  readonly stream: StreamLimits | undefined;
  /** How an AI provider does; undefined for other backends. */
  readonly window: ProviderWindow | undefined;
}

export class CompiledBackend {
  readonly name: string;
  readonly hostName: string | undefined;
  readonly provider: CompiledProvider | undefined;
  readonly attempts: AttemptMetrics;
  readonly retries: BackendRetries;
  readonly fallback: Fallback | undefined;
  /** Undefined where no answers are kept. */
  readonly keeper: Keeper | undefined;
  /** Undefined where its concurrency is not limited. */
  readonly admission: BackendAdmission | undefined;
  /** How its streamed answers are watched; undefined = not at all. */
  readonly stream: StreamLimits | undefined;
  readonly window: ProviderWindow | undefined;
  /** A request that fails at one endpoint may find another: there is one, or may be one by then. */
  readonly hasChoice: boolean;
  private current: EndpointSet;

  constructor(parts: BackendParts) {
    this.name = parts.name;
    this.hostName = parts.hostName;
    this.current = parts.set;
    this.provider = parts.provider;
    this.attempts = parts.attempts;
    this.retries = parts.retries;
    this.fallback = parts.fallback;
    this.keeper = parts.keeper;
    this.admission = parts.admission;
    this.stream = parts.stream;
    this.window = parts.window;
    this.hasChoice = parts.hostName !== undefined || parts.set.endpoints.length > 1;
  }

  /** What the next try chooses from. */
  get set(): EndpointSet {
    return this.current;
  }

  /** Its endpoints are others from now on. Tries under way keep the set they have. */
  replace(set: EndpointSet, wallMs: number): void {
    const kept = new Set(set.endpoints.map(({ id }) => id));
    const gone = this.current.endpoints.flatMap(({ id }, index) => (kept.has(id) ? [] : [index]));
    this.current.guard?.retire(gone, wallMs);
    this.current = set;
  }

  isUsable(wallMs: number): boolean {
    return this.current.isUsable(wallMs);
  }

  /** For explanations: empty while it is usable. */
  whyOut(wallMs: number): string {
    const { guard, endpoints } = this.set;
    if (guard !== undefined && !guard.isBackendUsable(wallMs)) return ', kept out by its circuit breaker';
    if (this.isUsable(wallMs))
      return this.admission?.hasRoom === false ? ', has as many requests as it can take now' : '';
    if (endpoints.length === 0) return ', no address of its name is known';
    return this.set.isUnhealthy() ? ', its endpoints fail their health checks' : ', down now';
  }
}
