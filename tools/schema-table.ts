// Turns a JSON Schema (draft 2020-12, as src/schema writes it) into rows of a Markdown table, for write-reference.ts.

/** The parts of JSON Schema that our schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

const MOST_LEVELS = 6;

/** Markdown cells may hold neither a bare pipe nor a line break. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map(line), ''].join('\n');
}

/** Walks one schema document; definitions are looked up in its root. */
export class SchemaTable {
  private readonly root: JsonSchema;

  constructor(root: JsonSchema) {
    this.root = root;
  }

  private resolve(schema: JsonSchema): JsonSchema {
    const name = schema.$ref?.replace(/^#\/(\$defs|definitions)\//, '');
    if (name === undefined) return schema;
    const found = schema.$ref === '#' ? this.root : this.root.$defs?.[name];
    if (found === undefined) throw new Error(`the schema refers to ${schema.$ref}, which is not there`);
    return { ...found, ...(schema.description === undefined ? {} : { description: schema.description }) };
  }

  private alternatives(schema: JsonSchema): readonly JsonSchema[] {
    return (schema.anyOf ?? schema.oneOf ?? [schema]).map((each) => this.resolve(each));
  }

  /** What may be written, in a few words: `text or list of text`. */
  typeOf(given: JsonSchema): string {
    const schema = this.resolve(given);
    if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
    if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
    const options = schema.anyOf ?? schema.oneOf;
    if (options !== undefined) return [...new Set(options.map((each) => this.typeOf(each)))].join(' or ');
    if (schema.type === 'array')
      return typeof schema.items === 'object' ? `list of ${this.typeOf(schema.items)}` : 'list';
    if (schema.type === 'object' || schema.properties !== undefined)
      return schema.properties === undefined ? 'map' : 'object';
    if (schema.type === 'string') return 'text';
    if (schema.type === 'integer') return 'whole number';
    if (schema.type === 'boolean') return '`true`, `false`';
    return [schema.type ?? 'anything'].flat().join(' or ');
  }

  /** One row per key, members below their object as `match.path`, items as `routes[].name`, map values as `backends.*`. */
  rows(given: JsonSchema, prefix = '', level = 0): readonly (readonly string[])[] {
    if (level > MOST_LEVELS) return [];
    const rows: (readonly string[])[] = [];
    for (const schema of this.alternatives(this.resolve(given))) {
      for (const [key, member] of Object.entries(schema.properties ?? {})) {
        const path = prefix === '' ? key : `${prefix}.${key}`;
        const isRequired = schema.required?.includes(key) === true;
        rows.push(this.row(path, this.resolve(member), isRequired), ...this.rows(member, path, level + 1));
      }
      if (typeof schema.additionalProperties === 'object')
        rows.push(...this.rows(schema.additionalProperties, `${prefix}.*`, level + 1));
      if (typeof schema.items === 'object') rows.push(...this.rows(schema.items, `${prefix}[]`, level + 1));
    }
    const seen = new Set<string>();
    return rows.filter(([path]) => !seen.has(path) && seen.add(path));
  }

  private row(path: string, schema: JsonSchema, isRequired: boolean): readonly string[] {
    const fallback = schema.default === undefined ? '' : ` Default \`${JSON.stringify(schema.default)}\`.`;
    return [
      `\`${path}\``,
      this.typeOf(schema),
      isRequired ? 'yes' : '',
      `${schema.description ?? ''}${fallback}`.trim(),
    ];
  }

  markdown(schema: JsonSchema): string {
    const rows = this.rows(schema);
    return rows.length === 0 ? 'Takes no settings.\n' : table(['key', 'value', 'required', 'meaning'], rows);
  }
}
