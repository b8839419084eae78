// The data-plane threads together: a configuration takes effect in all of them or in none, and a thread that dies is replaced
// while the others go on.
import type { Backend } from '../model/backend.ts';
import { backendRowId } from '../model/row-ids.ts';
import type { ExplainRequest, Explanation } from '../runtime/explain.ts';
import type { CostExplanation } from '../runtime/recent-costs.ts';
import { GenerationHolders } from './generation-holders.ts';
import type { GenerationLoad, PlaneSetup } from './messages.ts';
import { PlaneLink, type UnaskedEvent } from './plane-link.ts';
import type { StartThread } from './plane-thread.ts';

export interface WorkerGroupOptions {
  readonly count: number;
  readonly startThread: StartThread;
  /** Shared memory for a new thread; thread ids are never used again. */
  createSetup(threadId: number): PlaneSetup;
  onUnasked(threadId: number, event: Exclude<UnaskedEvent, { type: 'disposed' }>): void;
  /** Called for every end of a thread; `willRestartMs` is undefined when it is not replaced. */
  onThreadEnd(setup: PlaneSetup, reason: string, willRestartMs: number | undefined): void;
  /** No thread holds this generation any more. */
  onReleased(generation: number): void;
  now(): number;
  after(delayMs: number, call: () => void): void;
}

interface Slot {
  link: PlaneLink | undefined;
  /** In effect in the thread; 0 while it is not serving. */
  generation: number;
  startedAtMs: number;
  quickDeaths: number;
}

/** A thread that lived this long died of something new. */
const STEADY_MS = 10_000;
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
/** For a thread to give its log away before it is ended. */
const STOP_GRACE_MS = 2000;

export class WorkerGroup {
  private readonly options: WorkerGroupOptions;
  private readonly slots: readonly Slot[];
  private readonly holders: GenerationHolders<PlaneLink>;
  private current: GenerationLoad | undefined;
  private isLeaving = false;
  private isStopping = false;
  private nextThreadId = 1;

  constructor(options: WorkerGroupOptions) {
    this.options = options;
    this.holders = new GenerationHolders((generation) => options.onReleased(generation));
    this.slots = Array.from({ length: options.count }, () => ({
      link: undefined,
      generation: 0,
      startedAtMs: 0,
      quickDeaths: 0,
    }));
  }

  /** Threads that serve requests now. */
  get upCount(): number {
    return this.slots.filter((slot) => slot.generation > 0).length;
  }

  get count(): number {
    return this.slots.length;
  }

  /** Makes a configuration take effect in all threads, or changes nothing and says why. Not to be called while it runs. */
  async apply(load: GenerationLoad): Promise<string | undefined> {
    this.holders.keep(load.generation);
    const isFirst = this.current === undefined;
    if (isFirst) for (const slot of this.slots) this.spawn(slot);
    const taking = this.slots.filter((slot) => slot.link !== undefined && (isFirst || slot.generation > 0));
    const links = taking.map((slot) => slot.link as PlaneLink);
    const reasons = await Promise.all(links.map((link) => this.load(link, load)));
    const reason = reasons.find((each) => each !== undefined);
    if (reason !== undefined) {
      for (const link of links) link.abandon(load.generation);
      this.holders.unkeep(load.generation);
      return reason;
    }
    const before = this.current;
    this.current = load;
    await Promise.all(taking.map((slot, index) => this.commit(slot, links[index], load)));
    // Threads that came up meanwhile did so with the configuration of before.
    await Promise.all(
      this.slots
        .filter((slot) => slot.generation > 0 && slot.generation !== load.generation)
        .map((slot) => this.catchUp(slot)),
    );
    if (before !== undefined) this.holders.unkeep(before.generation);
    return undefined;
  }

  private load(link: PlaneLink, load: GenerationLoad): Promise<string | undefined> {
    this.holders.hold(load.generation, link);
    return link.load(load);
  }

  private async commit(slot: Slot, link: PlaneLink, load: GenerationLoad): Promise<void> {
    if (await link.commit(load.generation)) slot.generation = slot.link === link ? load.generation : slot.generation;
  }

  private spawn(slot: Slot): PlaneLink {
    const { options } = this;
    slot.startedAtMs = options.now();
    const link = new PlaneLink(options.startThread, options.createSetup(this.nextThreadId++), {
      onUnasked: (from, event) => {
        if (event.type === 'disposed') this.holders.letGo(event.generation, from);
        else options.onUnasked(from.setup.threadId, event);
      },
      onExit: (gone, reason) => this.ended(slot, gone, reason),
    });
    slot.link = link;
    if (this.isLeaving) link.leave();
    return link;
  }

  private ended(slot: Slot, link: PlaneLink, reason: string): void {
    slot.link = undefined;
    slot.generation = 0;
    const restartMs = this.isStopping || this.current === undefined ? undefined : this.restartDelayMs(slot);
    this.options.onThreadEnd(link.setup, reason, restartMs);
    this.holders.forget(link);
    if (restartMs !== undefined) this.options.after(restartMs, () => void this.revive(slot));
  }

  private restartDelayMs(slot: Slot): number {
    const wasSteady = this.options.now() - slot.startedAtMs >= STEADY_MS;
    slot.quickDeaths = wasSteady ? 0 : slot.quickDeaths + 1;
    return Math.min(FIRST_RESTART_MS * 2 ** Math.min(slot.quickDeaths, 10), LONGEST_RESTART_MS);
  }

  private async revive(slot: Slot): Promise<void> {
    if (this.isStopping) return;
    this.spawn(slot);
    await this.catchUp(slot);
  }

  /** Brings one thread to the current configuration, which may change while it does. A thread that cannot is ended, and so replaced. */
  private async catchUp(slot: Slot): Promise<void> {
    const link = slot.link;
    while (link !== undefined && slot.link === link && !this.isStopping) {
      const load = this.current as GenerationLoad;
      if (slot.generation === load.generation) return;
      const reason = await this.load(link, load);
      if (reason !== undefined) {
        link.terminate();
        return;
      }
      // Its endpoints may be others by now: the thread has been told, after the load.
      if (load.generation === this.current?.generation) await this.commit(slot, link, load);
      else link.abandon(load.generation);
    }
  }

  /** Some backends of the running generation have other endpoints; `load` is the whole of it, for threads that come up later. */
  replaceEndpoints(load: GenerationLoad, backends: readonly Backend[]): void {
    const { generation } = load;
    if (this.current?.generation !== generation) return;
    this.current = load;
    const ids = backends.flatMap(({ name, endpoints }) => [backendRowId(name), ...endpoints.map(({ id }) => id)]);
    const rows = Object.fromEntries(ids.filter((id) => id in load.rows).map((id) => [id, load.rows[id]]));
    for (const link of this.links()) link.replaceEndpoints({ generation, backends, rows });
  }

  /** From any thread that serves: all hold the same configuration. */
  async explain(request: ExplainRequest): Promise<Explanation | undefined> {
    return this.slots.find((slot) => slot.generation > 0)?.link?.explain(request);
  }

  /** From whichever thread served the request. */
  async explainCost(requestId: string): Promise<CostExplanation | undefined> {
    const found = await Promise.all(this.links().map((link) => link.explainCost(requestId)));
    return found.find((each) => each !== undefined);
  }

  /** Tokens that a thread asked for; it may be gone. */
  counted(threadId: number, ticket: number, counts: readonly number[] | undefined): void {
    this.links()
      .find(({ setup }) => setup.threadId === threadId)
      ?.counted(ticket, counts);
  }

  /** Only for tests: the thread with this position throws. */
  crash(position: number): void {
    this.slots[position]?.link?.crash();
  }

  private links(): readonly PlaneLink[] {
    return this.slots.flatMap((slot) => slot.link ?? []);
  }

  /** Tells load balancers that look at the listeners, and clients with their replies, to go elsewhere; all are still served. */
  leave(): void {
    this.isLeaving = true;
    for (const link of this.links()) link.leave();
  }

  /** Listeners close; resolves when every connection is closed or the time is over. */
  async drain(timeoutMs: number): Promise<void> {
    this.isStopping = true;
    await this.atMost(timeoutMs, Promise.all(this.links().map((link) => link.drain())));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    const links = this.links();
    await this.atMost(STOP_GRACE_MS, Promise.all(links.map((link) => link.stop())));
    for (const link of links) link.terminate();
    await Promise.all(links.map((link) => link.exited));
  }

  private atMost(timeoutMs: number, work: Promise<unknown>): Promise<unknown> {
    return Promise.race([work, new Promise<void>((resolve) => this.options.after(timeoutMs, resolve))]);
  }
}
