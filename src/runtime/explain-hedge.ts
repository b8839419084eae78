// Whether a request would be sent to a second endpoint while the first lets it wait, and when; for explanations.
import type { HedgePolicy } from '../upstream/hedge-policy.ts';
import type { RetryQuestion } from './explain-retries.ts';
import { mayRunTwice } from './retry-run.ts';

/** `policy`: of the route. */
export function explainHedge(policy: HedgePolicy, question: RetryQuestion): string {
  if (!question.hasChoice) return 'never: no other endpoint';
  if (!mayRunTwice(question, question.policy)) return 'never: the request must not be sent twice';
  const delayMs = policy.delayMs(question.exchange.startedAtMs);
  const further = policy.max === 1 ? 'one further try' : `up to ${policy.max} further tries`;
  if (delayMs < 0) return `not yet: too few first tries to learn the delay from; then ${further}`;
  return `after ${Math.round(delayMs)} ms without a useful answer, ${further}`;
}
