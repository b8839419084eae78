// The Date field, formatted once a second.

let second = 0;
let line = '';

/** `date: …` in IMF-fixdate (RFC 9110 §5.6.7), with CRLF. */
export function dateLine(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    line = `date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return line;
}
