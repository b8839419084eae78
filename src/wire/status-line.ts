// Status lines as ready-made text.
import { STATUS_CODES } from 'node:http';

const LINES: readonly string[] = Array.from(
  { length: 1000 },
  (_, status) => `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`,
);
/** hot: the table of node:http is looked up by name. */
const PHRASES: readonly string[] = Array.from({ length: 1000 }, (_, status) => STATUS_CODES[status] ?? '');

/** The reason phrase registered for a status, or an empty string. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? '';
}

/** A status line of ours; a reason received from an endpoint is kept when it differs from the registered one. */
export function statusLine(status: number, reason: string): string {
  if (reason === '' || reason === PHRASES[status]) return LINES[status];
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}
