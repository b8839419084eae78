// Reads what a source file imports, for check-layers.ts. TypeScript 7 is a native program without a JavaScript API, so this is
// a reader of its own (ADR 0004). It relies on the formatter: a static import or re-export always begins a line.

export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
  /** `import type`, `export type`: gone at run time. An inline `type` keeps the import, so it does not count. */
  readonly isTypeOnly: boolean;
  /** What stands in the braces, by its name there; empty for every other form. */
  readonly names: readonly string[];
}

const STATIC = /^(?:import|export)\b(\s+type\b)?([^'"`;=()]*?\bfrom\b)?\s*(['"])([^'"\n]+)\3/gm;
/** `import('x')`, also as a type, and files started by address: `new Worker(new URL('./worker.ts', import.meta.url))`. */
const DYNAMIC = /\bimport\(\s*(['"])([^'"\n]+)\1|\bnew URL\(\s*(['"])(\.{1,2}\/[^'"\n]+\.ts)\3,\s*import\.meta\.url/g;

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function isInComment(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', index) + 1, index);
  return /^\s*(\/\/|\/?\*)|\s\/\/ /.test(line);
}

/** Every import of a file, in order of appearance of each kind. */
export function readImports(text: string): readonly SourceImport[] {
  const found: SourceImport[] = [];
  for (const match of text.matchAll(STATIC)) {
    const [, type, clause, , specifier] = match;
    const braces = /\{([^}]*)\}/.exec(clause ?? '')?.[1].split(',') ?? [];
    const names = braces.map((entry) => entry.replace(/\bas\b.*/s, '').trim()).filter((name) => name !== '');
    found.push({ specifier, line: lineOf(text, match.index), isTypeOnly: type !== undefined, names });
  }
  for (const match of text.matchAll(DYNAMIC)) {
    if (isInComment(text, match.index)) continue;
    found.push({ specifier: match[2] ?? match[4], line: lineOf(text, match.index), isTypeOnly: false, names: [] });
  }
  return found;
}
