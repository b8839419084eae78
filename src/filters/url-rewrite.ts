// Rewrites path and host of the request before it is forwarded; routes were matched on what the client sent.
import { defineFilter } from '../pipeline/filter.ts';
import { changePath, type PathChange } from '../pipeline/path-rewrite.ts';
import { s } from '../schema/builder.ts';

interface UrlRewrite extends PathChange {
  readonly host?: string;
}

export const urlRewrite = defineFilter<UrlRewrite>({
  name: 'url-rewrite',
  summary: 'Replaces the path, its matched prefix, or the Host of the request.',
  stage: 'transform',
  attach: ['route'],
  inspects: { request: 'head', reply: 'head' },
  schema: s.object({
    prefix: s.optional(s.string('What stands in place of the matched prefix.')),
    prefixFrom: s.optional(s.string('The matched prefix; filled in by the route.')),
    path: s.optional(s.string('What stands in place of the whole path.')),
    host: s.optional(s.string('Host field sent to the endpoint.')),
  }),
  examples: [
    { title: 'Strip a prefix', config: { prefix: '/', prefixFrom: '/api' } },
    { title: 'One fixed path and host', config: { path: '/v1/chat/completions', host: 'models.example.com' } },
  ],
  compile: (change) => ({
    onRequest(exchange) {
      exchange.path = changePath(exchange.path, change);
      if (change.host !== undefined) exchange.rewrittenHost = change.host;
      return undefined;
    },
  }),
});
