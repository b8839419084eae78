// Text in one piece of its own: a slice keeps the whole text it was cut from in memory, a concatenation is a tree of its parts.

/** A copy of any text. What is remembered beyond a request must not hold the request's head. */
export function ownedText(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1');
  return copy === text ? copy : Buffer.from(text, 'utf16le').toString('utf16le');
}
