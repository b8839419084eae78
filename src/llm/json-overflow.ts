// Numbers that JSON can spell and a double cannot hold (`1e999`): parsed they are infinite, and written again they would be `null`, a
// wish lost without a word. Asked by who decodes a client's body.
import type { JsonValue } from './json-value.ts';

/** Only such a number can be too large; most bodies have none, and need no walk. */
const MAY_OVERFLOW = /\d[eE]\+?\d{3}|\d{200}/;

function overflowIn(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : '';
  if (typeof value !== 'object' || value === null) return undefined;
  const isList = Array.isArray(value);
  for (const [name, member] of Object.entries(value)) {
    const inner = overflowIn(member);
    if (inner === undefined) continue;
    const own = isList ? `[${name}]` : name;
    return inner === '' || inner.startsWith('[') ? `${own}${inner}` : `${own}.${inner}`;
  }
  return undefined;
}

/** Where the first of them stands (`tools[0].input_schema.maximum`); `value` is what `text` was parsed to. */
export function findOverflow(text: string, value: JsonValue): string | undefined {
  return MAY_OVERFLOW.test(text) ? overflowIn(value) : undefined;
}
