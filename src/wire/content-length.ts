// The value of Content-Length, read in place for requests and responses alike.

/** 1*DIGIT, at most 15 of them so that the sum stays exact; anything else is -2. */
export function parseLength(text: string, start: number, end: number): number {
  if (end === start || end - start > 15) return -2;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -2;
    value = value * 10 + digit;
  }
  return value;
}
