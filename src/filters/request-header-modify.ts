// Sets, adds and removes fields of the request before it is forwarded.
import { defineHeaderFilter } from '../pipeline/header-filter.ts';

export const requestHeaderModify = defineHeaderFilter('request', {
  name: 'request-header-modify',
  summary: 'Sets, adds and removes header fields of the request.',
  examples: [
    {
      title: 'Mark the environment, hide the cookie',
      config: { set: [{ name: 'X-Environment', value: 'dev' }], remove: ['cookie'] },
    },
  ],
});
