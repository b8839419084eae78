// An origin as a person reads it: the same in findings that point elsewhere, in `explain` and in the log.
import type { Origin } from './origin.ts';

/** `file:line`, or the file and the pointer where the line is not known. */
export function formatPlace({ source, line, pointer }: Origin): string {
  if (line !== undefined) return `${source}:${line}`;
  return pointer === '' ? source : `${source}#${pointer}`;
}
