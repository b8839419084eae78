// Sets, adds and removes fields of the reply, forwarded or our own.

import { defineFilter } from '../pipeline/filter.ts';
import { applyHeaderChanges, type HeaderChanges, headerChangesSchema } from '../pipeline/header-changes.ts';

export const responseHeaderModify = defineFilter<HeaderChanges>({
  name: 'response-header-modify',
  summary: 'Sets, adds and removes header fields of the reply.',
  stage: 'transform',
  attach: ['listener', 'route'],
  inspects: { request: 'head', reply: 'head' },
  schema: headerChangesSchema,
  examples: [
    {
      title: 'Show the variant, hide the server',
      config: { set: [{ name: 'X-AB-Variant', value: 'B' }], remove: ['server'] },
    },
  ],
  compile: (changes) => ({
    onReply(_exchange, reply) {
      applyHeaderChanges(reply.headers, changes);
      return reply;
    },
  }),
});
