// Shares as people write them: `10%`, or a plain number of percent where the key says so.

/** 0.1 for `10%` or `10`; more than 1 is given as it is, for the caller to refuse. Undefined when it is no share. */
export function parsePercent(text: string): number | undefined {
  const [, digits] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) / 100;
}
