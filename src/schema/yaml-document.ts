// Text of a YAML (or JSON) file in, plain values with the place of every key and value out; the first step of every load.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import { type Substitution, substitute } from './substitution.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One document of a file. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where a path was written: its key or its value; of a path that was not written, the nearest parent. */
  locate(path: readonly (string | number)[], part: 'key' | 'value'): Place;
}

export interface YamlProblem extends Place {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly mend?: string;
  readonly pointer: string;
}

export interface ParsedYaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly YamlProblem[];
}

/** Deeper than any configuration, shallow enough for the parser's recursion. */
const MAX_DEPTH = 64;
/** Brackets may stand in text values too, so this bound is wider. */
const MAX_BRACKETS = 1000;
/** Values reached through aliases: stops alias bombs. What is written out is bounded by the text itself. */
const MAX_ALIASED_VALUES = 100_000;
/** After the first few, syntax errors are echoes of each other. */
const MAX_SYNTAX_ERRORS = 5;
const TOO_DEEP = 'the document is nested too deeply';

/** RFC 6901 pointer of a path. */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

class Limit extends Error {}

type Path = readonly (string | number)[];

class Walk {
  readonly problems: YamlProblem[] = [];
  /** Pointer → offsets of key and value. */
  readonly places = new Map<string, readonly [key: number, value: number]>();
  private readonly lines: LineCounter;
  private readonly substitution: Substitution;
  private aliasedValues = 0;
  private aliasDepth = 0;
  private readonly anchors = new Map<string, Node>();

  constructor(lines: LineCounter, substitution: Substitution) {
    this.lines = lines;
    this.substitution = substitution;
  }

  place(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  report(path: Path, offset: number, problem: { code: string; message: string; mend?: string }): void {
    this.problems.push({ severity: 'error', ...problem, pointer: toPointer(path), ...this.place(offset) });
  }

  value(node: unknown, path: Path, keyOffset: number): unknown {
    if (this.aliasDepth > 0 && ++this.aliasedValues > MAX_ALIASED_VALUES) {
      throw new Limit(`aliases stand for more than ${MAX_ALIASED_VALUES} values`);
    }
    if (path.length > MAX_DEPTH) throw new Limit(`the document is nested deeper than ${MAX_DEPTH} levels`);
    const offset = (node as Node | null)?.range?.[0] ?? keyOffset;
    this.places.set(toPointer(path), [keyOffset, offset]);
    if (!isAlias(node)) return this.content(this.resolve(node), path, offset);
    const target = this.resolve(node);
    if (target === undefined)
      this.report(path, offset, { code: 'config.syntax', message: 'no anchor of that name above' });
    this.aliasDepth++;
    const value = this.content(target, path, offset);
    this.aliasDepth--;
    return value;
  }

  private content(target: unknown, path: Path, offset: number): unknown {
    if (isMap(target)) return this.map(target.items, path);
    if (isSeq(target))
      return target.items.map((item, index) => this.value(item, [...path, index], offsetOf(item, offset)));
    if (!isScalar(target)) return null;
    return typeof target.value === 'string' ? this.text(target.value, path, offset) : (target.value ?? null);
  }

  /** Aliases point at the last anchor of that name before them: the map is filled in document order. */
  private resolve(node: unknown): unknown {
    if (isAlias(node)) return this.anchors.get(node.source);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.anchors.set(anchor, node as Node);
    return node;
  }

  private text(text: string, path: Path, offset: number): string {
    const result = substitute(text, this.substitution);
    for (const problem of result.problems) this.report(path, offset, problem);
    return result.text;
  }

  private map(items: readonly Pair[], path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const written = new Set<string>();
    for (const pair of items) {
      const offset = (pair.key as Node | null)?.range?.[0] ?? 0;
      const key = isScalar(pair.key) ? keyText(pair.key.value) : undefined;
      if (key === MERGE) this.merge(result, written, { node: pair.value, path, offset });
      else if (key === undefined || key === '__proto__') {
        this.report(path, offset, { code: 'config.bad-key', message: 'a key must be plain text' });
      } else {
        written.add(key);
        result[key] = this.value(pair.value, [...path, key], offset);
      }
    }
    return result;
  }

  /** `<<: *base` or a list of such: keys of the map itself win, earlier maps win over later ones (YAML merge key, 2005). */
  private merge(result: Record<string, unknown>, written: Set<string>, from: MergeSource): void {
    const target = this.resolve(from.node);
    const sources = isSeq(target) ? target.items : [target];
    for (const source of sources) {
      const map = this.resolve(source);
      if (!isMap(map)) {
        this.report(from.path, from.offset, { code: 'config.bad-key', message: '"<<" must name a map' });
        continue;
      }
      const fresh = map.items.filter((pair) => isScalar(pair.key) && !written.has(String(keyText(pair.key.value))));
      for (const [key, value] of Object.entries(this.map(fresh, from.path))) if (!(key in result)) result[key] = value;
    }
  }
}

interface MergeSource {
  readonly node: unknown;
  readonly path: Path;
  readonly offset: number;
}

const MERGE = Symbol('<<');

function keyText(value: unknown): string | typeof MERGE | undefined {
  if (typeof value === 'symbol') return MERGE;
  if (value === '<<') return MERGE;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function offsetOf(node: unknown, otherwise: number): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}

function syntaxProblem(error: YAMLError, walk: Walk, severity: 'error' | 'warning'): YamlProblem {
  const duplicate = error.code === 'DUPLICATE_KEY';
  const code = duplicate ? 'config.duplicate-key' : 'config.syntax';
  const plain = error.message.startsWith('Maximum call stack') ? TOO_DEEP : error.message.split('\n')[0];
  const message = duplicate ? 'this key was already given above' : plain;
  return { severity, code, message, pointer: '', ...walk.place(error.pos[0]) };
}

/** YAML reserves a leading `@`; an unquoted `@file path` is understood all the same. */
function isFileReference(error: YAMLError, text: string): boolean {
  return error.code === 'BAD_SCALAR_START' && text.startsWith('@file ', error.pos[0]);
}

/** The composer recurses, so the depth of brackets is bounded before it runs; indentation alone cannot nest as cheaply. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x5b || character === 0x7b) depth++;
    else if ((character === 0x5d || character === 0x7d) && depth > 0) depth--;
    if (depth > MAX_BRACKETS) return true;
  }
  return false;
}

function failure(place: Place, message: string): ParsedYaml {
  return { documents: [], problems: [{ severity: 'error', code: 'config.syntax', message, pointer: '', ...place }] };
}

function locator(walk: Walk): YamlDocument['locate'] {
  return (path, part) => {
    for (let length = path.length; length >= 0; length--) {
      const offsets = walk.places.get(toPointer(path.slice(0, length)));
      if (offsets !== undefined) return walk.place(part === 'key' && length === path.length ? offsets[0] : offsets[1]);
    }
    return { line: 1, column: 1 };
  };
}

/** Parses every document of a file. Bad syntax is a problem with its place, never an exception. */
export function parseYaml(text: string, substitution: Substitution): ParsedYaml {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const problems: YamlProblem[] = [];
  if (tooDeep(text)) return failure({ line: 1, column: 1 }, TOO_DEEP);
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      merge: true,
      prettyErrors: false,
      resolveKnownTags: false,
      logLevel: 'silent',
    });
    for (const document of 'empty' in parsed ? [] : parsed) {
      const walk = new Walk(lines, substitution);
      const errors = document.errors.filter((error) => !isFileReference(error, text));
      problems.push(...errors.slice(0, MAX_SYNTAX_ERRORS).map((error) => syntaxProblem(error, walk, 'error')));
      problems.push(...document.warnings.map((warning) => syntaxProblem(warning, walk, 'warning')));
      if (errors.length > 0) continue;
      const value = walk.value(document.contents, [], document.contents?.range?.[0] ?? 0);
      problems.push(...walk.problems);
      documents.push({ value, locate: locator(walk) });
    }
  } catch (error) {
    // The parser recurses: a stack overflow or our own bound is a verdict on the text.
    if (!(error instanceof Limit || error instanceof RangeError)) throw error;
    const message = error instanceof Limit ? error.message : TOO_DEEP;
    return { documents: [], problems: [...problems, ...failure({ line: 1, column: 1 }, message).problems] };
  }
  return { documents, problems };
}
