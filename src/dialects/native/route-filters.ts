// What a route does beside forwarding: its keys `rewrite`, `headers`, `redirect`, `respond` and `max_body` as uses of filters.
import type { Match } from '../../model/match.ts';
import type { FilterUse } from '../../model/route.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { HEADER_CHANGES, HEADER_VALUES, isHeaderName, toHeaderFields } from './header-fields.ts';
import type { Reading } from './reading.ts';
import type { NativeScope } from './scope.ts';

const ABSOLUTE_PATH = (description: string) =>
  s.optional(s.string(description, { pattern: /^\/[^?#\s]*$/, expected: 'a path that begins with /' }));
const HOST = s.optional(s.string('Host, or host:port.', { pattern: /^[^/\s@?#]+$/, expected: 'a host' }));

export const FILTER_KEYS = {
  rewrite: s.optional(
    s.object(
      {
        prefix: ABSOLUTE_PATH('Replaces the matched prefix.'),
        path: ABSOLUTE_PATH('Replaces the whole path.'),
        host: HOST,
      },
      'What the backend sees instead of the path and host of the request.',
    ),
  ),
  headers: s.optional(
    s.object(
      { request: s.optional(HEADER_CHANGES), response: s.optional(HEADER_CHANGES) },
      'Changes of header fields.',
    ),
  ),
  redirect: s.optional(
    s.object(
      {
        scheme: s.optional(s.choice(['http', 'https'], 'Scheme; by default that of the request.')),
        host: HOST,
        port: s.optional(s.integer('Port.', { min: 1, max: 65_535 })),
        path: ABSOLUTE_PATH('Replaces the whole path.'),
        prefix: ABSOLUTE_PATH('Replaces the matched prefix.'),
        status: s.withDefault(s.integer('301, 302, 303, 307 or 308; default 302.'), 302),
      },
      'Answers with a redirect.',
    ),
  ),
  respond: s.optional(
    s.object(
      {
        status: s.withDefault(s.integer('Status; default 200.', { min: 200, max: 599 }), 200),
        body: s.optional(s.string('Body.')),
        headers: s.optional(HEADER_VALUES),
      },
      'Answers with a fixed reply.',
    ),
  ),
  max_body: s.optional(s.bytes('Largest request body; a larger one is 413.')),
};

const FILTER_SHAPE = s.object(FILTER_KEYS);
export type WrittenFilters = Infer<typeof FILTER_SHAPE>;

const REDIRECT_STATUSES = [301, 302, 303, 307, 308];

export interface RoutePlace {
  readonly reading: Reading;
  readonly scope: NativeScope;
  /** Of the route. */
  readonly path: Path;
}

export class FilterReader {
  private readonly place: RoutePlace;
  private readonly matches: readonly Match[];
  private readonly uses: FilterUse[] = [];

  constructor(place: RoutePlace, matches: readonly Match[]) {
    this.place = place;
    this.matches = matches;
  }

  /** The filter's own schema has the last word on its configuration. */
  private use(filter: string, config: object, path: Path): void {
    const { reading, scope } = this.place;
    const definition = scope.options.catalog.filters.get(filter);
    if (definition === undefined) {
      const message = `this build has no filter "${filter}", which this key needs`;
      reading.error(path, { code: 'config.filter-not-available', message });
      return;
    }
    const parsed = definition.schema.parse(config);
    if (parsed.ok) this.uses.push({ filter, config: parsed.value, origin: reading.origin(path) });
    else for (const { path: _inner, ...remark } of parsed.problems) reading.error(path, remark);
  }

  /** The one prefix all matches of the route share; without it "prefix" has nothing to replace. */
  private matchedPrefix(path: Path): string | undefined {
    const prefixes = new Set(
      this.matches.map((match) => (match.path?.kind === 'prefix' ? match.path.value : undefined)),
    );
    const [prefix] = prefixes;
    if (prefixes.size === 1 && prefix !== undefined) return prefix;
    const isMixed = prefixes.size > 1;
    const message = isMixed
      ? 'the matches of this route have different prefixes'
      : 'the route matches no prefix that could be replaced';
    const mend = isMixed ? 'write one route for each prefix' : 'match a path such as /a/*, or write "path"';
    this.place.reading.error(path, { code: 'config.no-prefix', message, mend });
    return undefined;
  }

  /** `prefix` and `path` of a rewrite or redirect, which exclude each other. */
  private pathChange(written: { readonly prefix?: string; readonly path?: string }, path: Path): object {
    if (written.prefix !== undefined && written.path !== undefined) {
      const message = '"prefix" and "path" exclude each other';
      this.place.reading.error([...path, 'path'], { code: 'config.conflict', message, mend: 'keep one of them' });
    }
    if (written.path !== undefined) return { path: written.path };
    if (written.prefix === undefined) return {};
    const prefixFrom = this.matchedPrefix([...path, 'prefix']);
    return prefixFrom === undefined ? {} : { prefix: written.prefix, prefixFrom };
  }

  private rewrite(written: NonNullable<WrittenFilters['rewrite']>, path: Path): void {
    if (Object.keys(written).length === 0) {
      this.place.reading.error(path, {
        code: 'config.missing-key',
        message: 'one of "prefix", "path", "host" is required',
      });
      return;
    }
    const change = { ...this.pathChange(written, path), ...(written.host !== undefined && { host: written.host }) };
    if (Object.keys(change).length > 0) this.use('url-rewrite', change, path);
  }

  private headers(written: NonNullable<WrittenFilters['headers']>, path: Path): void {
    const { reading } = this.place;
    for (const side of ['request', 'response'] as const) {
      const changes = written[side];
      if (changes === undefined) continue;
      const at = [...path, side];
      const remove = changes.remove ?? [];
      for (const name of remove) {
        if (isHeaderName(name)) continue;
        reading.error([...at, 'remove'], {
          code: 'config.wrong-value',
          message: `"${name}" is not the name of a header`,
        });
      }
      const set = toHeaderFields(changes.set, reading, [...at, 'set']);
      const add = toHeaderFields(changes.add, reading, [...at, 'add']);
      this.use(`${side}-header-modify`, { set, add, remove }, at);
    }
  }

  private redirect(written: NonNullable<WrittenFilters['redirect']>, path: Path): void {
    const { scheme, host, port, status } = written;
    if (!REDIRECT_STATUSES.includes(status)) {
      const message = `not a redirect; accepted: ${REDIRECT_STATUSES.join(', ')}`;
      this.place.reading.error([...path, 'status'], { code: 'config.wrong-value', message });
      return;
    }
    const target = {
      ...(scheme !== undefined && { scheme }),
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...this.pathChange(written, path),
    };
    if (Object.keys(target).length > 0) this.use('redirect', { ...target, status }, path);
    else if (written.prefix === undefined) {
      const message = 'the redirect leads nowhere else: give scheme, host, port, path or prefix';
      this.place.reading.error(path, { code: 'config.missing-key', message });
    }
  }

  private respond({ status, body, headers }: NonNullable<WrittenFilters['respond']>, path: Path): void {
    const fields = toHeaderFields(headers, this.place.reading, [...path, 'headers']);
    this.use('direct-response', { status, ...(body !== undefined && { body }), headers: fields }, path);
  }

  read(written: WrittenFilters): readonly FilterUse[] {
    const at = (key: string) => [...this.place.path, key];
    if (written.max_body !== undefined) this.use('request-size-limit', { maxBytes: written.max_body }, at('max_body'));
    if (written.headers !== undefined) this.headers(written.headers, at('headers'));
    if (written.rewrite !== undefined) this.rewrite(written.rewrite, at('rewrite'));
    if (written.redirect !== undefined) this.redirect(written.redirect, at('redirect'));
    if (written.respond !== undefined) this.respond(written.respond, at('respond'));
    return this.uses;
  }
}
