// Open-loop load in a process of its own: requests are due at fixed times whether or not earlier ones were answered, and a
// latency counts from the time a request was due. So a proxy that stalls is charged for everything that had to wait
// ("coordinated omission" is what a closed loop does instead). `open-loop.ts '{JSON of OpenLoopOptions}'` prints one JSON line.
import { percentile } from '../lab/statistics.ts';
import { Requester } from './requester.ts';

export interface OpenLoopOptions {
  readonly port: number;
  readonly requestsPerSecond: number;
  /** How many are measured. */
  readonly requests: number;
  /** Sent before, at the same rate, and counted only when they fail. */
  readonly warmUpRequests: number;
  readonly connections: number;
  /** The whole request, head and body. */
  readonly request: string;
}

export interface OpenLoopResult {
  readonly answered: number;
  /** Not 200, cut, or never answered. */
  readonly failed: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly answeredPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Without any answer for so long, what is owed counts as failed. A backlog is no failure: its latencies tell. */
const PATIENCE_MS = 10_000;
const TICK_MS = 1;

class OpenLoop {
  private readonly options: OpenLoopOptions;
  private readonly latenciesMs: Float64Array;
  private readonly idle: Requester[] = [];
  private readonly open = new Set<Requester>();
  private readonly statuses: Record<string, number> = {};
  private readonly total: number;
  private startMs = 0;
  private lastAnswerMs = 0;
  private sent = 0;
  private settled = 0;
  private answered = 0;
  private failed = 0;
  private finish: (result: OpenLoopResult) => void = () => {};

  constructor(options: OpenLoopOptions) {
    this.options = options;
    this.total = options.warmUpRequests + options.requests;
    this.latenciesMs = new Float64Array(options.requests);
  }

  async run(): Promise<OpenLoopResult> {
    for (let index = 0; index < this.options.connections; index++) this.connect();
    const giveUpMs = performance.now() + PATIENCE_MS;
    while (this.idle.length < this.options.connections) {
      if (performance.now() > giveUpMs) throw new Error('the target takes no connections');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.startMs = performance.now();
    const timer = setInterval(() => this.tick(), TICK_MS);
    const result = await new Promise<OpenLoopResult>((resolve) => {
      this.finish = resolve;
    });
    clearInterval(timer);
    for (const requester of this.open) requester.close();
    return result;
  }

  private connect(): void {
    const requester = new Requester(this.options.port, {
      onReady: (ready) => {
        this.idle.push(ready);
        if (this.startMs > 0) this.sendDue();
      },
      onAnswer: (answering, status) => this.answer(answering, status),
      onLost: (lost, wasBusy) => this.lose(lost, wasBusy),
    });
    this.open.add(requester);
  }

  private tick(): void {
    this.sendDue();
    const isStuck = performance.now() > Math.max(this.lastAnswerMs, this.startMs) + PATIENCE_MS;
    if (this.settled < this.total && !isStuck) return;
    this.failed += this.total - this.settled;
    this.settled = this.total;
    this.finish(this.result());
  }

  private dueMs(ticket: number): number {
    return this.startMs + (ticket / this.options.requestsPerSecond) * 1000;
  }

  private sendDue(): void {
    const nowMs = performance.now();
    while (this.sent < this.total && this.idle.length > 0 && this.dueMs(this.sent) <= nowMs) {
      this.idle.pop()?.send(this.options.request, this.sent++);
    }
  }

  private answer(requester: Requester, status: number): void {
    const nowMs = performance.now();
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    this.settled++;
    this.lastAnswerMs = nowMs;
    if (status !== 200) this.failed++;
    const measured = requester.ticket - this.options.warmUpRequests;
    if (measured >= 0) this.latenciesMs[this.answered++] = nowMs - this.dueMs(requester.ticket);
    this.idle.push(requester);
    this.sendDue();
  }

  /** A closed idle connection is no failure: any server may do that. */
  private lose(requester: Requester, wasBusy: boolean): void {
    this.open.delete(requester);
    const place = this.idle.indexOf(requester);
    if (place >= 0) this.idle.splice(place, 1);
    if (wasBusy) {
      this.failed++;
      this.settled++;
    }
    if (this.settled < this.total) setTimeout(() => this.connect(), TICK_MS);
  }

  private result(): OpenLoopResult {
    const ascending = this.latenciesMs.subarray(0, this.answered).toSorted();
    const seconds = (this.lastAnswerMs - this.dueMs(this.options.warmUpRequests)) / 1000;
    return {
      answered: this.answered,
      failed: this.failed,
      statuses: this.statuses,
      answeredPerSecond: this.answered / seconds,
      p50Ms: percentile(ascending, 50),
      p95Ms: percentile(ascending, 95),
      p99Ms: percentile(ascending, 99),
      maxMs: percentile(ascending, 100),
    };
  }
}

console.log(JSON.stringify(await new OpenLoop(JSON.parse(process.argv[2]) as OpenLoopOptions).run()));
