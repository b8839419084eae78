// A name in front of a model's slash that is a slip of a backend's or provider's: said where sections name models.
import { slipOf } from '../../base/nearest-name.ts';
import { nearestMend } from './reading.ts';
import type { NamePlace } from './targets.ts';

/** Models have slashes in their names too (`meta-llama/Llama-3`): only a slip of a known name is an error. */
export function slipOfBackend(name: string, { reading, scope, path }: NamePlace): void {
  const names = [...scope.backendNames, ...scope.options.catalog.providers.keys()];
  if (names.includes(name) || slipOf(name, names) === undefined) return;
  const message = `no backend or provider is called "${name}"`;
  reading.error(path, { code: 'config.undefined-target', message, ...nearestMend(name, names) });
}
