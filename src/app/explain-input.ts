// A request described in words – on the command line or to the admin API – as the facts a live request has.
import type { ExplainInput } from '../admin/admin-view.ts';
import type { ExplainRequest } from '../runtime/explain.ts';

/** Path and query of a path or URL; `host` is undefined when only a path was given. */
function parseTarget(target: string): { host: string | undefined; path: string; query: string } {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? URL.parse(target) : null;
  const [path, query] =
    url === null ? splitQuery(target.startsWith('/') ? target : `/${target}`) : [url.pathname, url.search.slice(1)];
  return { host: url?.host, path, query };
}

function splitQuery(target: string): readonly [path: string, query: string] {
  const [whole] = target.split('#');
  const mark = whole.indexOf('?');
  return mark === -1 ? [whole, ''] : [whole.slice(0, mark), whole.slice(mark + 1)];
}

export function toExplainRequest(input: ExplainInput): ExplainRequest {
  const { host, path, query } = parseTarget(input.target);
  const named = input.headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const authority = named ?? host ?? 'localhost';
  return {
    method: input.method,
    path,
    query,
    authority,
    headers: input.headers.filter(([name]) => name.toLowerCase() !== 'host'),
    body: input.body,
  };
}
