// Aliases are looked up once. One that leads to another is therefore not what its author meant, and a ring of them never was.
import type { ModelAlias } from '../alias.ts';
import type { Finding } from '../finding.ts';

/** Aliases that a target names as the model of the route's own backends. With a backend of its own a name is the provider's. */
function nextOf({ alias, targets }: ModelAlias, known: ReadonlyMap<string, ModelAlias>): readonly string[] {
  const names = targets.flatMap(({ backend, model }) => (backend === undefined && model !== undefined ? [model] : []));
  return names.filter((name) => name !== alias && known.has(name));
}

/** The way from `start` back to itself, or undefined. */
function ringFrom(start: string, known: ReadonlyMap<string, ModelAlias>): readonly string[] | undefined {
  const pending: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let trail = pending.pop(); trail !== undefined; trail = pending.pop()) {
    const alias = known.get(trail[trail.length - 1]);
    for (const next of alias === undefined ? [] : nextOf(alias, known)) {
      if (next === start) return [...trail, start];
      if (!seen.has(next)) pending.push([...trail, next]);
      seen.add(next);
    }
  }
  return undefined;
}

export function checkAliasChains(aliases: readonly ModelAlias[]): readonly Finding[] {
  const known = new Map(aliases.map((alias) => [alias.alias, alias]));
  return aliases.flatMap((alias): readonly Finding[] => {
    const { origin } = alias;
    const ring = ringFrom(alias.alias, known);
    if (ring !== undefined) {
      const message = `the model alias "${alias.alias}" leads back to itself: ${ring.join(' → ')}`;
      return [
        { severity: 'error', code: 'config.alias-loop', message, mend: 'name a model that a provider serves', origin },
      ];
    }
    return nextOf(alias, known).map((next) => ({
      severity: 'warning' as const,
      code: 'config.alias-chain',
      message: `the model alias "${alias.alias}" names the alias "${next}", but aliases are looked up once: "${next}" is sent as it stands`,
      mend: `write the targets of "${next}" here`,
      origin,
    }));
  });
}
