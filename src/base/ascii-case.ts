// Comparing ASCII text without regard to case and without making new text: `toLowerCase` is a call out of compiled code for each.

const UPPER_A = 65;
const UPPER_Z = 90;

/** Whether `text` begins with `lower`, its ASCII letters in either case. `lower` is written in lower case. */
export function startsIgnoringCase(text: string, lower: string): boolean {
  if (text.length < lower.length) return false;
  for (let index = 0; index < lower.length; index++) {
    const code = text.charCodeAt(index);
    if ((code >= UPPER_A && code <= UPPER_Z ? code | 32 : code) !== lower.charCodeAt(index)) return false;
  }
  return true;
}

/** The same for the whole text. */
export function equalsIgnoringCase(text: string, lower: string): boolean {
  return text.length === lower.length && startsIgnoringCase(text, lower);
}
