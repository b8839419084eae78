// Everything this build offers under a name, gathered from the registries of the data plane for the dialects, which may not
// import them.
import { filterRegistry } from '../filters/registry.ts';
import { providerRegistry } from '../llm/providers/registry.ts';
import type { Catalog } from '../model/catalog.ts';
import { balancerRegistry } from '../upstream/balancers/registry.ts';

export function createCatalog(): Catalog {
  return {
    filters: new Map(filterRegistry.map((filter) => [filter.name, filter])),
    providers: providerRegistry,
    balancers: balancerRegistry,
  };
}
