// The face of validation: unknown input in, typed value or located problems out. Only this folder knows the library behind it.

/** One thing wrong, at a path inside the value. The caller turns it into a Finding with file, line and column. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
  readonly mend?: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

export interface Schema<T> {
  parse(value: unknown): Parsed<T>;
  /** JSON Schema draft 2020-12 of the accepted input. */
  readonly jsonSchema: object;
}
