// One finding as one line of text, the same in `check`, in the log of a refused reload and in tests. The terminal adds colours.
import type { Finding } from './finding.ts';

/** `file:line:column severity code message — mend`; parts that are not known are left out. */
export function formatFinding({ severity, code, message, mend, origin }: Finding): string {
  const place = [origin.source, origin.line, origin.line === undefined ? undefined : origin.column];
  const where = place.filter((part) => part !== undefined).join(':');
  return `${where} ${severity} ${code} ${message}${mend === undefined ? '' : ` — ${mend}`}`;
}
