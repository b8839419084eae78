// Money as integers: a pico-dollar is 10^-12 of a dollar, so that a price per million tokens of up to six decimals is a whole number of
// them per token, and sums are exact.

const PICO = 1e12;
/** One dollar per million tokens is this much per token. */
const DECIMALS_PER_TOKEN = 6;
/** Dollars per million tokens beyond this are a slip of the pen, not a price. */
const MAX_DOLLARS = 1e6;
const DECIMAL = /^(\d{1,12})(?:\.(\d{1,40}))?(?:e([+-]?\d{1,2}))?$/i;

/** Whole and fraction of a decimal number moved `places` to the left of the point, rounded half up to an integer. */
function shifted(text: string, places: number): number | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const [, whole, fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent) + places;
  if (point < 0) return 0;
  const kept = Number(digits.slice(0, point).padEnd(point, '0'));
  const next = point < digits.length ? Number(digits[point]) : 0;
  const value = kept + (next >= 5 ? 1 : 0);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Pico-dollars per token of a price in dollars per million tokens: exact up to six decimals, rounded half up beyond. Undefined for
 * what is no price: negative, not a number, more than a million dollars.
 */
export function picoPerToken(dollarsPerMillion: number | string): number | undefined {
  const pico = shifted(String(dollarsPerMillion), DECIMALS_PER_TOKEN);
  return pico === undefined || pico > MAX_DOLLARS * 10 ** DECIMALS_PER_TOKEN ? undefined : pico;
}

/** The same, and undefined for a price that would have to be rounded: nobody's written price is changed in silence. */
export function exactPicoPerToken(dollarsPerMillion: number | string): number | undefined {
  const pico = picoPerToken(dollarsPerMillion);
  if (pico === undefined) return undefined;
  const finer = shifted(String(dollarsPerMillion), DECIMALS_PER_TOKEN + 3);
  return finer === pico * 1000 ? pico : undefined;
}

/** Pico-dollars each of something that costs so many dollars a thousand. */
export function picoPerThousandth(dollarsPerThousand: number | string): number | undefined {
  return shifted(String(dollarsPerThousand), 9);
}

/** Dollars as decimal text without an exponent, exact: `0.00015`. */
export function dollarsText(pico: number): string {
  const fraction = pico % PICO;
  const whole = (pico - fraction) / PICO;
  if (fraction === 0) return String(whole);
  let text = String(fraction);
  text = '000000000000'.slice(text.length) + text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  return `${whole}.${text.slice(0, end)}`;
}
