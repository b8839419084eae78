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

  /**
   * One row per key, members below their object as `match.path`, items as `routes[].name`, map values as `backends.*`.
   * What may be written in two ways, alone or in a list, is shown once. Required = in every form of its object.
   */
  rows(given: JsonSchema, prefix = '', level = 0): readonly (readonly string[])[] {
    if (level > MOST_LEVELS) return [];
    const forms = this.alternatives(this.resolve(given));
    const rows: (readonly string[])[] = [];
    const shown = new Set<string>();
    for (const form of forms) {
      for (const [key, member] of Object.entries(form.properties ?? {})) {
        const path = prefix === '' ? key : `${prefix}.${key}`;
        const isRequired = forms.every((each) => each.properties === undefined || each.required?.includes(key));
        rows.push(this.row(path, this.resolve(member), isRequired), ...this.rows(member, path, level + 1));
      }
      shown.add(JSON.stringify(form));
      for (const [inner, mark] of [
        [form.items, '[]'],
        [form.additionalProperties, '.*'],
      ] as const) {
        if (typeof inner !== 'object' || shown.has(JSON.stringify(this.resolve(inner)))) continue;
        shown.add(JSON.stringify(this.resolve(inner)));
        rows.push(...this.rows(inner, prefix + mark, level + 1));
      }
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

  markdown(schema: JsonSchema, prefix = ''): string {
    const rows = this.rows(schema, prefix);
    return rows.length === 0 ? 'Takes no settings.\n' : table(['key', 'value', 'required', 'meaning'], rows);
  }
}
