// Where something was written. Every error, explanation and log line points back through this.

/** A place in an input document. `line` and `column` start at 1; `pointer` is an RFC 6901 JSON pointer. */
export interface Origin {
  readonly source: string;
  readonly dialect: string;
  readonly pointer: string;
  readonly line?: number;
  readonly column?: number;
}
