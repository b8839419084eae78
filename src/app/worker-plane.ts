// The data plane of one thread: compiles what the main thread sends, serves it, and gives log lines and series back. The only
// place where the data plane's parts are put together; worker threads and `--workers 0` both run it.
import { compileRuntime } from '../runtime/compile.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createThreadResources, type ThreadResources } from '../runtime/thread-resources.ts';
import { AccessLogWriter } from '../telemetry/access-log.ts';
import { LogMemory } from '../telemetry/access-memory.ts';
import { EventLoopLag } from '../telemetry/event-loop-lag.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import { MetricRegistry } from '../telemetry/metric-registry.ts';
import { ListenerSet } from './listener-set.ts';
import type { EndpointChange, GenerationLoad, PlaneCommand, PlaneEvent, PlaneSetup } from './messages.ts';
import { PlaneTokenCounter } from './plane-token-counter.ts';

interface Loaded {
  readonly load: GenerationLoad;
  readonly runtime: Runtime;
}

/** Commands are taken in order, each after the one before is done. Times of log flushes come from the thread's own timers. */
export class WorkerPlane {
  private readonly post: (event: PlaneEvent) => void;
  private readonly setup: PlaneSetup;
  private readonly accessLog: AccessLogWriter;
  private readonly tokenCounter: PlaneTokenCounter;
  private readonly resources: ThreadResources;
  private readonly listeners: ListenerSet;
  private current: Loaded | undefined;
  private pending: Loaded | undefined;
  /** Health fails and connections close after their reply. */
  private isLeaving = false;
  private isDraining = false;
  private readonly lagTimer: NodeJS.Timeout;
  private last: Promise<void> = Promise.resolve();

  constructor(setup: PlaneSetup, post: (event: PlaneEvent) => void) {
    this.setup = setup;
    this.post = post;
    const registry = new MetricRegistry({
      buffer: setup.metricsBuffer,
      onSeries: (announcement) => this.post({ type: 'series', announcement }),
    });
    const lag = new EventLoopLag(registry, String(setup.threadId), performance);
    this.lagTimer = setInterval(() => lag.tick(), EventLoopLag.intervalMs).unref();
    this.accessLog = this.createAccessLog(registry);
    this.tokenCounter = new PlaneTokenCounter(post);
    this.resources = this.createResources(registry);
    this.listeners = new ListenerSet(this.resources, setup.reusePort);
  }

  receive(command: PlaneCommand): void {
    if (command.type === 'stop') this.stop();
    else if (command.type === 'drain') this.drain();
    else if (command.type === 'leave') this.isLeaving = true;
    else if (command.type === 'counted') this.tokenCounter.settle(command.ticket, command.counts);
    else this.last = this.last.then(() => this.obey(command));
  }

  private async obey(command: Exclude<PlaneCommand, { type: 'stop' | 'drain' | 'leave' | 'counted' }>): Promise<void> {
    if (command.type === 'load') await this.load(command.load);
    else if (command.type === 'commit') this.commit(command.generation);
    else if (command.type === 'abandon') this.abandon(command.generation);
    else if (command.type === 'endpoints') this.replaceEndpoints(command.change);
    else if (command.type === 'explain') await this.explain(command);
    else if (command.type === 'explain-cost') this.explainCost(command);
    else if (this.setup.hasTestHooks) throw new Error('crashed on demand of a test');
  }

  private async load(load: GenerationLoad): Promise<void> {
    const { generation, model, rows } = load;
    try {
      const runtime = compileRuntime(model, rows, this.resources, generation);
      this.pending = { load, runtime };
      const problem = await this.listeners.open(model.listeners, runtime);
      if (problem === undefined) this.post({ type: 'ready', generation });
      else this.post({ type: 'failed', generation, reason: problem });
    } catch (error) {
      // A bug in compiling: the main thread keeps the old generation and prints this.
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.post({ type: 'failed', generation, reason });
    }
  }

  private commit(generation: number): void {
    const loaded = this.pending;
    if (loaded === undefined || loaded.load.generation !== generation) return;
    const before = this.current;
    this.pending = undefined;
    this.current = loaded;
    const { log, listeners } = loaded.load.model;
    if (loaded.load.costs !== undefined) this.resources.costs.use(loaded.load.costs);
    this.accessLog.configure({ ...log, enabled: log.enabled && this.setup.isAccessLogOn });
    this.listeners.commit(listeners, loaded.runtime);
    this.post({ type: 'committed', generation });
    if (before !== undefined) void this.retire(before.runtime);
  }

  private replaceEndpoints({ generation, backends, rows }: EndpointChange): void {
    for (const loaded of [this.current, this.pending]) {
      if (loaded?.load.generation !== generation) continue;
      for (const backend of backends) loaded.runtime.replaceEndpoints(backend, rows);
    }
  }

  private async retire(runtime: Runtime): Promise<void> {
    await this.listeners.whenLeft(runtime);
    await runtime.dispose();
    this.post({ type: 'disposed', generation: runtime.generation });
  }

  private abandon(generation: number): void {
    this.listeners.abandon();
    const runtime = this.pending?.runtime;
    this.pending = undefined;
    if (runtime === undefined) this.post({ type: 'disposed', generation });
    else void this.retire(runtime);
  }

  private async explain({ ticket, request }: Extract<PlaneCommand, { type: 'explain' }>): Promise<void> {
    this.post({ type: 'explained', ticket, explanation: await this.current?.runtime.explain(request) });
  }

  private explainCost({ ticket, requestId }: Extract<PlaneCommand, { type: 'explain-cost' }>): void {
    this.post({ type: 'cost-explained', ticket, cost: this.resources.costs.recent.explain(requestId) });
  }

  private drain(): void {
    if (this.isDraining) return;
    this.isLeaving = true;
    this.isDraining = true;
    void this.listeners.drain().then(() => this.post({ type: 'drained' }));
  }

  private stop(): void {
    this.isLeaving = true;
    this.listeners.cutAll();
    // The last bytes of replies and the lines about them leave at the end of this turn.
    setImmediate(() => {
      // Those of answers whose tokens were still being counted, at the end of the next one.
      this.resources.costs.stopWaiting();
      setImmediate(() => {
        this.close();
        this.post({ type: 'stopped' });
      });
    });
  }

  private createAccessLog(registry: MetricRegistry): AccessLogWriter {
    const dropped = registry.counter(METRIC_DEFINITIONS.accessLogDropped).series();
    return new AccessLogWriter({
      memory: new LogMemory(this.setup.logMemory),
      sink: (batch) => this.post({ type: 'log', batch }),
      onDropped: (lines) => dropped.add(lines),
    });
  }

  private createResources(registry: MetricRegistry): ThreadResources {
    const { endpointMemory, ledger, retryBudgetMemory, instanceName, processSecret } = this.setup;
    return createThreadResources({
      endpointMemory,
      ledger,
      retryBudgetMemory,
      instanceName,
      processSecret,
      accessLog: this.accessLog,
      metrics: registry,
      tokenCounter: this.tokenCounter,
      isDraining: () => this.isLeaving,
      reportBug: (stack, requestId) => this.post({ type: 'bug', stack, requestId }),
    });
  }

  /** Cuts what is open and gives the rest of the log away. */
  close(): void {
    this.isLeaving = true;
    clearInterval(this.lagTimer);
    this.listeners.closeAll();
    this.resources.costs.stopWaiting();
    this.accessLog.close();
    this.resources.close();
  }
}
