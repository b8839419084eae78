// Every raw request case, in the order of RFC 9112. Expectations are for a listener with default limits and path policy.
import { FIELD_CASES } from './field-cases.ts';
import { FRAMING_CASES } from './framing-cases.ts';
import type { RequestCase } from './request-case.ts';
import { REQUEST_LINE_CASES } from './request-line-cases.ts';
import { TARGET_CASES } from './target-cases.ts';

export const REQUEST_CASES: readonly RequestCase[] = [
  ...REQUEST_LINE_CASES,
  ...TARGET_CASES,
  ...FIELD_CASES,
  ...FRAMING_CASES,
];
