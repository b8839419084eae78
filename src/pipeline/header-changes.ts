// Changes to a header section as configuration writes them, shared by the two filters that apply them.

import { s } from '../schema/builder.ts';
import type { HeaderList } from '../wire/header-list.ts';
import { isSendable } from '../wire/header-list.ts';

interface Field {
  readonly name: string;
  readonly value: string;
}

export interface HeaderChanges {
  readonly set?: readonly Field[];
  readonly add?: readonly Field[];
  readonly remove?: readonly string[];
}

const field = s.object({ name: s.string('Field name; its case is kept.'), value: s.string('Field value.') });

export const headerChangesSchema = s.object({
  set: s.optional(s.array(field, 'Fields that replace every field of their name.')),
  add: s.optional(s.array(field, 'Fields added beside those already there.')),
  remove: s.optional(s.array(s.string('Field name.'), 'Fields taken out.')),
});

/** Order as in Gateway API: set, add, remove. A field that could not be sent safely is left out: `check` reports it. */
export function applyHeaderChanges(headers: HeaderList, changes: HeaderChanges): void {
  for (const { name, value } of changes.set ?? []) if (isSendable(name, value)) headers.set(name, value);
  for (const { name, value } of changes.add ?? []) if (isSendable(name, value)) headers.append(name, value);
  for (const name of changes.remove ?? []) headers.delete(name.toLowerCase());
}
