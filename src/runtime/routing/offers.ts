// What each backend of a route offers a router: which models, how surely. By the list its author gave, else by who makes the model.
import { Glob } from '../../base/glob.ts';
import { offersByName } from '../../llm/model-makers.ts';

export type Certainty = 'certain' | 'maybe' | 'no';

/** A backend as candidates are made of it. */
export interface Offer {
  readonly backend: string;
  readonly provider: string;
  readonly weight: number;
  readonly tier: number;
  /** Sent whatever is asked for. */
  readonly override: string | undefined;
  /** As written; undefined = not known. */
  readonly models: readonly string[] | undefined;
  /** It may be chosen on this route; others only where an alias names them. */
  readonly isOfRoute: boolean;
}

/** Names have no hierarchy: a star takes slashes too. */
export function nameGlob(pattern: string): Glob {
  return new Glob(pattern.replaceAll(/\*+/g, '**'));
}

const globs = new Map<string, Glob>();
const MAX_GLOBS = 10_000;

function matches(pattern: string, name: string): boolean {
  let glob = globs.get(pattern);
  if (glob === undefined) {
    if (globs.size >= MAX_GLOBS) globs.clear();
    glob = nameGlob(pattern);
    globs.set(pattern, glob);
  }
  return glob.matches(name);
}

export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

/** Makers serve no name with a slash; who sells the models of others does. */
export function certaintyOf({ override, models, provider }: Offer, model: string): Certainty {
  if (override !== undefined) return override === model ? 'certain' : 'no';
  if (models !== undefined) return matchesAny(models, model) ? 'certain' : 'no';
  const byName = offersByName(provider, model);
  return byName === 'maybe' && model.includes('/') && isMaker(provider) ? 'no' : byName;
}

/** It sells its own models alone: it has not those of another. */
function isMaker(provider: string): boolean {
  return offersByName(provider, 'gpt-4') !== 'maybe';
}

/** Models it is known to have by name: without stars. */
export function knownModels({ override, models = [] }: Offer): readonly string[] {
  return override === undefined ? models.filter((name) => !name.includes('*')) : [override];
}
