// The sections `models` and `model_mapping`, one table of aliases: names clients may use as `model`, and what they stand for.
import { slipOf } from '../../base/nearest-name.ts';
import type { AliasTarget, ModelAlias } from '../../model/alias.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { nearestMend, type Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';
import { backendsOf } from './targets.ts';

const MODEL_TARGET = s.union(
  [
    s.string('backend/model, provider/model, or a model of the route’s own backends.', { minLength: 1 }),
    s.object({
      backend: s.optional(s.string('Backend or provider; by default those of the route.', { minLength: 1 })),
      model: s.optional(s.string('Model asked for there; by default the one asked for.', { minLength: 1 })),
      weight: s.optional(s.integer('Share of the requests; default 1.', { min: 0 })),
      tier: s.optional(s.integer('1 is used only when every target of 0 is out; default 0.', { min: 0 })),
    }),
  ],
  'What the name stands for.',
);

/** One target or several. */
export const MODEL_TARGETS = s.oneOrMany(MODEL_TARGET, 'What the name stands for.');

type Written = Infer<typeof MODEL_TARGETS>[number];

class AliasReader {
  private readonly reading: Reading;
  private readonly scope: NativeScope;

  constructor(reading: Reading, scope: NativeScope) {
    this.reading = reading;
    this.scope = scope;
  }

  private names(): readonly string[] {
    return [...this.scope.backendNames, ...this.scope.options.catalog.providers.keys()];
  }

  /** Models have slashes in their names too (`meta-llama/Llama-3`): only a known name in front is a backend. */
  private fromText(text: string, path: Path): readonly AliasTarget[] {
    const slash = text.indexOf('/');
    const plain = { model: text, weight: 1, tier: 0 };
    if (slash <= 0) return [plain];
    const name = text.slice(0, slash);
    const backends = backendsOf(name, { reading: this.reading, scope: this.scope, path });
    if (backends !== undefined) return backends.map((backend) => ({ ...plain, backend, model: text.slice(slash + 1) }));
    if (slipOf(name, this.names()) !== undefined) {
      const message = `no backend or provider is called "${name}"`;
      this.reading.error(path, { code: 'config.undefined-target', message, ...nearestMend(name, this.names()) });
      return [];
    }
    const message = `no backend or provider is called "${name}": the whole text is taken as the name of a model`;
    this.reading.note(path, { code: 'config.model-name', message });
    return [plain];
  }

  private fromMap(written: Exclude<Written, string>, path: Path): readonly AliasTarget[] {
    const { backend: name, model, weight = 1, tier = 0 } = written;
    const target = { ...(model !== undefined && { model }), weight, tier };
    if (name === undefined) {
      if (model !== undefined) return [target];
      this.reading.error(path, { code: 'config.missing-key', message: '"backend" or "model" is required' });
      return [];
    }
    const at = [...path, 'backend'];
    const backends = backendsOf(name, { reading: this.reading, scope: this.scope, path: at });
    if (backends !== undefined) return backends.map((backend) => ({ ...target, backend }));
    const message = `no backend or provider is called "${name}"`;
    this.reading.error(at, { code: 'config.undefined-target', message, ...nearestMend(name, this.names()) });
    return [];
  }

  read(alias: string, value: unknown, path: Path): ModelAlias | undefined {
    const written = this.reading.parse(MODEL_TARGETS, value, path);
    if (written === undefined) return undefined;
    const targets = written.flatMap((item, index) => {
      const at = Array.isArray(value) ? [...path, index] : path;
      return typeof item === 'string' ? this.fromText(item, at) : this.fromMap(item, at);
    });
    return targets.length === 0 ? undefined : { alias, origin: this.reading.origin(path), targets };
  }
}

export interface ModelSection {
  readonly key: 'models' | 'model_mapping';
  readonly value: unknown;
}

export function translateModels(section: ModelSection, reading: Reading, scope: NativeScope): readonly ModelAlias[] {
  const reader = new AliasReader(reading, scope);
  return reading
    .members(section.value, [section.key])
    .map(([alias, value, path]) => reader.read(alias, value, path))
    .filter((alias) => alias !== undefined);
}
