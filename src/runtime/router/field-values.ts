// Single values out of a raw query and a Cookie field, read only for rules that ask for them.
import { unescape as decodePercent } from 'node:querystring';

/** Percent-decoded, `+` as a blank, as forms write it. Broken escapes stay as they are; broken UTF-8 becomes U+FFFD. */
function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  return decodePercent(text.replaceAll('+', ' '));
}

/** The first occurrence of the parameter in a raw query (without `?`); `a` alone is `a=`. */
export function queryValue(query: string, name: string): string | undefined {
  for (let start = 0; start < query.length; ) {
    const found = query.indexOf('&', start);
    const end = found === -1 ? query.length : found;
    const equals = query.indexOf('=', start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (end > start && decode(query.slice(start, nameEnd)) === name) return decode(query.slice(nameEnd + 1, end));
    start = end + 1;
  }
  return undefined;
}

/** The first cookie of the name, its value as it stands (RFC 6265 §5.4: quotes belong to the value). */
export function cookieValue(field: string | undefined, name: string): string | undefined {
  if (field === undefined) return undefined;
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
