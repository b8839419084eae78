// Lets the balancer of a new generation go on where that of the old one stood, so that reloads do not bend the shares.
import type { Balancer } from '../upstream/balancer.ts';

class Tenure {
  readonly ids: readonly string[];
  earlier: Tenure | undefined;
  /** It has made its first pick: from then on what it holds is newer than what `earlier` does. */
  hasBegun = false;
  balancer: Balancer | undefined;

  constructor(ids: readonly string[], earlier: Tenure | undefined) {
    this.ids = ids;
    this.earlier = earlier;
  }

  debtOf(id: string): number | undefined {
    const index = this.ids.indexOf(id);
    return index === -1 ? undefined : this.balancer?.debt?.(index);
  }
}

/** Of one thread, by backend. A generation that was compiled but never served is passed over. */
export class BalancerMemory {
  private readonly latest = new Map<string, Tenure>();

  /** `compile` makes the balancer; it is given what tells an endpoint's debt in the one before, to be asked at its first pick. */
  succeed(
    backend: string,
    ids: readonly string[],
    compile: (earlierDebt: (id: string) => number | undefined) => Balancer,
  ): Balancer {
    const last = this.latest.get(backend);
    const tenure = new Tenure(ids, last === undefined || last.hasBegun ? last : last.earlier);
    // A chain of generations would stay in memory.
    if (last?.hasBegun) last.earlier = undefined;
    this.latest.set(backend, tenure);
    tenure.balancer = compile((id) => {
      tenure.hasBegun = true;
      return tenure.earlier?.debtOf(id);
    });
    return tenure.balancer;
  }

  /** Forgets the backends that a new generation does not have. */
  retain(backends: ReadonlySet<string>): void {
    for (const backend of this.latest.keys()) if (!backends.has(backend)) this.latest.delete(backend);
  }
}
