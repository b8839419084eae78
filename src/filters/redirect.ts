// Answers with a redirect. The query is kept; a default port is left out of the location (RFC 9110 §15.4, Gateway API rules).

import type { Exchange } from '../pipeline/exchange.ts';
import { defineFilter } from '../pipeline/filter.ts';
import { changePath, type PathChange } from '../pipeline/path-rewrite.ts';
import { createReply } from '../pipeline/reply.ts';
import { s } from '../schema/builder.ts';

interface Redirect extends PathChange {
  readonly scheme?: string;
  readonly host?: string;
  readonly port?: number;
  readonly status: number;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

export const redirect = defineFilter<Redirect>({
  name: 'redirect',
  summary: 'Answers with a redirect to another scheme, host, port or path.',
  stage: 'transform',
  attach: ['route'],
  inspects: { request: 'head', reply: 'head' },
  schema: s.object({
    scheme: s.optional(s.string('`http` or `https`; default the scheme of the request.')),
    host: s.optional(s.string('Default the host of the request.')),
    port: s.optional(s.integer('Default: the port of the request, or the default of a changed scheme.')),
    path: s.optional(s.string('Replaces the whole path.')),
    prefix: s.optional(s.string('Replaces the matched prefix.')),
    prefixFrom: s.optional(s.string('The matched prefix; filled in by the route.')),
    status: s.integer('301, 302, 303, 307 or 308.'),
  }),
  examples: [{ title: 'To https', config: { scheme: 'https', status: 301 } }],
  compile: (config) => ({
    onRequest(exchange) {
      return createReply(config.status, [['location', location(exchange, config)]], undefined);
    },
  }),
});

function location(exchange: Exchange, config: Redirect): string {
  const scheme = config.scheme ?? exchange.scheme;
  const requestPort = /:(\d+)$/.exec(exchange.authority)?.[1];
  const keptPort = config.scheme === undefined && requestPort !== undefined ? Number(requestPort) : undefined;
  const port = config.port ?? keptPort;
  const shownPort = port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`;
  const query = exchange.query === '' ? '' : `?${exchange.query}`;
  return `${scheme}://${config.host ?? exchange.host}${shownPort}${changePath(exchange.path, config)}${query}`;
}
