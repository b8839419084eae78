// Two type shapes used by every layer: a value that may come later, and an identifier that knows what it names.

/** A value, or a promise of it. Hot code tests with `instanceof Promise` instead of awaiting: an await costs a microtask. */
export type MaybePromise<T> = T | Promise<T>;

/** A string that names one kind of thing; two kinds cannot be mixed up by the compiler. */
export type Id<K extends string> = string & { readonly __id: K };
