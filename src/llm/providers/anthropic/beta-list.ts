// `anthropic-beta`: the features a client switches on, of which a backend may let through only some.

/** The part of the client's list that is let through; '' = nothing of it. */
export function allowedBetas(list: string, allowed: ReadonlySet<string>): string {
  return list
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => allowed.has(beta))
    .join(',');
}
