// Whether the id a client gave its request may be used as ours: it goes into log lines, replies and requests to others.

const MAX_LENGTH = 128;
const FORM = /^[A-Za-z0-9._~:@/+=-]+$/;

/** One to 128 harmless characters: nothing that could end a line, a quotation or a header list. */
export function isRequestId(value: string | undefined): value is string {
  return value !== undefined && value.length <= MAX_LENGTH && FORM.test(value);
}
