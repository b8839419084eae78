// Whether a model's name is one of those that an entry of the catalog is for, by the catalog's own rules.
import type { NameRule } from './catalog-data.ts';

const patterns = new Map<string, RegExp>();

/** The patterns come with the catalog, never from a client or a configuration. */
function patternOf(source: string): RegExp {
  const pattern = patterns.get(source) ?? new RegExp(source);
  patterns.set(source, pattern);
  return pattern;
}

/** `name` in lower case. */
export function fitsRule(rule: NameRule, name: string): boolean {
  if ('or' in rule) return rule.or.some((each) => fitsRule(each, name));
  if ('and' in rule) return rule.and.every((each) => fitsRule(each, name));
  if ('equals' in rule) return name === rule.equals.toLowerCase();
  if ('starts_with' in rule) return name.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return name.includes(rule.contains.toLowerCase());
  return 'regex' in rule && patternOf(rule.regex).test(name);
}

const COMPACT_DATE = /(-)(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g;

/** `model-20240806` as `model-2024-08-06`: providers write the same version both ways. Dates that do not exist stay. */
export function withSpelledDate(name: string): string {
  return name.replace(COMPACT_DATE, (written, dash: string, year: string, month: string, day: string) => {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return date.getUTCMonth() === Number(month) - 1 ? `${dash}${year}-${month}-${day}` : written;
  });
}
