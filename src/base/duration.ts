// Durations as people write them in configuration (`100ms`, `15s`, `1m30s`, `30d`), turned into milliseconds at load time.

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Pattern of an accepted duration, for JSON Schema. */
export const DURATION_PATTERN: string = '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$';

/** Milliseconds (rounded) of `1m30s`, or undefined when it is no duration. A bare number has no unit and is refused, except 0. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (!WHOLE.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(PART)) total += Number(amount) * UNIT_MS[unit];
  return Number.isSafeInteger(Math.round(total)) ? Math.round(total) : undefined;
}
