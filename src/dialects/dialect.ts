// What a dialect is: documents of one language in, model fragments and findings out. Pure: no clock, no sockets, files only through the caller.
import type { Catalog } from '../model/catalog.ts';
import type { Finding } from '../model/finding.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Origin } from '../model/origin.ts';

export type Path = readonly (string | number)[];

/** One YAML document with the places of its parts. */
export interface SourceDocument {
  readonly source: string;
  readonly value: unknown;
  /** Where `path` was written: an unknown key is shown at its key, a wrong value at its value. */
  origin(path: Path, part: 'key' | 'value'): Origin;
}

export interface TranslateOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Contents of a file named in a configuration, or undefined. `source` is the file that names it, for relative paths. */
  readonly readFile: (path: string, source: string) => string | undefined;
  readonly catalog: Catalog;
  /** Forces one dialect by name. */
  readonly dialect?: string;
}

export interface Translation {
  /** One per document, so that merging can name the other place of a duplicate. */
  readonly fragments: readonly Partial<GatewayModel>[];
  readonly findings: readonly Finding[];
}

export interface Dialect {
  readonly name: string;
  readonly summary: string;
  /** All documents of this dialect together: they may name each other's parts. */
  translate(documents: readonly SourceDocument[], options: TranslateOptions): Translation;
}
