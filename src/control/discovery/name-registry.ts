// All names that some backend is found by, each watched once. Follows each configuration: names nobody has any more are left alone.
import { isDeepStrictEqual } from 'node:util';
import type { DiscoverySettings } from '../../model/discovery.ts';
import { type NameState, NameWatch, type WatchDeps } from './name-watch.ts';
import { type Answer, type Question, questionKey, type Resolver } from './resolution.ts';

export interface RegistryDeps extends Pick<WatchDeps, 'after' | 'nowMs' | 'random'> {
  createResolver(settings: DiscoverySettings): Resolver;
  /** After every answer. `isChanged`: the hosts of the name are others than before. */
  onAnswer(question: Question, answer: Answer, isChanged: boolean): void;
}

export class NameRegistry {
  private readonly deps: RegistryDeps;
  private readonly watches = new Map<string, NameWatch>();
  private settings: DiscoverySettings | undefined;
  private resolver: Resolver | undefined;

  constructor(deps: RegistryDeps) {
    this.deps = deps;
  }

  /** Watches these names too; resolves when each has been answered or `waitMs` is over. */
  async add(questions: readonly Question[], settings: DiscoverySettings, waitMs: number): Promise<void> {
    if (!isDeepStrictEqual(settings, this.settings)) this.change(settings);
    for (const question of questions) {
      if (!this.watches.has(questionKey(question))) this.watch(question, settings);
    }
    const firsts = questions.flatMap((question) => this.watches.get(questionKey(question))?.first ?? []);
    let cancel: () => void = () => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = this.deps.after(waitMs, resolve);
    });
    await Promise.race([Promise.all(firsts), timeout]);
    cancel();
  }

  /** Every name is asked for anew, of other servers perhaps; what is known stays until they answer. */
  private change(settings: DiscoverySettings): void {
    this.settings = settings;
    const before = this.resolver;
    this.resolver = this.deps.createResolver(settings);
    for (const watch of [...this.watches.values()]) {
      watch.stop();
      this.watch(watch.question, settings, watch.state);
    }
    before?.close();
  }

  private watch(question: Question, settings: DiscoverySettings, earlier?: NameState): void {
    const { resolve } = this.resolver as Resolver;
    const { after, nowMs, random, onAnswer } = this.deps;
    const deps = {
      resolve,
      after,
      nowMs,
      random,
      onAnswer: (_watch: NameWatch, answer: Answer, isChanged: boolean) => onAnswer(question, answer, isChanged),
    };
    const watch = new NameWatch(question, { settings, earlier }, deps);
    this.watches.set(questionKey(question), watch);
    watch.start();
  }

  /** Only these names are still of use. */
  retain(questions: readonly Question[]): void {
    const wanted = new Set(questions.map(questionKey));
    for (const [key, watch] of this.watches) {
      if (wanted.has(key)) continue;
      watch.stop();
      this.watches.delete(key);
    }
  }

  /** Undefined for a name that is not watched. */
  stateOf(question: Question): NameState | undefined {
    return this.watches.get(questionKey(question))?.state;
  }

  stop(): void {
    this.retain([]);
    this.resolver?.close();
  }
}
