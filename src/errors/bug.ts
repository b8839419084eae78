// The only error class that is thrown: a bug of ours. Bad input and failing endpoints are values.

/** Never thrown for bad input; caught once per exchange in runtime/dispatch.ts and answered with `internal.bug`. */
export class BugError extends Error {
  override readonly name = 'BugError';
}

/** Throws a BugError unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}
