// The main thread's end of one data-plane thread: commands as promises, and every promise settles even if the thread dies.
import type { ExplainRequest, Explanation } from '../runtime/explain.ts';
import type { CostExplanation } from '../runtime/recent-costs.ts';
import type { EndpointChange, GenerationLoad, PlaneCommand, PlaneEvent, PlaneSetup } from './messages.ts';
import type { PlaneThread, StartThread } from './plane-thread.ts';

/** What threads say without being asked. */
export type UnaskedEvent = Extract<PlaneEvent, { type: 'series' | 'log' | 'bug' | 'disposed' | 'count' }>;

export interface LinkObserver {
  onUnasked(link: PlaneLink, event: UnaskedEvent): void;
  onExit(link: PlaneLink, reason: string): void;
}

type Answer = Exclude<PlaneEvent, UnaskedEvent>;

function isUnasked(event: PlaneEvent): event is UnaskedEvent {
  return UNASKED.has(event.type);
}

const UNASKED: ReadonlySet<string> = new Set([
  'series',
  'log',
  'bug',
  'disposed',
  'count',
] satisfies UnaskedEvent['type'][]);

/** Which waiting promise an answer belongs to. */
function answerKey(event: Answer): string {
  if (event.type === 'ready' || event.type === 'failed') return `load ${event.generation}`;
  if (event.type === 'committed') return `commit ${event.generation}`;
  if (event.type === 'explained') return `explain ${event.ticket}`;
  if (event.type === 'cost-explained') return `cost ${event.ticket}`;
  return event.type;
}

export class PlaneLink {
  readonly setup: PlaneSetup;
  /** Resolves with the reason when the thread is gone. */
  readonly exited: Promise<string>;
  private readonly thread: PlaneThread;
  private readonly waiting = new Map<string, (answer: Answer | undefined) => void>();
  private exitReason: string | undefined;
  private nextTicket = 1;

  constructor(startThread: StartThread, setup: PlaneSetup, observer: LinkObserver) {
    this.setup = setup;
    let resolveExit: (reason: string) => void = () => {};
    this.exited = new Promise((resolve) => {
      resolveExit = resolve;
    });
    this.thread = startThread(setup, {
      onEvent: (event) => this.receive(event, observer),
      onExit: (reason) => {
        this.exitReason = reason;
        for (const settle of this.waiting.values()) settle(undefined);
        this.waiting.clear();
        observer.onExit(this, reason);
        resolveExit(reason);
      },
    });
  }

  private receive(event: PlaneEvent, observer: LinkObserver): void {
    if (isUnasked(event)) {
      observer.onUnasked(this, event);
      return;
    }
    const key = answerKey(event);
    this.waiting.get(key)?.(event);
    this.waiting.delete(key);
  }

  /** Sends a command and waits for its answer; undefined when the thread died first. */
  private ask(command: PlaneCommand, key: string): Promise<Answer | undefined> {
    if (this.exitReason !== undefined) return Promise.resolve(undefined);
    const answer = new Promise<Answer | undefined>((resolve) => this.waiting.set(key, resolve));
    this.thread.send(command);
    return answer;
  }

  /** Why the thread cannot serve this configuration; undefined when it is ready to. */
  async load(load: GenerationLoad): Promise<string | undefined> {
    const answer = await this.ask({ type: 'load', load }, `load ${load.generation}`);
    if (answer === undefined) return `a thread ended while it loaded the configuration: ${this.exitReason}`;
    return answer.type === 'failed' ? answer.reason : undefined;
  }

  async commit(generation: number): Promise<boolean> {
    return (await this.ask({ type: 'commit', generation }, `commit ${generation}`)) !== undefined;
  }

  abandon(generation: number): void {
    this.thread.send({ type: 'abandon', generation });
  }

  async explain(request: ExplainRequest): Promise<Explanation | undefined> {
    const ticket = this.nextTicket++;
    const answer = await this.ask({ type: 'explain', ticket, request }, `explain ${ticket}`);
    return answer?.type === 'explained' ? answer.explanation : undefined;
  }

  async explainCost(requestId: string): Promise<CostExplanation | undefined> {
    const ticket = this.nextTicket++;
    const answer = await this.ask({ type: 'explain-cost', ticket, requestId }, `cost ${ticket}`);
    return answer?.type === 'cost-explained' ? answer.cost : undefined;
  }

  counted(ticket: number, counts: readonly number[] | undefined): void {
    if (this.exitReason === undefined) this.thread.send({ type: 'counted', ticket, counts });
  }

  replaceEndpoints(change: EndpointChange): void {
    this.thread.send({ type: 'endpoints', change });
  }

  leave(): void {
    this.thread.send({ type: 'leave' });
  }

  async drain(): Promise<void> {
    await this.ask({ type: 'drain' }, 'drained');
  }

  async stop(): Promise<void> {
    await this.ask({ type: 'stop' }, 'stopped');
  }

  crash(): void {
    this.thread.send({ type: 'crash' });
  }

  terminate(): void {
    this.thread.terminate();
  }
}
