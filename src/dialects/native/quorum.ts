// So many of so many, as people write it: `3/5`.
import type { Quorum } from '../../model/locality.ts';
import { s } from '../../schema/builder.ts';

export const QUORUM = (description: string) =>
  s.optional(s.string(description, { pattern: /^[1-9]\d{0,2}\/[1-9]\d{0,2}$/, expected: 'a quorum such as 3/5' }));

/** Undefined when the first number is above the second. */
export function parseQuorum(text: string): Quorum | undefined {
  const [count, of] = text.split('/').map(Number);
  return count <= of ? { count, of } : undefined;
}
