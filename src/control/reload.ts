// Decides when a configuration is loaded and whether it takes effect: one at a time, the newest wins, and anything wrong
// leaves the running generation as it is.
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';

/** What loading gave. `model` is undefined when a finding is an error. */
export interface LoadedModel {
  readonly model: GatewayModel | undefined;
  readonly hash: string;
  readonly findings: readonly Finding[];
}

/** What handing a model to the data plane gave. */
export type Applied = { readonly ok: true } | { readonly ok: false; readonly findings: readonly Finding[] };

export interface ReloadResult {
  readonly outcome: 'applied' | 'unchanged' | 'refused';
  readonly findings: readonly Finding[];
  /** One line per change, for the log. */
  readonly changes: readonly string[];
}

export interface ReloadDeps {
  load(): LoadedModel;
  /** Makes it the running configuration in every thread, or changes nothing. */
  apply(loaded: LoadedModel & { readonly model: GatewayModel }): Promise<Applied>;
  changes(before: GatewayModel | undefined, after: GatewayModel): readonly string[];
  report(result: ReloadResult): void;
}

/** The state a person asks for: what runs, what the last attempt said. */
export interface ConfigurationState {
  readonly model: GatewayModel | undefined;
  readonly hash: string;
  /** Findings of the last load, taken or refused. */
  readonly findings: readonly Finding[];
  /** The last load was refused: what runs is older than what is written. */
  readonly isStale: boolean;
}

export class Reloader {
  private readonly deps: ReloadDeps;
  private current: ConfigurationState = { model: undefined, hash: '', findings: [], isStale: false };
  private running: Promise<ReloadResult> | undefined;
  private queued: Promise<ReloadResult> | undefined;

  constructor(deps: ReloadDeps) {
    this.deps = deps;
  }

  get state(): ConfigurationState {
    return this.current;
  }

  /** Loads what is written now. Asked while a load runs, it waits and loads once more, however often it was asked. */
  reload(): Promise<ReloadResult> {
    if (this.queued !== undefined) return this.queued;
    if (this.running === undefined) return this.start();
    this.queued = this.running.then(
      () => this.startQueued(),
      () => this.startQueued(),
    );
    return this.queued;
  }

  private startQueued(): Promise<ReloadResult> {
    this.queued = undefined;
    return this.start();
  }

  private start(): Promise<ReloadResult> {
    const run = this.attempt().finally(() => {
      if (this.running === run) this.running = undefined;
    });
    this.running = run;
    return run;
  }

  private async attempt(): Promise<ReloadResult> {
    const result = await this.loadAndApply();
    this.deps.report(result);
    return result;
  }

  private async loadAndApply(): Promise<ReloadResult> {
    const loaded = this.deps.load();
    const { model, hash, findings } = loaded;
    if (model === undefined) return this.refuse(findings);
    if (hash === this.current.hash) {
      // Origins may have moved and notes may differ, the behaviour does not: no new generation for a comment.
      this.current = { ...this.current, findings, isStale: false };
      return { outcome: 'unchanged', findings, changes: [] };
    }
    const before = this.current.model;
    const applied = await this.deps.apply({ ...loaded, model });
    if (!applied.ok) return this.refuse([...findings, ...applied.findings]);
    this.current = { model, hash, findings, isStale: false };
    return { outcome: 'applied', findings, changes: this.deps.changes(before, model) };
  }

  private refuse(findings: readonly Finding[]): ReloadResult {
    this.current = { ...this.current, findings, isStale: true };
    return { outcome: 'refused', findings, changes: [] };
  }
}
