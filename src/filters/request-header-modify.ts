// Sets, adds and removes fields of the request before it is forwarded.

import { defineFilter } from '../pipeline/filter.ts';
import { applyHeaderChanges, type HeaderChanges, headerChangesSchema } from '../pipeline/header-changes.ts';

export const requestHeaderModify = defineFilter<HeaderChanges>({
  name: 'request-header-modify',
  summary: 'Sets, adds and removes header fields of the request.',
  stage: 'transform',
  attach: ['listener', 'route'],
  inspects: { request: 'head', reply: 'head' },
  schema: headerChangesSchema,
  examples: [
    {
      title: 'Mark the environment, hide the cookie',
      config: { set: [{ name: 'X-Environment', value: 'dev' }], remove: ['cookie'] },
    },
  ],
  compile: (changes) => ({
    onRequest(exchange) {
      applyHeaderChanges(exchange.headers, changes);
      return undefined;
    },
  }),
});
