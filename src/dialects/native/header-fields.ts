// Header fields as routes set, add and remove them. The author's case of names is kept: HTTP/1.1 peers see it.
import { s } from '../../schema/builder.ts';
import type { Path } from '../dialect.ts';
import type { Reading } from './reading.ts';

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** RFC 9110 §5.1: a field name is a token. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** RFC 9110 §5.5: no control characters but tab, and nothing beyond latin1, since fields are bytes on the wire. */
function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

const VALUE = s.scalarText('Value of the field.');

/** A map of names to values. */
export const HEADER_VALUES = s.record(VALUE, 'Names and values.');
export const HEADER_CHANGES = s.object(
  {
    set: s.optional(s.record(VALUE, 'Replaces the field, or adds it.')),
    add: s.optional(s.record(s.oneOrMany(VALUE, 'One value or several.'), 'Adds a field beside those there.')),
    remove: s.optional(s.oneOrMany(s.string('Name of the field.'), 'Takes the field out.')),
  },
  'Changes of header fields.',
);

/** Fields whose names and values can be sent; the others are errors. */
export function toHeaderFields(
  written: Readonly<Record<string, string | readonly string[]>> | undefined,
  reading: Reading,
  path: Path,
): readonly HeaderField[] {
  const fields: HeaderField[] = [];
  for (const [name, values] of Object.entries(written ?? {})) {
    for (const value of typeof values === 'string' ? [values] : values) {
      if (isHeaderName(name) && isHeaderValue(value)) fields.push({ name, value: value.trim() });
      else {
        const message = isHeaderName(name)
          ? 'holds characters a header cannot have'
          : `"${name}" is not the name of a header`;
        reading.error([...path, name], { code: 'config.wrong-value', message });
      }
    }
  }
  return fields;
}
