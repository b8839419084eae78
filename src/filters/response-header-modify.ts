// Sets, adds and removes fields of the reply, forwarded or our own.
import { defineHeaderFilter } from '../pipeline/header-filter.ts';

export const responseHeaderModify = defineHeaderFilter('reply', {
  name: 'response-header-modify',
  summary: 'Sets, adds and removes header fields of the reply.',
  examples: [
    {
      title: 'Show the variant, hide the server',
      config: { set: [{ name: 'X-AB-Variant', value: 'B' }], remove: ['server'] },
    },
  ],
});
