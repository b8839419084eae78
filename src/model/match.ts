// What a request must look like for a route to take it. All parts of one Match must hold; a route has several Matches, any may hold.

export type ValueMatch =
  | { readonly kind: 'exact' | 'prefix' | 'regex'; readonly value: string }
  | { readonly kind: 'present' };

export interface FieldMatch {
  /** Header names are lower case; query and cookie names are as written. */
  readonly name: string;
  readonly value: ValueMatch;
}

/**
 * `prefix` is by segment: `/a` matches `/a`, `/a/` and `/a/b`, not `/ab`; its value has no trailing slash except `/` itself.
 * `glob`: `*` is any run inside one segment, `**` any run at all. `regex` must match the whole path.
 */
export interface PathMatch {
  readonly kind: 'exact' | 'prefix' | 'regex' | 'glob';
  readonly value: string;
}

/** Inclusive bounds on the declared body length. A body of unknown length (chunked) counts as larger than every bound. */
export interface BodyBytesMatch {
  readonly min?: number;
  readonly max?: number;
}

export interface Match {
  readonly path?: PathMatch;
  readonly methods?: readonly string[];
  readonly headers?: readonly FieldMatch[];
  readonly query?: readonly FieldMatch[];
  readonly cookies?: readonly FieldMatch[];
  readonly bodyBytes?: BodyBytesMatch;
  /** The `model` field of a JSON body. A glob with `*` is given as a regex. */
  readonly model?: ValueMatch;
}
