// What the two filters that change header fields have in common: all but the side they work on.
import { defineFilter, type Filter, type FilterDefinition } from './filter.ts';
import { applyHeaderChanges, type HeaderChanges, headerChangesSchema } from './header-changes.ts';

export type HeaderSide = 'request' | 'reply';

type Words = Pick<FilterDefinition<HeaderChanges>, 'name' | 'summary' | 'examples'>;

const COMPILE: Readonly<Record<HeaderSide, (changes: HeaderChanges) => Filter>> = {
  request: (changes) => ({
    onRequest(exchange) {
      applyHeaderChanges(exchange.headers, changes);
      return undefined;
    },
  }),
  reply: (changes) => ({
    onReply(_exchange, reply) {
      applyHeaderChanges(reply.headers, changes);
      return reply;
    },
  }),
};

/** A filter that sets, adds and removes fields of the request, or of the reply, forwarded or our own. */
export function defineHeaderFilter(side: HeaderSide, words: Words): FilterDefinition<HeaderChanges> {
  return defineFilter({
    ...words,
    stage: 'transform',
    attach: ['listener', 'route'],
    inspects: { request: 'head', reply: 'head' },
    schema: headerChangesSchema,
    compile: COMPILE[side],
  });
}
