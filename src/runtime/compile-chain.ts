// Filter uses → a chain: stages in order, then the registry's order, then the author's.
import { invariant } from '../errors/bug.ts';
import { type AnyFilterDefinition, filterRegistry } from '../filters/registry.ts';
import type { FilterUse } from '../model/route.ts';
import { Chain, EMPTY_CHAIN } from '../pipeline/chain.ts';
import type { Filter } from '../pipeline/filter.ts';
import { STAGES } from '../pipeline/stages.ts';
import type { ThreadResources } from './thread-resources.ts';

const ORDER: ReadonlyMap<string, number> = new Map(
  filterRegistry
    .map((definition, line) => ({ definition, line }))
    .sort((a, b) => STAGES.indexOf(a.definition.stage) - STAGES.indexOf(b.definition.stage) || a.line - b.line)
    .map(({ definition }, position) => [definition.name, position]),
);
const BY_NAME: ReadonlyMap<string, AnyFilterDefinition> = new Map(
  filterRegistry.map((definition) => [definition.name, definition]),
);

/** The uses in the order they run. */
export function orderFilters(uses: readonly FilterUse[]): readonly FilterUse[] {
  return uses.toSorted((a, b) => (ORDER.get(a.filter) ?? 0) - (ORDER.get(b.filter) ?? 0));
}

export function compileChain(uses: readonly FilterUse[], { nowMs }: Pick<ThreadResources, 'nowMs'>): Chain {
  if (uses.length === 0) return EMPTY_CHAIN;
  return new Chain(
    orderFilters(uses).map((use) => {
      const definition = BY_NAME.get(use.filter);
      invariant(definition !== undefined, `filter ${use.filter} passed validation but is not registered`);
      const filter = definition.compile(use.config as never, { clock: { now: nowMs } });
      return use.onError === 'continue' ? tolerant(filter) : filter;
    }),
  );
}

/** The operator said that a failure inside this filter must not fail the request. */
function tolerant(filter: Filter): Filter {
  const { onRequest } = filter;
  if (onRequest === undefined) return filter;
  return {
    ...filter,
    onRequest(exchange) {
      const answer = onRequest(exchange);
      if (!(answer instanceof Promise)) return answer;
      return answer.catch(() => undefined);
    },
  };
}
