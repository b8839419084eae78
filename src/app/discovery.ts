// Endpoints that are found by name, while the gateway runs: the model that takes effect is the written one with what is known of
// its names, and when a name gets other addresses only the backends that have it are changed.
import { isDeepStrictEqual } from 'node:util';
import type { BackendView, DnsView } from '../admin/admin-view.ts';
import { expandModel, questionsOf, toQuestion, withHosts } from '../control/discovery/expand-model.ts';
import { NameRegistry } from '../control/discovery/name-registry.ts';
import { type Answer, type Question, questionKey, type Resolver } from '../control/discovery/resolution.ts';
import type { Backend } from '../model/backend.ts';
import { DEFAULT_DISCOVERY } from '../model/defaults.ts';
import type { DiscoverySettings } from '../model/discovery.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { MainTime } from './timers.ts';

export interface DiscoveryDeps {
  readonly time: MainTime;
  createResolver(settings: DiscoverySettings): Resolver;
  say(line: string): void;
  /** `result`: found, absent, or why nobody answered. */
  count(name: string, result: string): void;
  /** Makes these backends of the running model have other endpoints, or says why that cannot be. */
  replace(model: GatewayModel, changed: readonly Backend[]): string | undefined;
}

export interface NameAge {
  readonly name: string;
  readonly ageSeconds: number;
}

/** A start or a reload waits so long for names that were never asked for; what answers later takes effect then. */
const FIRST_WAIT_MS = 2000;
const SHOWN_ADDRESSES = 8;

export class Discovery {
  private readonly deps: DiscoveryDeps;
  private readonly registry: NameRegistry;
  private readonly unanswered = new Set<string>();
  private readonly nowhere = new Set<string>();
  /** In effect: as written, and with its endpoints. */
  private written: GatewayModel | undefined;
  private expanded: GatewayModel | undefined;
  /** A load is being applied: what is found meanwhile is looked at afterwards. */
  private isApplying = false;
  /** What was found could not take effect: it is tried again with every answer. */
  private obstacle: string | undefined;

  constructor(deps: DiscoveryDeps) {
    this.deps = deps;
    this.registry = new NameRegistry({
      ...deps.time,
      createResolver: (settings) => deps.createResolver(settings),
      onAnswer: (question, answer, isChanged) => this.answered(question, answer, isChanged),
    });
  }

  /** The model with what is known of its names. Pair with `commit` or `abandon`. */
  async prepare(written: GatewayModel): Promise<GatewayModel> {
    this.isApplying = true;
    const questions = questionsOf(written);
    if (questions.length > 0) await this.registry.add(questions, written.discovery ?? DEFAULT_DISCOVERY, FIRST_WAIT_MS);
    return this.expand(written);
  }

  private expand(written: GatewayModel): GatewayModel {
    return expandModel(written, (question) => this.registry.stateOf(question)?.hosts ?? []);
  }

  /** What `prepare` was given and gave is in effect. */
  commit(written: GatewayModel, expanded: GatewayModel): void {
    this.isApplying = false;
    this.written = written;
    this.expanded = expanded;
    this.retain(questionsOf(written));
    this.refresh(written.backends);
  }

  private retain(questions: readonly Question[]): void {
    this.registry.retain(questions);
    const wanted = new Set(questions.map(questionKey));
    for (const said of [this.unanswered, this.nowhere]) for (const key of said) if (!wanted.has(key)) said.delete(key);
  }

  /** It is not: the names and settings of before hold. */
  abandon(): void {
    this.isApplying = false;
    const { written } = this;
    const questions = written === undefined ? [] : questionsOf(written);
    this.retain(questions);
    if (written === undefined || questions.length === 0) return;
    void this.registry.add(questions, written.discovery ?? DEFAULT_DISCOVERY, 0);
    this.refresh(written.backends);
  }

  private answered(question: Question, answer: Answer, isChanged: boolean): void {
    this.report(question, answer, isChanged);
    const isNews = isChanged || this.obstacle !== undefined;
    if (!isNews || this.isApplying || this.written === undefined) return;
    const key = questionKey(question);
    this.refresh(this.written.backends.filter(({ dns }) => dns !== undefined && questionKey(dns) === key));
  }

  /** Brings the endpoints of these backends in line with what is known. */
  private refresh(backends: readonly Backend[]): void {
    const { expanded } = this;
    if (expanded === undefined) return;
    const inEffect = new Map(expanded.backends.map((backend) => [backend.id, backend]));
    const changed: Backend[] = [];
    for (const backend of backends) {
      if (backend.dns === undefined) continue;
      const now = withHosts(backend, this.registry.stateOf(toQuestion(backend.dns))?.hosts ?? []);
      if (isDeepStrictEqual(now.endpoints, inEffect.get(backend.id)?.endpoints)) continue;
      changed.push(now);
      inEffect.set(backend.id, now);
    }
    if (changed.length === 0) return;
    const model = { ...expanded, backends: [...inEffect.values()] };
    const obstacle = this.deps.replace(model, changed);
    if (obstacle === undefined) this.expanded = model;
    else if (this.obstacle === undefined) this.deps.say(`dns: what was found cannot take effect: ${obstacle}`);
    this.obstacle = obstacle;
  }

  private report(question: Question, answer: Answer, isChanged: boolean): void {
    const { deps, unanswered } = this;
    const { name } = question;
    deps.count(name, answer.kind === 'failed' ? answer.reason : answer.kind);
    const hosts = this.registry.stateOf(question)?.hosts ?? [];
    const key = questionKey(question);
    if (hosts.length > 0) this.nowhere.delete(key);
    else if (answer.kind !== 'failed' && !this.nowhere.has(key)) {
      this.nowhere.add(key);
      deps.say(`dns: ${name} has no address`);
    }
    if (isChanged && hosts.length > 0) {
      const shown = hosts.slice(0, SHOWN_ADDRESSES).map(({ addresses }) => addresses[0]);
      const more = hosts.length > shown.length ? ` and ${hosts.length - shown.length} more` : '';
      deps.say(`dns: ${name} is ${shown.join(', ')}${more}`);
    }
    const isKnown = unanswered.has(key);
    if (answer.kind !== 'failed') {
      if (unanswered.delete(key)) deps.say(`dns: ${name} is resolved again`);
    } else if (!isKnown) {
      unanswered.add(key);
      deps.say(`dns: ${name} is not resolved (${answer.reason}); ${hosts.length} known endpoints stay in use`);
    }
  }

  /** What the admin API shows, with what is known of names. */
  describe(views: readonly BackendView[]): readonly BackendView[] {
    const sources = new Map(this.expanded?.backends.map(({ name, dns }) => [name, dns]));
    return views.map((view) => {
      const dns = sources.get(view.name);
      return dns === undefined ? view : { ...view, dns: this.viewOf(dns) };
    });
  }

  private viewOf(question: Question): DnsView {
    const state = this.registry.stateOf(question);
    return {
      name: question.name,
      answeredSecondsAgo: this.ageSeconds(question),
      ttlSeconds: (state?.ttlMs ?? 0) / 1000,
      ...(state?.error !== undefined && { error: state.error }),
    };
  }

  private ageSeconds(question: Question): number | undefined {
    const answeredAtMs = this.registry.stateOf(question)?.answeredAtMs;
    return answeredAtMs === undefined ? undefined : Math.round(this.deps.time.nowMs() - answeredAtMs) / 1000;
  }

  /** How old what is known of each name is, where anything is. */
  ages(): readonly NameAge[] {
    if (this.written === undefined) return [];
    return questionsOf(this.written).flatMap((question) => {
      const ageSeconds = this.ageSeconds(question);
      return ageSeconds === undefined ? [] : [{ name: question.name, ageSeconds }];
    });
  }

  stop(): void {
    this.registry.stop();
  }
}
