// `match` of a route: which requests it takes. Texts become kinds: `/a/*` a segment prefix, `~x` a regex, `x*` a prefix of a value.
import { parseComparison } from '../../base/comparison.ts';
import type { BodyBytesMatch, FieldMatch, Match, PathMatch, ValueMatch } from '../../model/match.ts';
import { type Infer, s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import { nearestMend, type Reading } from './reading.ts';

export const VALUE = s.union(
  [
    s.string('Exact text, prefix*, ~regex, or * for present.'),
    s.number('A number stands for its text.'),
    s.literal(true, 'Present.'),
  ],
  'What the value must be.',
);
const VALUES = (what: string) => s.optional(s.record(VALUE, what));

/** What a match may hold; sections with conditions of their own take the same. */
export const MATCH_KEYS = {
  host: s.optional(s.oneOrMany(s.string('A host, or *.example.com.'), 'Hosts; any by default.')),
  path: s.optional(
    s.oneOrMany(s.string('/a exact, /a/* with all below, ~regex, or a glob.', { minLength: 1 }), 'Any of these paths.'),
  ),
  methods: s.optional(s.oneOrMany(s.string('Such as GET.'), 'Any of these methods.')),
  method: s.optional(s.oneOrMany(s.string('Such as GET.'), 'The same as methods.')),
  headers: VALUES('Header fields by name.'),
  query: VALUES('Query parameters by name.'),
  cookie: VALUES('Cookies by name.'),
  content_length: s.optional(s.oneOrMany(s.string('Such as "> 10MB".'), 'Bounds on the declared length of the body.')),
  model: s.optional(s.oneOrMany(s.string('Name, prefix*, glob or ~regex.', { minLength: 1 }), 'Any of these models.')),
};

/** One match; all of its parts must hold. */
export const MATCH = s.object(MATCH_KEYS, 'What a request must look like; all of it must hold.');

export type WrittenMatch = Infer<typeof MATCH>;

export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
];

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

export class MatchReader {
  private readonly reading: Reading;
  private readonly path: Path;

  /** `path` is where the match stands. */
  constructor(reading: Reading, path: Path) {
    this.reading = reading;
    this.path = path;
  }

  private wrong(key: readonly (string | number)[], message: string, mend?: string): undefined {
    this.reading.error([...this.path, ...key], {
      code: 'config.wrong-value',
      message,
      ...(mend !== undefined && { mend }),
    });
  }

  private regex(pattern: string, key: readonly (string | number)[]): string | undefined {
    try {
      new RegExp(pattern);
      return pattern;
    } catch {
      return this.wrong(key, 'not a valid regular expression'); // the author's pattern, said at its line
    }
  }

  private pathMatch(text: string): PathMatch | undefined {
    if (text.startsWith('~')) {
      const value = this.regex(text.slice(1), ['path']);
      return value === undefined ? undefined : { kind: 'regex', value };
    }
    if (!text.startsWith('/') && !text.startsWith('*'))
      return this.wrong(['path'], 'a path begins with /', `write "/${text}"`);
    if (/[?#\s]/.test(text))
      return this.wrong(['path'], 'a path has no query, fragment or space', 'match the query under "query"');
    if (/^[^*]*\/\*$/.test(text))
      return { kind: 'prefix', value: text === '/*' ? '/' : text.slice(0, -2).replace(/\/+$/, '') };
    return { kind: text.includes('*') ? 'glob' : 'exact', value: text };
  }

  private value(written: string | number | true, key: readonly string[]): ValueMatch | undefined {
    if (written === true || written === '*') return { kind: 'present' };
    const text = String(written);
    if (text.startsWith('~')) {
      const value = this.regex(text.slice(1), key);
      return value === undefined ? undefined : { kind: 'regex', value };
    }
    return text.endsWith('*') ? { kind: 'prefix', value: text.slice(0, -1) } : { kind: 'exact', value: text };
  }

  private fields(
    written: WrittenMatch['headers'],
    key: 'headers' | 'query' | 'cookie',
  ): readonly FieldMatch[] | undefined {
    if (written === undefined) return undefined;
    const fields: FieldMatch[] = [];
    for (const [name, text] of Object.entries(written)) {
      const value = this.value(text, [key, name]);
      if (value !== undefined) fields.push({ name: key === 'headers' ? name.toLowerCase() : name, value });
    }
    return fields;
  }

  private methods(written: WrittenMatch): readonly string[] | undefined {
    if (written.method !== undefined && written.methods !== undefined) {
      this.reading.error([...this.path, 'method'], {
        code: 'config.conflict',
        message: '"method" and "methods" are the same key',
        mend: 'keep one of them',
      });
    }
    const key = written.methods === undefined ? 'method' : 'methods';
    const names = written[key]?.map((name) => name.toUpperCase());
    for (const name of names ?? []) {
      if (/^[A-Z][A-Z0-9-]*$/.test(name) && nearestMend(name, METHODS).mend === undefined) continue;
      if (METHODS.includes(name)) continue;
      this.reading.error([...this.path, key], {
        code: 'config.wrong-value',
        message: 'not a method',
        ...nearestMend(name, METHODS),
      });
    }
    return names;
  }

  private bodyBytes(written: readonly string[] | undefined): BodyBytesMatch | undefined {
    if (written === undefined) return undefined;
    let [min, max]: [number | undefined, number | undefined] = [undefined, undefined];
    for (const text of written) {
      const comparison = parseComparison(text);
      if (comparison === undefined || (comparison.unit !== 'bytes' && comparison.unit !== 'number')) {
        return this.wrong(['content_length'], 'not a comparison of sizes', 'write "> 10MB" or "<= 64KB"');
      }
      const { operator, value } = comparison;
      if (operator === '>' || operator === '>=' || operator === '=')
        min = Math.max(min ?? 0, operator === '>' ? value + 1 : value);
      if (operator === '<' || operator === '<=' || operator === '=') {
        max = Math.min(max ?? Number.MAX_SAFE_INTEGER, operator === '<' ? value - 1 : value);
      }
    }
    if (max !== undefined && max < (min ?? 0))
      return this.wrong(['content_length'], 'no length can be within these bounds');
    return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  }

  private model(text: string): ValueMatch | undefined {
    const star = text.indexOf('*');
    if (text.startsWith('~') || star === -1 || star === text.length - 1) return this.value(text, ['model']);
    return { kind: 'regex', value: text.split('*').map(escapeRegex).join('.*') };
  }

  /** One Match for each combination of path and model: a Match holds one of each. */
  read(written: WrittenMatch): readonly Match[] {
    const bodyBytes = this.bodyBytes(written.content_length);
    const methods = this.methods(written);
    const headers = this.fields(written.headers, 'headers');
    const query = this.fields(written.query, 'query');
    const cookies = this.fields(written.cookie, 'cookie');
    const rest: Match = {
      ...(methods !== undefined && { methods }),
      ...(headers !== undefined && { headers }),
      ...(query !== undefined && { query }),
      ...(cookies !== undefined && { cookies }),
      ...(bodyBytes !== undefined && { bodyBytes }),
    };
    const paths = written.path?.map((text) => this.pathMatch(text)).filter((path) => path !== undefined);
    const models = written.model?.map((text) => this.model(text)).filter((model) => model !== undefined);
    const byPath: readonly Match[] = paths === undefined ? [rest] : paths.map((path) => ({ path, ...rest }));
    return models === undefined ? byPath : byPath.flatMap((match) => models.map((model) => ({ ...match, model })));
  }
}
