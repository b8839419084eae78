// What the main thread and a data-plane thread say to each other: plain data both ways, nothing per request.
import type { Backend } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { CostSettings } from '../runtime/cost-meter.ts';
import type { ExplainRequest, Explanation } from '../runtime/explain.ts';
import type { CostExplanation } from '../runtime/recent-costs.ts';
import type { EndpointTableMemory } from '../state/endpoint-table.ts';
import type { RetryBudgetMemory } from '../state/retry-budget.ts';
import type { LogBatch } from '../telemetry/access-memory.ts';
import type { SeriesAnnouncement } from '../telemetry/metric-registry.ts';

/** Given to a thread at its start; memory in it is shared. */
export interface PlaneSetup {
  readonly threadId: number;
  readonly endpointMemory: EndpointTableMemory;
  readonly ledger: SharedArrayBuffer;
  readonly retryBudgetMemory: RetryBudgetMemory;
  readonly metricsBuffer: SharedArrayBuffer;
  readonly logMemory: SharedArrayBuffer;
  readonly instanceName: string;
  /** Signs sticky cookies of backends without a secret of their own. */
  readonly processSecret: string;
  readonly isAccessLogOn: boolean;
  /** Listeners share their ports with those of other threads. */
  readonly reusePort: boolean;
  /** Accepts the `crash` command; only for tests. */
  readonly hasTestHooks: boolean;
}

/** A configuration for a thread. `ports` holds the real port of listeners that ask for any free one. */
export interface GenerationLoad {
  readonly generation: number;
  readonly model: GatewayModel;
  /** Rows of endpoints by id, and of the backends' retry budgets by retryBudgetKey. */
  readonly rows: Readonly<Record<string, number>>;
  /** Undefined = nothing is priced or estimated. */
  readonly costs?: CostSettings;
}

/** Backends of a generation whose endpoints are others now, with the rows they need. */
export interface EndpointChange {
  readonly generation: number;
  readonly backends: readonly Backend[];
  readonly rows: Readonly<Record<string, number>>;
}

export type PlaneCommand =
  /** Compile and open what is new, take no effect: answered by `ready` or `failed`. */
  | { readonly type: 'load'; readonly load: GenerationLoad }
  /** The loaded generation takes effect: answered by `committed`. */
  | { readonly type: 'commit'; readonly generation: number }
  /** The loaded generation is dropped. */
  | { readonly type: 'abandon'; readonly generation: number }
  /** The loaded or running generation has other endpoints. */
  | { readonly type: 'endpoints'; readonly change: EndpointChange }
  | { readonly type: 'explain'; readonly ticket: number; readonly request: ExplainRequest }
  /** Answered by `cost-explained`. */
  | { readonly type: 'explain-cost'; readonly ticket: number; readonly requestId: string }
  /** The answer to `count`; undefined = nobody could count. */
  | { readonly type: 'counted'; readonly ticket: number; readonly counts: readonly number[] | undefined }
  /** The end is near: health on the listeners fails, connections close after their reply, new ones are still served. */
  | { readonly type: 'leave' }
  /** Close listeners and idle connections, finish the rest: answered by `drained`. */
  | { readonly type: 'drain' }
  /** Cut what is left, give the log away: answered by `stopped`, the last message. */
  | { readonly type: 'stop' }
  | { readonly type: 'crash' };

export type PlaneEvent =
  | { readonly type: 'ready'; readonly generation: number }
  | { readonly type: 'failed'; readonly generation: number; readonly reason: string }
  | { readonly type: 'committed'; readonly generation: number }
  /** The last exchange of an old generation ended in this thread. */
  | { readonly type: 'disposed'; readonly generation: number }
  | { readonly type: 'explained'; readonly ticket: number; readonly explanation: Explanation | undefined }
  | { readonly type: 'cost-explained'; readonly ticket: number; readonly cost: CostExplanation | undefined }
  /** The tokens of texts are asked for: answered by `counted`. */
  | { readonly type: 'count'; readonly ticket: number; readonly texts: readonly string[]; readonly model: string }
  | { readonly type: 'series'; readonly announcement: SeriesAnnouncement }
  /** Lines in the thread's log memory, lent until they are written. */
  | { readonly type: 'log'; readonly batch: LogBatch }
  /** A bug met by one request: its stack, for the error log. */
  | { readonly type: 'bug'; readonly stack: string; readonly requestId: string }
  | { readonly type: 'drained' }
  | { readonly type: 'stopped' };
