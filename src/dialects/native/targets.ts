// Names of backends as routes and models write them: a defined backend, an AI provider, or a host that needs no definition.
import { isIP } from 'node:net';
import { nearestName, slipOf } from '../../base/nearest-name.ts';
import { parseOrigin } from '../../base/origin-url.ts';
import type { Id } from '../../base/types.ts';
import type { Path } from '../dialect.ts';
import { BackendReader } from './backends.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

export interface NamePlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  readonly path: Path;
}

function undefinedTarget(name: string, { reading, scope, path }: NamePlace): undefined {
  const nearest = nearestName(name, scope.backendNames) ?? slipOf(name, scope.backendNames);
  const mend = nearest === undefined ? 'define it under "backends", or write host:port' : `did you mean "${nearest}"?`;
  reading.error(path, { code: 'config.undefined-target', message: `no backend is called "${name}"`, mend });
  return undefined;
}

/** A backend nobody wrote: made once for all documents. */
export function implyBackend(
  name: string,
  definition: unknown,
  { reading, scope, path }: NamePlace,
): Id<'backend'> | undefined {
  const known = scope.implied.get(name);
  if (known !== undefined) return known.id;
  const backend = new BackendReader(reading, scope).read(name, definition, path);
  if (backend !== undefined) scope.implied.set(name, backend);
  return backend?.id;
}

/** The backend meant by a name: itself, the one that uses the provider of that name, or the provider with its defaults; empty after errors. */
export function backendsOf(name: string, place: NamePlace): readonly Id<'backend'>[] | undefined {
  const { reading, scope, path } = place;
  if (scope.backendNames.has(name)) return [name as Id<'backend'>];
  const users = scope.providerBackends.get(name);
  if (users !== undefined && users.length > 1) {
    const message = `several backends use the provider ${name}`;
    reading.error(path, { code: 'config.ambiguous-target', message, mend: `name one of ${users.join(', ')}` });
    return [];
  }
  if (users !== undefined) return users as readonly Id<'backend'>[];
  if (!scope.options.catalog.providers.has(name)) return undefined;
  if (!scope.implied.has(name)) {
    const message = `no backend uses the provider ${name}: it is taken with its own address and key`;
    reading.note(path, { code: 'config.implied-backend', message });
  }
  const id = implyBackend(name, { provider: name }, place);
  return id === undefined ? [] : [id];
}

/** A name that no backend has, as the host it is: with a note, once. */
function resolveHost(name: string, place: NamePlace): Id<'backend'> | undefined {
  const url = parseOrigin(name);
  const isSlip = slipOf(name, place.scope.backendNames) !== undefined;
  if (isSlip || url === undefined || url.path !== '') return undefinedTarget(name, place);
  if (!place.scope.implied.has(name)) {
    const message = `no backend is called "${name}": it is taken as the host ${url.origin}`;
    place.reading.note(place.path, { code: 'config.implied-backend', message });
  }
  // An address, and this machine, are where they are; any other name is watched.
  const isName = !url.isLoopback && isIP(new URL(url.origin).hostname.replace(/^\[|\]$/g, '')) === 0;
  return implyBackend(name, isName ? { dns: name } : { endpoints: [name] }, place);
}

/**
 * A name that no backend has is taken as a host, `name[:port]`, with a note. It is an error when it looks like a slip: close to
 * a defined name, or a bare word in a configuration that defines its backends.
 */
export function resolveTarget(name: string, place: NamePlace): Id<'backend'> | undefined {
  const { backendNames, definesBackends } = place.scope;
  if (backendNames.has(name)) return name as Id<'backend'>;
  const isBareWord = !/[.:]/.test(name);
  return isBareWord && definesBackends ? undefinedTarget(name, place) : resolveHost(name, place);
}

/** As rules name their targets: a backend, a provider, else a host, bare words too, since rules are written for clusters by name. */
export function resolveRuleTarget(name: string, place: NamePlace): readonly Id<'backend'>[] {
  const known = backendsOf(name, place);
  if (known !== undefined) return known;
  const host = resolveHost(name, place);
  return host === undefined ? [] : [host];
}
