// What the main thread sees of all threads: their metrics summed at scrape, their log lines written to one place.
import type { GatewayModel } from '../model/gateway-model.ts';
import { createLogMemory, type LogBatch, LogMemory } from '../telemetry/access-memory.ts';
import { EventLoopLag } from '../telemetry/event-loop-lag.ts';
import { LogOutput } from '../telemetry/log-output.ts';
import { MetricAggregator } from '../telemetry/metric-aggregator.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import {
  createMetricMemory,
  type MetricFamily,
  MetricRegistry,
  type SeriesAnnouncement,
} from '../telemetry/metric-registry.ts';
import type { CounterSeries, GaugeSeries } from '../telemetry/metric-series.ts';
import { ProcessMetrics } from '../telemetry/process-metrics.ts';
import { BreakerGauges } from './breaker-gauges.ts';
import { CacheGauges } from './cache-gauges.ts';
import { ConcurrencyGauges } from './concurrency-gauges.ts';
import type { Discovery } from './discovery.ts';
import { EndpointHealth } from './endpoint-health.ts';
import { NameAges } from './name-ages.ts';
import { SlaGauges } from './sla-gauges.ts';
import type { UpstreamState } from './upstream-state.ts';

/** The main thread's own numbers: a handful. */
const MAIN_SLOTS = 16_384;
const MAIN_THREAD = 0;
const LAST_WRITE_MS = 3000;

export class Sight {
  readonly restarts: CounterSeries;
  readonly generation: GaugeSeries;
  private readonly reloads: MetricFamily<readonly string[], CounterSeries>;
  private readonly probes: MetricFamily<readonly string[], CounterSeries>;
  private readonly resolutions: MetricFamily<readonly string[], CounterSeries>;
  private readonly nameAges: NameAges;
  private readonly dropped: CounterSeries;
  /** Shows how many endpoints of each backend are up. */
  private readonly health: EndpointHealth;
  private readonly sla: SlaGauges;
  private upstream: UpstreamState | undefined;
  private readonly lagTimer: NodeJS.Timeout;
  private readonly registry: MetricRegistry;
  private readonly aggregator = new MetricAggregator();
  private readonly logs = new Map<number, LogMemory>();
  private readonly output: LogOutput | undefined;

  /** `accessLog`: `stdout`, `off` or a file. Throws when the file cannot be opened. */
  constructor(accessLog: string, version: string) {
    const buffer = createMetricMemory(MAIN_SLOTS);
    this.aggregator.attach(MAIN_THREAD, buffer);
    this.registry = new MetricRegistry({
      buffer,
      onSeries: (announcement) => this.aggregator.announce(MAIN_THREAD, announcement),
    });
    const { registry } = this;
    this.restarts = registry.counter(METRIC_DEFINITIONS.workerRestarts).series();
    this.generation = registry.gauge(METRIC_DEFINITIONS.configGeneration).series();
    this.reloads = registry.counter(METRIC_DEFINITIONS.reloads) as unknown as MetricFamily<
      readonly string[],
      CounterSeries
    >;
    this.probes = registry.counter(METRIC_DEFINITIONS.healthProbes) as unknown as typeof this.reloads;
    this.resolutions = registry.counter(METRIC_DEFINITIONS.dnsResolutions) as unknown as typeof this.reloads;
    this.nameAges = new NameAges(registry);
    this.dropped = registry.counter(METRIC_DEFINITIONS.accessLogDropped).series();
    const process = new ProcessMetrics(registry);
    const lag = new EventLoopLag(registry, 'main', performance);
    this.lagTimer = setInterval(() => lag.tick(), EventLoopLag.intervalMs).unref();
    this.health = new EndpointHealth(registry);
    this.sla = new SlaGauges(registry, (take) => this.aggregator.forEachSum(METRIC_DEFINITIONS.routeRequests, take));
    const caches = new CacheGauges(registry, (take) =>
      this.aggregator.forEachSum(METRIC_DEFINITIONS.inputTokens, take),
    );
    const breakers = new BreakerGauges(registry);
    const concurrency = new ConcurrencyGauges(registry);
    this.aggregator.beforeExposition(() => {
      process.refresh();
      const nowMs = Date.now();
      this.health.refresh(nowMs);
      this.nameAges.refresh();
      this.sla.refresh();
      caches.refresh();
      if (this.upstream === undefined) return;
      breakers.refresh(this.upstream, nowMs);
      concurrency.refresh(this.upstream);
    });
    registry.gauge(METRIC_DEFINITIONS.buildInfo).series(version).set(1);
    this.output = accessLog === 'off' ? undefined : new LogOutput(accessLog, (lines) => this.dropped.add(lines));
  }

  /** Figures of regions and zones, refreshed with the others. */
  showLocalities(create: (registry: MetricRegistry) => { refresh(nowMs: number): void }): void {
    const gauges = create(this.registry);
    this.aggregator.beforeExposition(() => gauges.refresh(Date.now()));
  }

  /** Memory for the numbers of a new thread. */
  openThread(threadId: number): SharedArrayBuffer {
    const buffer = createMetricMemory();
    this.aggregator.attach(threadId, buffer);
    return buffer;
  }

  announce(threadId: number, announcement: SeriesAnnouncement): void {
    this.aggregator.announce(threadId, announcement);
  }

  /** After its last message. Its counters stay in the sums: a counter never goes back. */
  closeThread(threadId: number): void {
    this.aggregator.detach(threadId);
    this.logs.delete(threadId);
  }

  /** Memory for the log lines of a new thread. */
  openLog(threadId: number): SharedArrayBuffer {
    const buffer = createLogMemory();
    this.logs.set(threadId, new LogMemory(buffer));
    return buffer;
  }

  log(threadId: number, { slot, length, lines }: LogBatch): void {
    const memory = this.logs.get(threadId);
    if (memory === undefined) return;
    if (this.output === undefined) memory.release(slot);
    else this.output.write({ bytes: memory.bytes(slot, length), lines, release: () => memory.release(slot) });
  }

  /** A new configuration is in effect. */
  follow(upstream: UpstreamState, model: GatewayModel): void {
    this.upstream = upstream;
    this.health.follow(upstream);
    this.sla.follow(model);
  }

  reloaded(outcome: 'applied' | 'unchanged' | 'refused'): void {
    this.reloads.series(outcome).increment();
  }

  /** One health probe is over. `result`: good, or why not. */
  probed(upstream: string, result: string): void {
    this.probes.series(upstream, result).increment();
  }

  /** A question for a name is over. `result`: found, absent, or why nobody answered. */
  resolved(name: string, result: string): void {
    this.resolutions.series(name, result).increment();
  }

  /** Where the ages of names are read from. */
  followNames(discovery: Discovery): void {
    this.nameAges.follow(discovery);
  }

  exposition(): string {
    return this.aggregator.exposition();
  }

  /** Waits for the log to be written, but not for a reader that has stopped. */
  async close(): Promise<void> {
    clearInterval(this.lagTimer);
    if (this.output === undefined) return;
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, LAST_WRITE_MS).unref());
    await Promise.race([this.output.flush(), timeout]);
    this.output.close();
  }
}
