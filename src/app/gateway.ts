// A running gateway: joins configuration, data-plane threads, admin server and sight, and takes them through start, reload and
// shutdown.
import { randomBytes } from 'node:crypto';
import { type AdminServer, startAdminServer } from '../admin/admin-server.ts';
import type { AdminView, StatusView } from '../admin/admin-view.ts';
import { createDnsResolver, nodeResolverDeps } from '../control/discovery/dns-resolver.ts';
import { EndpointRows } from '../control/endpoint-rows.ts';
import { probeEndpoint } from '../control/health/probe.ts';
import { type Applied, type LoadedModel, Reloader, type ReloadResult } from '../control/reload.ts';
import { stampSources } from '../control/sources/file-source.ts';
import { nodeWatchDeps, SourceWatcher } from '../control/sources/watch.ts';
import type { Backend } from '../model/backend.ts';
import { diffModels } from '../model/diff.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Listener } from '../model/listener.ts';
import type { CostSettings } from '../runtime/cost-meter.ts';
import type { EndpointTable } from '../state/endpoint-table.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import { type Configuration, loadConfiguration } from './configuration.ts';
import { Discovery } from './discovery.ts';
import { toExplainRequest } from './explain-input.ts';
import type { RunningGateway, StartOutcome } from './gateway-options.ts';
import { HealthChecks } from './health-checks.ts';
import { LeftRows } from './left-rows.ts';
import { ListenerPorts } from './listener-ports.ts';
import { notApplied, tooMany } from './load-findings.ts';
import { LocalityControl } from './locality-control.ts';
import type { PlaneEvent } from './messages.ts';
import { OutlierSweeps } from './outlier-sweeps.ts';
import { startInThread, startWorkerThread } from './plane-thread.ts';
import { listenFailure } from './port-probe.ts';
import { PriceSource } from './price-source.ts';
import { reloadLines } from './reload-lines.ts';
import { type RoutingTables, routerHealth } from './router-health.ts';
import type { Settings } from './settings.ts';
import { BACKEND_ROWS, ENDPOINT_ROWS, SharedTables } from './shared-tables.ts';
import type { Sight } from './sight.ts';
import { listenerUrl, startLines } from './start-lines.ts';
import { every, MAIN_TIME } from './timers.ts';
import { TokenizerThread } from './tokenizer-thread.ts';
import { UpstreamState } from './upstream-state.ts';
import { VERSION } from './version.ts';
import { WorkerGroup } from './worker-group.ts';

/** Between two looks for rows that nobody counts in any more. */
const LEFT_ROWS_MS = 30_000;

export class Gateway implements RunningGateway {
  readonly ended: Promise<void>;
  private readonly settings: Settings;
  private readonly sight: Sight;
  private readonly rows: EndpointRows;
  private readonly backendRows: EndpointRows;
  private readonly table: EndpointTable;
  private readonly upstream: UpstreamState;
  private readonly routing: RoutingTables;
  private readonly healthChecks: HealthChecks;
  private readonly discovery: Discovery;
  private readonly leftRows: LeftRows;
  private readonly stopLeftRows: () => void;
  private readonly sweeps = new OutlierSweeps({ now: Date.now, every });
  private readonly localities: LocalityControl;
  private readonly group: WorkerGroup;
  private readonly reloader: Reloader;
  private readonly ports = new ListenerPorts();
  private readonly prices = new PriceSource();
  private readonly tokenizer = new TokenizerThread();
  private costs: CostSettings | undefined;
  private readonly startedAtMs = performance.now();
  private watcher: SourceWatcher | undefined;
  private adminServer: AdminServer | undefined;
  private phase: StatusView['status'] = 'starting';
  /** In effect in every thread. */
  private generation = 0;
  /** Given out last; one that was refused leaves a gap. */
  private lastGeneration = 0;
  private applied: readonly Listener[] = [];
  /** Of the endpoints in effect. */
  private endpointRows: Readonly<Record<string, number>> = {};
  /** The last reload was. */
  private wasRefused = false;
  private stopping: Promise<void> | undefined;
  private cutShort: () => void = () => {};
  private markEnded: () => void = () => {};

  constructor(settings: Settings, sight: Sight) {
    this.settings = settings;
    this.sight = sight;
    this.ended = new Promise((resolve) => {
      this.markEnded = resolve;
    });
    const tables = new SharedTables(Date.now());
    const { memory, retryBudgetMemory, health, localities } = tables;
    this.table = tables.endpoints;
    this.backendRows = new EndpointRows(
      BACKEND_ROWS,
      (row) => tables.beginBudgetRow(row),
      ({ backends }) => backends.map(({ id }) => retryBudgetKey(id)),
    );
    this.upstream = new UpstreamState(tables);
    this.routing = tables;
    this.healthChecks = new HealthChecks({
      health,
      endpoints: this.table,
      probe: probeEndpoint,
      time: MAIN_TIME,
      say: settings.say,
      count: (backend, result) => this.sight.probed(backend, result),
    });
    this.localities = new LocalityControl({
      time: { now: Date.now, every },
      endpoints: this.table,
      localities,
      isUsable: (backend, id, nowMs) => this.upstream.isUsable(backend, id, nowMs),
      say: settings.say,
    });
    this.sight.showLocalities((registry) => this.localities.gauges(registry));
    this.rows = new EndpointRows(ENDPOINT_ROWS, (row) => tables.beginRow(row, Date.now()));
    this.leftRows = new LeftRows(this.rows, this.table);
    this.stopLeftRows = every(LEFT_ROWS_MS, () => this.leftRows.sweep(Date.now()));
    const { say } = settings;
    this.discovery = new Discovery({
      time: MAIN_TIME,
      createResolver: (how) => createDnsResolver(how, { ...nodeResolverDeps, nowMs: MAIN_TIME.nowMs, say }),
      say,
      count: (name, result) => this.sight.resolved(name, result),
      replace: (model, changed) => this.replaceEndpoints(model, changed),
    });
    this.sight.followNames(this.discovery);
    const instanceName = `switchyard-${randomBytes(4).toString('hex')}`;
    const processSecret = randomBytes(32).toString('base64url');
    this.group = new WorkerGroup({
      count: Math.max(1, settings.workers),
      startThread: settings.workers === 0 ? startInThread : startWorkerThread,
      createSetup: (threadId) => ({
        threadId,
        endpointMemory: memory,
        ledger: tables.createLedger(),
        retryBudgetMemory,
        metricsBuffer: this.sight.openThread(threadId),
        logMemory: this.sight.openLog(threadId),
        instanceName,
        processSecret,
        isAccessLogOn: settings.accessLog !== 'off',
        reusePort: settings.reusePort,
        hasTestHooks: settings.environment.SWITCHYARD_TEST_HOOKS === '1',
      }),
      onUnasked: (threadId, event) => {
        if (event.type === 'series') this.sight.announce(threadId, event.announcement);
        else if (event.type === 'log') this.sight.log(threadId, event.batch);
        else if (event.type === 'count') this.countTokens(threadId, event);
        else settings.say(`bug in request ${event.requestId}: ${event.stack}`);
      },
      onThreadEnd: (setup, reason, restartMs) => {
        tables.settleLedger(setup.ledger);
        this.upstream.settle(Date.now());
        this.sight.closeThread(setup.threadId);
        if (restartMs === undefined) return;
        this.sight.restarts.increment();
        settings.say(`worker thread ${setup.threadId} died and is replaced in ${restartMs} ms: ${reason}`);
      },
      onReleased: (generation) => {
        this.rows.release(generation);
        this.backendRows.release(generation);
      },
      now: () => performance.now(),
      after: (delayMs, call) => void setTimeout(call, delayMs).unref(),
    });
    this.reloader = new Reloader({
      load: () => this.load(),
      apply: (loaded) => this.apply(loaded),
      changes: (before, after) => (before === undefined ? [] : diffModels(before, after).lines),
      report: (result) => this.report(result),
    });
  }

  async start(): Promise<StartOutcome> {
    const { settings } = this;
    try {
      this.adminServer = await this.startAdmin();
    } catch (error) {
      return this.refuse(
        `The admin server did not start: ${listenFailure(error, settings.adminPort, settings.adminAddress)}.`,
        [],
      );
    }
    if (settings.watch) this.watcher = new SourceWatcher(nodeWatchDeps(stampSources), () => void this.reload());
    const first = await this.reloader.reload();
    if (first.outcome === 'refused') return this.refuse('The configuration was not accepted.', first.findings);
    this.phase = 'ready';
    for (const line of this.startLines()) settings.say(line);
    return { kind: 'running', gateway: this };
  }

  private async refuse(reason: string, findings: readonly Finding[]): Promise<StartOutcome> {
    await this.end();
    return { kind: 'refused', reason, findings };
  }

  private startAdmin(): Promise<AdminServer> {
    const { adminPort, adminAddress, adminToken, say } = this.settings;
    return startAdminServer({
      port: adminPort,
      address: adminAddress,
      token: adminToken,
      view: this.adminView(),
      reportBug: (error) => say(`bug in the admin server: ${error instanceof Error ? error.stack : String(error)}`),
    });
  }

  private adminView(): AdminView {
    const hasTestHooks = this.settings.environment.SWITCHYARD_TEST_HOOKS === '1';
    return {
      status: () => this.status(),
      model: () => this.reloader.state.model,
      findings: () => this.reloader.state.findings,
      exposition: () => this.sight.exposition(),
      explain: (input) => this.group.explain(toExplainRequest(input)),
      explainCost: (requestId) => this.group.explainCost(requestId),
      reload: () => this.reload(),
      backends: () => this.discovery.describe(this.upstream.view(Date.now())),
      forceBreaker: (request) => this.upstream.force(request),
      routerHealth: () => routerHealth(this.upstream, this.routing, Date.now()),
      regions: () => this.localities.regions.view(Date.now()),
      forceRegion: (request) => this.localities.regions.force(request),
      ...(hasTestHooks ? { crashWorker: (position) => this.group.crash(position) } : {}),
    };
  }

  private startLines(): readonly string[] {
    const { settings } = this;
    return startLines({
      version: VERSION,
      listeners: this.applied,
      adminUrl: listenerUrl({ address: settings.adminAddress, port: this.admin.port, protocol: 'http' }),
      workers: settings.workers,
      sources: [...settings.documents.map((document) => document.source), ...settings.paths],
      isWatching: settings.watch,
    });
  }

  private load(): Configuration {
    const configuration = loadConfiguration({
      paths: this.settings.paths,
      documents: this.settings.documents,
      environment: this.settings.environment,
      ...(this.settings.dialect === undefined ? {} : { dialect: this.settings.dialect }),
      ...(this.settings.port === undefined ? {} : { port: this.settings.port }),
    });
    this.watcher?.follow(configuration);
    return configuration;
  }

  private async apply({ model: written }: LoadedModel & { readonly model: GatewayModel }): Promise<Applied> {
    const settled = await this.ports.settle(written);
    if (!settled.ok) return settled;
    const model = await this.discovery.prepare(settled.model);
    const applied = await this.applyWhole(model);
    if (applied.ok) this.discovery.commit(settled.model, model);
    else this.discovery.abandon();
    return applied;
  }

  /** `model`: with the endpoints that are found. */
  private async applyWhole(model: GatewayModel): Promise<Applied> {
    const generation = ++this.lastGeneration;
    const assigned = this.rows.assign(generation, model);
    if (!assigned.ok) return { ok: false, findings: [tooMany('endpoints', model, assigned)] };
    const budgets = this.backendRows.assign(generation, model);
    if (!budgets.ok) {
      this.rows.release(generation);
      return { ok: false, findings: [tooMany('backends', model, budgets)] };
    }
    const rows = { ...assigned.rows, ...budgets.rows };
    const costs = await this.prices.settingsFor(model);
    const reason = await this.group.apply({ generation, model, rows, costs });
    if (reason !== undefined) return { ok: false, findings: [notApplied(model, reason)] };
    this.costs = costs;
    this.generation = generation;
    this.applied = model.listeners;
    this.ports.commit(model);
    this.leftRows.begin(generation);
    this.follow(model, assigned.rows);
    this.sight.generation.set(generation);
    return { ok: true };
  }

  private follow(model: GatewayModel, rows: Readonly<Record<string, number>>): void {
    this.endpointRows = rows;
    this.upstream.follow(model, rows);
    this.sight.follow(this.upstream, model);
    this.sweeps.follow(this.upstream);
    this.healthChecks.follow(this.upstream);
    this.localities.follow(model, rows);
  }

  /** What discovery found takes effect in the running generation. */
  private replaceEndpoints(model: GatewayModel, backends: readonly Backend[]): string | undefined {
    const { generation } = this;
    const assigned = this.rows.assign(generation, model);
    const budgets = this.backendRows.assign(generation, model);
    if (!assigned.ok) return tooMany('endpoints', model, assigned).message;
    if (!budgets.ok) return tooMany('backends', model, budgets).message;
    this.leftRows.follow(this.endpointRows, new Set(Object.keys(assigned.rows)), Date.now());
    const rows = { ...assigned.rows, ...budgets.rows };
    this.group.replaceEndpoints({ generation, model, rows, ...(this.costs && { costs: this.costs }) }, backends);
    this.follow(model, assigned.rows);
    return undefined;
  }

  private countTokens(threadId: number, { ticket, texts, model }: Extract<PlaneEvent, { type: 'count' }>): void {
    this.tokenizer.count(texts, model, (counts) => this.group.counted(threadId, ticket, counts));
  }

  private report(result: ReloadResult): void {
    this.sight.reloaded(result.outcome);
    const situation = { isFirst: this.phase === 'starting', wasRefused: this.wasRefused };
    this.wasRefused = result.outcome === 'refused';
    for (const line of reloadLines(result, situation)) this.settings.say(line);
  }

  get admin(): { readonly port: number; readonly address: string; readonly family: string } {
    return { port: this.adminServer?.port ?? 0, address: this.settings.adminAddress, family: 'IPv4' };
  }

  get listeners(): RunningGateway['listeners'] {
    return this.applied.map((listener) => ({ id: listener.id, url: listenerUrl(listener), port: listener.port }));
  }

  status(): StatusView {
    return {
      status: this.phase,
      version: VERSION,
      generation: this.generation,
      configuration: this.reloader.state.isStale ? 'stale' : 'current',
      listeners: this.applied.map((listener) => ({ id: listener.id, url: listenerUrl(listener) })),
      workers: { up: this.group.upCount, wanted: this.group.count },
      uptimeSeconds: Math.round((performance.now() - this.startedAtMs) / 1000),
    };
  }

  reload(): Promise<ReloadResult> {
    return this.reloader.reload();
  }

  stop(): Promise<void> {
    if (this.stopping !== undefined) this.cutShort();
    this.stopping ??= this.drainAndEnd();
    return this.stopping;
  }

  /** Readiness fails first, here and on the listeners, so that load balancers look elsewhere before a connection is refused. */
  private async drainAndEnd(): Promise<void> {
    const { drainDelayMs, drainTimeoutMs, say } = this.settings;
    this.phase = 'draining';
    this.watcher?.close();
    const cut = new Promise<void>((resolve) => {
      this.cutShort = resolve;
    });
    this.group.leave();
    if (drainDelayMs > 0) {
      say(`leaving: readiness fails, listeners close in ${drainDelayMs / 1000} s; a second signal ends at once`);
      await Promise.race([cut, new Promise((resolve) => setTimeout(resolve, drainDelayMs).unref())]);
    }
    this.healthChecks.stop();
    say(`draining: listeners close, open requests have ${drainTimeoutMs / 1000} s; a second signal ends at once`);
    await Promise.race([cut, this.group.drain(drainTimeoutMs)]);
    await this.end();
    say('ended');
  }

  private async end(): Promise<void> {
    this.watcher?.close();
    this.sweeps.stop();
    this.localities.stop();
    this.discovery.stop();
    this.stopLeftRows();
    this.healthChecks.stop();
    await this.group.stop();
    await this.tokenizer.close();
    await this.sight.close();
    await this.adminServer?.close();
    this.markEnded();
  }
}
