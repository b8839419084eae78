// Rates as people write them in configuration: `10/min`, `5/s`, `100/hour`.

const PER_SECOND: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  min: 60,
  m: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
};
const FORM = /^(\d+(?:\.\d+)?)\s*\/\s*([a-z]+)$/;

/** Pattern of an accepted rate, for JSON Schema. */
export const RATE_PATTERN: string = String.raw`^\d+(\.\d+)?\s*/\s*(s|sec|second|m|min|minute|h|hour)$`;

/** Per second, or undefined when it is no rate. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = FORM.exec(text.trim()) ?? [];
  const seconds = unit === undefined ? undefined : PER_SECOND[unit];
  return seconds === undefined ? undefined : Number(amount) / seconds;
}
