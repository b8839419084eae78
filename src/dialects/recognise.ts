// Which dialect a document is written in, and why; the first rule that fits decides.

export interface Recognised {
  readonly dialect: 'rules' | 'kubernetes' | 'istio' | 'kong' | 'native';
  /** For `check --verbose`. */
  readonly because: string;
}

const RULES_EXTENSION = /\.(?:js|cjs|mjs|ts)$/;
/** Keys that only Kong's services and routes have. */
const KONG_ITEM_KEYS = ['paths', 'service', 'plugins'];

/** The dialects that files can be in; a registry need not offer all of them. */
export const DIALECT_NAMES: readonly Recognised['dialect'][] = ['native', 'kubernetes', 'istio', 'kong', 'rules'];

/** A rules module is known by its file name alone, before its text is read as YAML. */
export function recogniseFile(source: string): Recognised | undefined {
  const [extension] = RULES_EXTENSION.exec(source) ?? [];
  return extension === undefined ? undefined : { dialect: 'rules', because: `the file name ends in ${extension}` };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kongKey(value: Readonly<Record<string, unknown>>): string | undefined {
  for (const section of ['services', 'routes']) {
    const items = value[section];
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      const key = isMap(item) ? KONG_ITEM_KEYS.find((name) => Object.hasOwn(item, name)) : undefined;
      if (key !== undefined) return `an item of "${section}" has the key "${key}"`;
    }
  }
  return undefined;
}

/** Anything that no other rule takes is native: its own check then names the nearest key. */
export function recogniseDocument(value: unknown): Recognised {
  if (!isMap(value)) return { dialect: 'native', because: 'nothing else fits' };
  const { apiVersion, kind } = value;
  if (typeof apiVersion === 'string' && typeof kind === 'string') {
    const dialect = /(^|\.)istio\.io\//.test(apiVersion) ? 'istio' : 'kubernetes';
    return { dialect, because: 'it has "apiVersion" and "kind"' };
  }
  if (Object.hasOwn(value, '_format_version')) return { dialect: 'kong', because: 'it has "_format_version"' };
  const because = kongKey(value);
  return because === undefined ? { dialect: 'native', because: 'nothing else fits' } : { dialect: 'kong', because };
}
