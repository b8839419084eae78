// What one data-plane thread owns for as long as it lives, whatever configurations come and go: time, pools, shared tables, log.
import { randomBytes } from 'node:crypto';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import { TurnClock } from '../base/turn-clock.ts';
import { BreakerTable } from '../state/breaker-table.ts';
import { ConcurrencyTable } from '../state/concurrency-table.ts';
import { EndpointTable, type EndpointTableMemory, ledgerParts } from '../state/endpoint-table.ts';
import { HealthTable } from '../state/health-table.ts';
import { OutlierTable } from '../state/outlier-table.ts';
import { type RetryBudgetMemory, RetryBudgetTable } from '../state/retry-budget.ts';
import type { AccessLogWriter } from '../telemetry/access-log.ts';
import type { MetricRegistry } from '../telemetry/metric-registry.ts';
import { RandomIds } from '../telemetry/random-ids.ts';
import { PoolRegistry } from '../upstream/client/pool-registry.ts';
import { Admissions } from './admissions.ts';
import { BalancerMemory } from './balancer-memory.ts';
import { KeptAnswers } from './kept-answers.ts';
import { RouteLatencies } from './route-latencies.ts';
import { ThreadMetrics } from './thread-metrics.ts';

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
  readonly admissions: Admissions;
  readonly health: HealthTable;
  readonly answers: KeptAnswers;
  readonly metrics: ThreadMetrics;
  readonly accessLog: AccessLogWriter;
  readonly ids: RandomIds;
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

export function createThreadResources(options: ThreadOptions): ThreadResources {
  const clock = new TurnClock();
  const wheel = new DeadlineWheel(clock);
  const timer = setInterval(() => {
    clock.synchronise();
    wheel.advance();
  }, DeadlineWheel.tickMs);
  timer.unref();
  const pools = new PoolRegistry();
  const { endpointMemory } = options;
  return {
    wheel,
    pools,
    table: new EndpointTable(endpointMemory, options.ledger),
    retryBudgets: new RetryBudgetTable(options.retryBudgetMemory),
    breakers: new BreakerTable(endpointMemory.breakers, endpointMemory.epochMs),
    outliers: new OutlierTable(endpointMemory.outliers, endpointMemory.epochMs),
    health: new HealthTable(endpointMemory.health, endpointMemory.epochMs),
    admissions: new Admissions(
      new ConcurrencyTable(endpointMemory.concurrency, endpointMemory.epochMs, ledgerParts(options.ledger).concurrency),
      { wheel, nowMs: () => clock.now(), random: Math.random, tick: () => clock.tick() },
    ),
    answers: new KeptAnswers(),
    metrics: new ThreadMetrics(options.metrics),
    accessLog: options.accessLog,
    ids: new RandomIds(),
    via: options.instanceName,
    processSecret: options.processSecret ?? randomBytes(32).toString('base64url'),
    balancers: new BalancerMemory(),
    latencies: new RouteLatencies(),
    nowMs: () => clock.now(),
    wallMs: () => clock.wall(),
    tick: () => clock.tick(),
    random: Math.random,
    isDraining: options.isDraining,
    reportBug: options.reportBug,
    close() {
      clearInterval(timer);
      pools.close();
    },
  };
}
