// A part of a whole as configurations write it: `40%`, or `0.4` where a ratio is asked.

/** Source of the whole-text pattern, for schemas. */
export const RATIO_PATTERN = String.raw`^(\d+(\.\d+)?%|[01](\.\d+)?)$`;

/** 0..1, or undefined for anything else. */
export function parseRatio(text: string): number | undefined {
  if (!new RegExp(RATIO_PATTERN).test(text)) return undefined;
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  return value <= 1 ? value : undefined;
}
