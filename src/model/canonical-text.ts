// A model, or a part of one, as text that is equal exactly when the parts behave alike: members sorted, places left out.
import type { Origin } from './origin.ts';

function isOrigin(value: unknown): value is Origin {
  if (typeof value !== 'object' || value === null) return false;
  return 'source' in value && 'dialect' in value && 'pointer' in value;
}

/** Only for plain data. Numbers are written so that Infinity and -0 differ from null and 0; members that are undefined do not count. */
export function canonicalText(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && !isOrigin(member));
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}
