// Watches one name: asks before its time is over, keeps what it knows while nobody answers, and tells when the answer is another.
// Without traffic, and never two questions at a time. All watches together are name-registry.ts.
import { isDeepStrictEqual } from 'node:util';
import type { DiscoverySettings } from '../../model/discovery.ts';
import type { Answer, FoundHost, Question, Resolve } from './resolution.ts';

export interface WatchDeps {
  readonly resolve: Resolve;
  /** Calls once, unless what it returns is called before. */
  after(delayMs: number, call: () => void): () => void;
  nowMs(): number;
  random(): number;
  /** After every answer. `isChanged`: the hosts are others than before. */
  onAnswer(watch: NameWatch, answer: Answer, isChanged: boolean): void;
}

export interface NameState {
  readonly hosts: readonly FoundHost[];
  /** A good answer, or a believed one that there is nothing; undefined = never. */
  readonly answeredAtMs: number | undefined;
  /** What holds of the last good answer. */
  readonly ttlMs: number;
  /** Why the last question had no answer. */
  readonly error: string | undefined;
}

/** Where nobody said how long an answer holds: the host file, or a system without DNS. */
const UNKNOWN_TTL_MS = 10_000;
/** Questions are asked this much before the end at most, so that many names do not ask together. */
const EARLY_SHARE = 0.1;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** One server that knows nothing, in the middle of a deployment, does not end a backend; two answers in a row do. */
const BELIEVED_ABSENCES = 2;

/** Order says nothing: servers turn it with every answer. */
function inOrder(hosts: readonly FoundHost[]): readonly FoundHost[] {
  const key = ({ addresses, service }: FoundHost) => `${service?.target ?? ''} ${service?.port ?? 0} ${addresses[0]}`;
  return hosts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export class NameWatch {
  readonly question: Question;
  private readonly settings: DiscoverySettings;
  private readonly deps: WatchDeps;
  private hosts: readonly FoundHost[] = [];
  private answeredAtMs: number | undefined;
  private ttlMs = 0;
  private error: string | undefined;
  private failures = 0;
  private absences = 0;
  private turn = 0;
  private cancelTimer: () => void = () => {};
  /** Resolves after the first answer, whatever it is. */
  readonly first: Promise<void>;
  private markFirst: () => void = () => {};

  /** `earlier`: what another watch of the same name knew, so that changed settings lose nothing. */
  constructor(question: Question, { settings, earlier }: WatchStart, deps: WatchDeps) {
    this.question = question;
    this.settings = settings;
    this.deps = deps;
    if (earlier !== undefined) {
      this.hosts = earlier.hosts;
      this.answeredAtMs = earlier.answeredAtMs;
      this.ttlMs = earlier.ttlMs;
    }
    this.first = new Promise((resolve) => {
      this.markFirst = resolve;
    });
  }

  get state(): NameState {
    const { hosts, answeredAtMs, ttlMs, error } = this;
    return { hosts, answeredAtMs, ttlMs, error };
  }

  start(): void {
    this.ask();
  }

  stop(): void {
    this.turn++;
    this.cancelTimer();
    this.markFirst();
  }

  private ask(): void {
    const turn = ++this.turn;
    this.cancelTimer = this.deps.after(this.settings.timeoutMs, () => {
      this.take(turn, { kind: 'failed', reason: 'no answer in time' });
    });
    void this.deps.resolve(this.question).then((answer) => this.take(turn, answer));
  }

  private take(turn: number, answer: Answer): void {
    if (turn !== this.turn) return;
    this.turn++;
    this.cancelTimer();
    const before = this.hosts;
    const pauseMs = this.learn(answer);
    const isChanged = !isDeepStrictEqual(before, this.hosts);
    this.cancelTimer = this.deps.after(pauseMs, () => this.ask());
    this.markFirst();
    this.deps.onAnswer(this, answer, isChanged);
  }

  /** Takes the answer in; gives when to ask again. */
  private learn(answer: Answer): number {
    const { settings } = this;
    this.error = answer.kind === 'failed' ? answer.reason : undefined;
    if (answer.kind === 'failed') return this.keepThrough();
    this.failures = 0;
    if (answer.kind === 'absent') return this.believeAbsence();
    this.absences = 0;
    this.hosts = inOrder(answer.hosts);
    this.answeredAtMs = this.deps.nowMs();
    this.ttlMs = Math.min(Math.max(answer.ttlMs ?? UNKNOWN_TTL_MS, settings.minTtlMs), settings.maxTtlMs);
    return this.ttlMs * (1 - EARLY_SHARE * this.deps.random());
  }

  private keepThrough(): number {
    const { staleTtlMs } = this.settings;
    const endMs = (this.answeredAtMs ?? Number.POSITIVE_INFINITY) + this.ttlMs + staleTtlMs;
    if (staleTtlMs > 0 && this.deps.nowMs() >= endMs) this.hosts = [];
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.failures++, 10), LONGEST_RETRY_MS);
    return pauseMs * (0.5 + 0.5 * this.deps.random());
  }

  private believeAbsence(): number {
    const { minTtlMs, negativeTtlMs } = this.settings;
    this.absences++;
    if (this.hosts.length > 0 && this.absences < BELIEVED_ABSENCES) return Math.min(minTtlMs, negativeTtlMs);
    this.hosts = [];
    this.answeredAtMs = this.deps.nowMs();
    this.ttlMs = negativeTtlMs;
    return negativeTtlMs;
  }
}

export interface WatchStart {
  readonly settings: DiscoverySettings;
  readonly earlier: NameState | undefined;
}
