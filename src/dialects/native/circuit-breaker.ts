// The section `circuit_breaker`: named configurations, and which backends each applies to. Keys beside `configurations` are a
// configuration for every backend that has no other.
import type { Backend } from '../../model/backend.ts';
import type { BreakerSettings } from '../../model/breaker.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import { s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { APPLY_TO, BackendGroups, type GroupSetting } from './backend-groups.ts';
import { BREAKER_KEYS, toBreaker } from './breaker-settings.ts';
import { nearestMend, type Reading } from './reading.ts';

const NAMED_BREAKER = s.object({ ...BREAKER_KEYS, apply_to: s.optional(APPLY_TO) }, 'A circuit breaker.');

export const CIRCUIT_BREAKER = s.object(
  { configurations: s.optional(s.record(NAMED_BREAKER, 'Circuit breakers by name.')), ...BREAKER_KEYS },
  'Circuit breakers. A named one applies to the backend of that name, to those with a label of that value, and as apply_to says.',
);

export function readBreakers(value: unknown, reading: Reading): readonly GroupSetting<BreakerSettings>[] {
  const path = ['circuit_breaker'];
  const written = reading.parse(CIRCUIT_BREAKER, value ?? {}, path);
  if (written === undefined) return [];
  const { configurations = {}, ...standard } = written;
  const named = Object.entries(configurations).map(([name, { apply_to: applyTo = [], ...keys }]) => {
    const at = [...path, 'configurations', name];
    return { name, value: { name, ...toBreaker(keys, reading, at) }, applyTo, reading, path: at };
  });
  if (Object.keys(standard).length === 0) return named;
  return [...named, { name: undefined, value: toBreaker(standard, reading, path), applyTo: [], reading, path }];
}

/** Gives backends without a breaker of their own the one that applies; one that applies to nothing is reported. */
export class BreakerAssignment {
  private readonly breakers: BackendGroups<BreakerSettings>;
  /** Backends that say themselves what holds for them. */
  private readonly settled = new Set<string>();
  /** Of AI backends for which nothing else is written. */
  forAi: BreakerSettings | undefined;

  constructor(breakers: readonly GroupSetting<BreakerSettings>[]) {
    this.breakers = new BackendGroups({ thing: 'circuit breaker', backendKey: 'circuit_breaker' }, breakers);
  }

  /** `circuit_breaker: NAME` at a backend; `none` takes the default away. */
  byName(
    backend: string,
    name: string,
    at: { readonly reading: Reading; readonly path: Path },
  ): BreakerSettings | undefined {
    this.settled.add(backend);
    if (name === 'none') return undefined;
    const found = this.breakers.named(name);
    if (found !== undefined) return found;
    const names = this.breakers.settings.flatMap((breaker) => breaker.name ?? []);
    const message = `there is no circuit breaker "${name}" in circuit_breaker.configurations`;
    at.reading.error(at.path, { code: 'config.undefined-breaker', message, ...nearestMend(name, [...names, 'none']) });
    return undefined;
  }

  private for(backend: Backend): Backend {
    if (backend.breaker !== undefined || this.settled.has(backend.name)) return backend;
    const breaker = this.breakers.for(backend) ?? (backend.provider && this.forAi);
    return breaker === undefined ? backend : { ...backend, breaker };
  }

  apply(fragment: Partial<GatewayModel>): Partial<GatewayModel> {
    const isNothing = this.breakers.settings.length === 0 && this.forAi === undefined;
    if (isNothing || fragment.backends === undefined) return fragment;
    return { ...fragment, backends: fragment.backends.map((backend) => this.for(backend)) };
  }

  /** After every fragment was given to `apply`. */
  reportUnused(hasBackends: boolean): void {
    this.breakers.reportUnused(hasBackends);
  }
}
