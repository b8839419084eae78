// The section `circuit_breaker`: named configurations, and which backends each applies to. Keys beside `configurations` are a
// configuration for every backend that has no other.
import type { Backend } from '../../model/backend.ts';
import type { BreakerSettings } from '../../model/breaker.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { BREAKER_KEYS, toBreaker } from './breaker-settings.ts';
import { nearestMend, type Reading } from './reading.ts';

const APPLY_TO = s.oneOrMany(
  s.union(
    [s.string('Name of a backend.'), s.record(s.scalarText('Value.'), 'Labels of a backend.')],
    'Which backends.',
  ),
  'Backends it applies to, by name or labels.',
);

const NAMED_BREAKER = s.object({ ...BREAKER_KEYS, apply_to: s.optional(APPLY_TO) }, 'A circuit breaker.');

export const CIRCUIT_BREAKER = s.object(
  { configurations: s.optional(s.record(NAMED_BREAKER, 'Circuit breakers by name.')), ...BREAKER_KEYS },
  'Circuit breakers. A named one applies to the backend of that name, to those with a label of that value, and as apply_to says.',
);

/** Without a name: for every backend that has no other. */
export interface WrittenBreaker {
  readonly name: string | undefined;
  readonly settings: BreakerSettings;
  readonly applyTo: Infer<typeof APPLY_TO>;
  readonly reading: Reading;
  readonly path: Path;
}

export function readBreakers(value: unknown, reading: Reading): readonly WrittenBreaker[] {
  const path = ['circuit_breaker'];
  const written = reading.parse(CIRCUIT_BREAKER, value ?? {}, path);
  if (written === undefined) return [];
  const { configurations = {}, ...standard } = written;
  const named = Object.entries(configurations).map(([name, { apply_to: applyTo = [], ...keys }]): WrittenBreaker => {
    const at = [...path, 'configurations', name];
    return { name, settings: { name, ...toBreaker(keys, reading, at) }, applyTo, reading, path: at };
  });
  if (Object.keys(standard).length === 0) return named;
  return [...named, { name: undefined, settings: toBreaker(standard, reading, path), applyTo: [], reading, path }];
}

function isNamedIn(applyTo: WrittenBreaker['applyTo'], { name, labels = {} }: Backend): boolean {
  return applyTo.some((wanted) =>
    typeof wanted === 'string'
      ? wanted === name
      : Object.entries(wanted).every(([label, value]) => labels[label] === value),
  );
}

/** From the most to the least specific way to apply. */
const WAYS: readonly ((breaker: WrittenBreaker, backend: Backend) => boolean)[] = [
  ({ applyTo }, backend) => isNamedIn(applyTo, backend),
  ({ name }, backend) => name === backend.name,
  ({ name }, { labels = {} }) => name !== undefined && Object.values(labels).includes(name),
  ({ name }) => name === undefined,
];

/** Gives backends without a breaker of their own the one that applies; one that applies to nothing is a warning. */
export class BreakerAssignment {
  private readonly breakers: readonly WrittenBreaker[];
  private readonly used = new Set<WrittenBreaker>();
  /** Backends that say themselves what holds for them. */
  private readonly settled = new Set<string>();

  constructor(breakers: readonly WrittenBreaker[]) {
    this.breakers = breakers;
  }

  /** `circuit_breaker: NAME` at a backend; `none` takes the default away. */
  byName(
    backend: string,
    name: string,
    at: { readonly reading: Reading; readonly path: Path },
  ): BreakerSettings | undefined {
    this.settled.add(backend);
    if (name === 'none') return undefined;
    const found = this.breakers.find((breaker) => breaker.name === name);
    if (found === undefined) {
      const names = this.breakers.flatMap((breaker) => breaker.name ?? []);
      const message = `there is no circuit breaker "${name}" in circuit_breaker.configurations`;
      at.reading.error(at.path, {
        code: 'config.undefined-breaker',
        message,
        ...nearestMend(name, [...names, 'none']),
      });
      return undefined;
    }
    this.used.add(found);
    return found.settings;
  }

  private for(backend: Backend): Backend {
    if (backend.breaker !== undefined || this.settled.has(backend.name)) return backend;
    for (const applies of WAYS) {
      const [first, second] = this.breakers.filter((breaker) => applies(breaker, backend));
      if (first === undefined) continue;
      for (const breaker of [first, second]) if (breaker !== undefined) this.used.add(breaker);
      if (second !== undefined) {
        const message = `two circuit breakers apply to the backend "${backend.name}" in the same way`;
        const mend = `write "circuit_breaker" at the backend, or "apply_to" at one of them`;
        second.reading.error(second.path, { code: 'config.conflict', message, mend });
      }
      return { ...backend, breaker: first.settings };
    }
    return backend;
  }

  apply(fragment: Partial<GatewayModel>): Partial<GatewayModel> {
    if (this.breakers.length === 0 || fragment.backends === undefined) return fragment;
    return { ...fragment, backends: fragment.backends.map((backend) => this.for(backend)) };
  }

  /** After every fragment was given to `apply`. */
  warnOfUnused(): void {
    for (const breaker of this.breakers) {
      if (this.used.has(breaker)) continue;
      const message = 'this circuit breaker applies to no backend';
      const mend = 'give it the name of a backend, label a backend with its name, or write "apply_to"';
      breaker.reading.warning(breaker.path, { code: 'config.no-effect', message, mend });
    }
  }
}
