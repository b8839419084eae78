// Byte classes of HTTP/1.1 as tables: one load per byte in the parsers. The grammar is RFC 9110 §5.6.2 and RFC 9112 §3.

function tableOf(accepts: (byte: number) => boolean): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) table[byte] = accepts(byte) ? 1 : 0;
  return table;
}

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

function isAlphanumeric(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

/** `tchar`: field names and methods. */
export const TOKEN = tableOf((byte) => isAlphanumeric(byte) || TOKEN_PUNCTUATION.includes(String.fromCharCode(byte)));

/** `field-vchar`, SP and HTAB: what a field value may hold. CR, LF, NUL and every other control are out. */
export const FIELD_VALUE = tableOf((byte) => byte === 9 || (byte >= 32 && byte !== 127));

/** Path octets. RFC 3986 `pchar` and `/`, plus `[ ] { } | ^`, which browsers send raw; never `\ " < >` or a backtick. */
export const PATH = tableOf(
  (byte) => isAlphanumeric(byte) || "-._~!$&'()*+,;=:@/%[]{}|^".includes(String.fromCharCode(byte)),
);

/** Query octets: every visible ASCII character but `#`, as the WHATWG URL parser leaves most of them raw. */
export const QUERY = tableOf((byte) => byte > 32 && byte < 127 && byte !== 35);

/** `uri-host [":" port]` as it can stand in a Host field, reg-name or IPv4; no userinfo. An IP literal in brackets is matched as a whole. */
export const HOST = tableOf((byte) => isAlphanumeric(byte) || "-._~!$&'()*+,;=:%".includes(String.fromCharCode(byte)));

/** ASCII lower case, every other byte unchanged. */
export const LOWER = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) LOWER[byte] = byte >= 65 && byte <= 90 ? byte + 32 : byte;

/** Value of a hexadecimal digit, 255 for any other byte. */
export const HEX_VALUE = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const character = digit.toString(16);
  HEX_VALUE[character.charCodeAt(0)] = digit;
  HEX_VALUE[character.toUpperCase().charCodeAt(0)] = digit;
}
