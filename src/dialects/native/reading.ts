// Reads parts of one document by schemas and collects what is wrong with them, each finding at its line.
import { nearestName } from '../../base/nearest-name.ts';
import type { Finding } from '../../model/finding.ts';
import type { Origin } from '../../model/origin.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Path, SourceDocument } from '../dialect.ts';

export interface Remark {
  readonly code: string;
  readonly message: string;
  readonly mend?: string;
}

/** Codes whose place is the key rather than the value. */
const AT_KEY = new Set(['config.unknown-key', 'config.not-available']);

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** "did you mean", ready to be spread into a remark. */
export function nearestMend(written: string, names: Iterable<string>): { readonly mend?: string } {
  const nearest = nearestName(written, names);
  return nearest === undefined ? {} : { mend: `did you mean "${nearest}"?` };
}

export class Reading {
  readonly document: SourceDocument;
  readonly findings: Finding[] = [];

  constructor(document: SourceDocument) {
    this.document = document;
  }

  origin(path: Path): Origin {
    return this.document.origin(path, 'value');
  }

  private add(severity: Finding['severity'], path: Path, remark: Remark): void {
    const origin = this.document.origin(path, AT_KEY.has(remark.code) ? 'key' : 'value');
    this.findings.push({ severity, ...remark, origin });
  }

  error(path: Path, remark: Remark): void {
    this.add('error', path, remark);
  }

  warning(path: Path, remark: Remark): void {
    this.add('warning', path, remark);
  }

  note(path: Path, remark: Remark): void {
    this.add('note', path, remark);
  }

  /** The value at `path` in the shape asked for; undefined after errors, which are then already collected. */
  parse<T>(schema: Schema<T>, value: unknown, path: Path): T | undefined {
    const parsed = schema.parse(value);
    if (parsed.ok) return parsed.value;
    for (const { path: inner, ...remark } of parsed.problems) this.error([...path, ...inner], remark);
    return undefined;
  }

  /** Takes out keys that have a meaning but do not act yet, with a warning for each: never silence. */
  withoutLater(value: unknown, path: Path, later: ReadonlySet<string>): unknown {
    if (!isMap(value)) return value;
    const kept: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (!later.has(key)) kept[key] = member;
      else
        this.warning([...path, key], {
          code: 'config.not-available',
          message: `this version does not act on "${key}" yet`,
        });
    }
    return kept;
  }

  /** Members of a map with their paths; anything else is an error. `null` (a key with nothing under it) is empty. */
  members(value: unknown, path: Path): readonly (readonly [name: string, value: unknown, path: Path])[] {
    if (value === null || value === undefined) return [];
    if (isMap(value)) return Object.entries(value).map(([name, member]) => [name, member, [...path, name]] as const);
    this.error(path, {
      code: 'config.wrong-type',
      message: `expected a map of names, found ${Array.isArray(value) ? 'a list' : 'a single value'}`,
    });
    return [];
  }

  /** Items of a list with their paths. */
  items(value: unknown, path: Path): readonly (readonly [value: unknown, path: Path])[] {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map((item, index) => [item, [...path, index]] as const);
    this.error(path, {
      code: 'config.wrong-type',
      message: `expected a list, found ${isMap(value) ? 'a map' : 'a single value'}`,
    });
    return [];
  }
}
