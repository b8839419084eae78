// The checks of one endpoint, one after another: when the next probe begins, how long it may take, what it came to. The set of all
// is health-checker.ts.
import type { HealthState, HealthTable, ProbeResult } from '../../state/health-table.ts';
import type { Probe, ProbeAnswer, ProbeTarget } from './probe.ts';

/** An endpoint to be checked: everything its probes depend on, so that equal ones go on over a reload. */
export interface CheckedEndpoint extends ProbeTarget {
  /** Stable over reloads. */
  readonly id: string;
  readonly backend: string;
  readonly row: number;
  readonly backendRow: number;
}

export interface CheckDeps {
  readonly table: HealthTable;
  readonly probe: Probe;
  /** Calls once, unless what it returns is called before. */
  after(delayMs: number, call: () => void): () => void;
  /** Monotonic. */
  nowMs(): number;
  wallMs(): number;
  random(): number;
  /** After every probe. `change`: the state before and after, where it changed. */
  onProbed(endpoint: CheckedEndpoint, result: ProbeResult, change: StateChange | undefined): void;
}

export interface StateChange {
  readonly before: HealthState;
  readonly after: HealthState;
}

/** The first probe by changed settings comes within this: they take effect at once, but not all at the same moment. */
const CHANGED_WITHIN_MS = 1000;

export class EndpointCheck {
  readonly endpoint: CheckedEndpoint;
  private readonly deps: CheckDeps;
  private cancelTimer: () => void = () => {};
  private cancelProbe: () => void = () => {};
  private startedAtMs = 0;
  /** Of the probe under way; answers of others are late. */
  private turn = 0;

  constructor(endpoint: CheckedEndpoint, deps: CheckDeps) {
    this.endpoint = endpoint;
    this.deps = deps;
  }

  /** `isChanged`: it was checked before, by other settings. First probes are spread over an interval, or all would come together. */
  start({ isChanged }: { readonly isChanged: boolean }): void {
    const { intervalMs } = this.endpoint.check;
    const withinMs = isChanged ? Math.min(intervalMs, CHANGED_WITHIN_MS) : intervalMs;
    this.cancelTimer = this.deps.after(withinMs * this.deps.random(), () => this.begin());
  }

  stop(): void {
    this.turn++;
    this.cancelTimer();
    this.cancelProbe();
  }

  private begin(): void {
    const { endpoint, deps } = this;
    const turn = ++this.turn;
    this.startedAtMs = deps.nowMs();
    // What the last one left open.
    this.cancelProbe();
    this.cancelTimer = deps.after(endpoint.check.timeoutMs, () => {
      this.cancelProbe();
      this.end(turn, { reason: 'timeout', status: 0 });
    });
    this.cancelProbe = deps.probe(endpoint, (answer) => this.end(turn, answer));
  }

  private end(turn: number, answer: ProbeAnswer): void {
    if (turn !== this.turn) return;
    this.turn++;
    this.cancelTimer();
    const { endpoint, deps } = this;
    const latencyMs = deps.nowMs() - this.startedAtMs;
    const result = { ...answer, latencyMs };
    const before = deps.table.describe(endpoint.row).state;
    const after = deps.table.record(endpoint, { result, nowMs: deps.wallMs() }, endpoint.check);
    this.cancelTimer = deps.after(this.pauseMs(answer, latencyMs), () => this.begin());
    deps.onProbed(endpoint, result, after && { before, after });
  }

  /** Intervals lie between starts; a probe that takes longer is followed at once. */
  private pauseMs({ reason }: ProbeAnswer, spentMs: number): number {
    const { endpoint, deps } = this;
    const { intervalMs, failingIntervalMs, jitter } = endpoint.check;
    const isFailing = reason !== 'none' || deps.table.describe(endpoint.row).state === 'unhealthy';
    const lengthMs = (isFailing ? failingIntervalMs : intervalMs) * (1 + jitter * (2 * deps.random() - 1));
    return Math.max(0, lengthMs - spentMs);
  }
}
