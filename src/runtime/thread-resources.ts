// What one data-plane thread owns for as long as it lives, whatever configurations come and go: time, pools, shared tables, log.
import { randomBytes } from 'node:crypto';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import { TurnClock } from '../base/turn-clock.ts';
import type { TokenCounter } from '../llm/token-counter.ts';
import { AffinityTable } from '../state/affinity-table.ts';
import { BreakerTable } from '../state/breaker-table.ts';
import { ConcurrencyTable } from '../state/concurrency-table.ts';
import { CooldownTable } from '../state/cooldown-table.ts';
import { EndpointTable, type EndpointTableMemory, ledgerParts } from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { LocalityTable } from '../state/locality-table.ts';
import { OutlierTable } from '../state/outlier-table.ts';
import { ProviderTable } from '../state/provider-table.ts';
import { type RetryBudgetMemory, RetryBudgetTable } from '../state/retry-budget.ts';
import type { AccessLogWriter } from '../telemetry/access-log.ts';
import { IdLines } from '../telemetry/id-lines.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import { RandomIds } from '../telemetry/random-ids.ts';
import type { OpenConnection } from '../upstream/client/connection-pool.ts';
import { PoolRegistry } from '../upstream/client/pool-registry.ts';
import { Admissions } from './admissions.ts';
import { BalancerMemory } from './balancer-memory.ts';
import { CostMeter } from './cost-meter.ts';
import { KeptAnswers } from './kept-answers.ts';
import { RouteLatencies } from './route-latencies.ts';
import { ThreadMetrics } from './thread-metrics.ts';
import { TokenCache } from './token-cache.ts';

/** Where a thread takes its time from. */
export interface ThreadTime {
  monotonic(): number;
  wall(): number;
  /** Calls again and again until what it returns is called. */
  every(intervalMs: number, call: () => void): () => void;
}

const SYSTEM_TIME: ThreadTime = {
  monotonic: () => performance.now(),
  wall: Date.now,
  every(intervalMs, call) {
    const timer = setInterval(call, intervalMs).unref();
    return () => clearInterval(timer);
  },
};

/** What a simulation puts in the place of clocks, sockets and chance. */
export interface ThreadSurroundings {
  readonly time: ThreadTime;
  readonly open: OpenConnection;
  readonly random: () => number;
}

export interface ThreadOptions {
  readonly endpointMemory: EndpointTableMemory;
  readonly ledger: SharedArrayBuffer;
  readonly retryBudgetMemory: RetryBudgetMemory;
  readonly metrics: MetricRegistry;
  readonly accessLog: AccessLogWriter;
  /** Pseudonym in Via; the same in all threads of a process, so that a loop is seen whichever thread it comes back to. */
  readonly instanceName: string;
  /** Signs what need not outlive the process; the same in all its threads. Default: this thread's own. */
  readonly processSecret?: string;
  /** Undefined = tokens are estimated by size. */
  readonly tokenCounter?: TokenCounter;
  /** Default: those of the machine. */
  readonly surroundings?: ThreadSurroundings;
  isDraining(): boolean;
  /** A bug of ours met an exchange: stack and request id, for the error log. */
  reportBug(stack: string, requestId: string): void;
}

export interface ThreadResources {
  readonly wheel: DeadlineWheel;
  readonly pools: PoolRegistry;
  readonly table: EndpointTable;
  readonly retryBudgets: RetryBudgetTable;
  readonly breakers: BreakerTable;
  readonly outliers: OutlierTable;
  readonly localities: LocalityTable;
  readonly admissions: Admissions;
  readonly health: HealthTable;
  readonly cooldowns: CooldownTable;
  readonly providers: ProviderTable;
  readonly answers: KeptAnswers;
  readonly tokens: TokenCache;
  /** Where conversations were served, and where stored answers were made. */
  readonly affinity: { readonly prompts: AffinityTable; readonly answers: AffinityTable };
  readonly metrics: ThreadMetrics;
  readonly costs: CostMeter;
  readonly accessLog: AccessLogWriter;
  readonly ids: RandomIds;
  /** Of requests. */
  readonly idLines: IdLines;
  readonly via: string;
  readonly processSecret: string;
  /** What balancers of the coming generation take over from those of this one. */
  readonly balancers: BalancerMemory;
  /** How long first tries take, by route. */
  readonly latencies: RouteLatencies;
  /** Time of the current turn (base/turn-clock.ts), monotonic. */
  nowMs(): number;
  wallMs(): number;
  /** A turn begins. */
  tick(): void;
  random(): number;
  isDraining(): boolean;
  reportBug(stack: string, requestId: string): void;
  close(): void;
}

function fillFrom(random: () => number, bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(random() * 256);
}

export function createThreadResources(options: ThreadOptions): ThreadResources {
  const { time = SYSTEM_TIME, open, random = Math.random } = options.surroundings ?? {};
  const clock = new TurnClock(time.monotonic, time.wall, options.surroundings && (() => -1));
  const wheel = new DeadlineWheel(clock);
  const stopTicks = time.every(DeadlineWheel.tickMs, () => {
    clock.synchronise();
    wheel.advance();
  });
  const pools = new PoolRegistry(open);
  const { endpointMemory } = options;
  const fill = options.surroundings && ((bytes: Uint8Array) => fillFrom(random, bytes));
  const metrics = new ThreadMetrics(options.metrics);
  return {
    wheel,
    pools,
    table: new EndpointTable(endpointMemory, options.ledger),
    retryBudgets: new RetryBudgetTable(options.retryBudgetMemory),
    breakers: new BreakerTable(endpointMemory.breakers, endpointMemory.epochMs),
    outliers: new OutlierTable(endpointMemory.outliers, endpointMemory.epochMs),
    localities: new LocalityTable(endpointMemory.localities, endpointMemory.epochMs),
    health: new HealthTable(endpointMemory.health, endpointMemory.epochMs),
    admissions: new Admissions(
      new ConcurrencyTable(endpointMemory.concurrency, endpointMemory.epochMs, ledgerParts(options.ledger).concurrency),
      { wheel, nowMs: () => clock.now(), random, tick: () => clock.tick() },
    ),
    cooldowns: new CooldownTable(endpointMemory.cooldowns, endpointMemory.epochMs),
    providers: new ProviderTable(endpointMemory.providers, endpointMemory.epochMs),
    answers: new KeptAnswers(),
    tokens: new TokenCache({ wallMs: () => clock.wall() }),
    metrics,
    costs: new CostMeter(metrics.costMetrics(), options.tokenCounter),
    affinity: {
      prompts: new AffinityTable(endpointMemory.affinity.prompts, endpointMemory.epochMs),
      answers: new AffinityTable(endpointMemory.affinity.answers, endpointMemory.epochMs),
    },
    accessLog: options.accessLog,
    ids: new RandomIds(fill),
    idLines: new IdLines(fill),
    via: options.instanceName,
    processSecret: options.processSecret ?? randomBytes(32).toString('base64url'),
    balancers: new BalancerMemory(),
    latencies: new RouteLatencies(),
    nowMs: () => clock.now(),
    wallMs: () => clock.wall(),
    tick: () => clock.tick(),
    random,
    isDraining: options.isDraining,
    reportBug: options.reportBug,
    close() {
      stopTicks();
      pools.close();
    },
  };
}
