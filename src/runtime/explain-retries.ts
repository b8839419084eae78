// What would follow a failed first try of a request: the live decision function, asked with every outcome that differs.
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type AttemptOutcome, decideNext, describePauses, type StopReason } from '../upstream/attempt.ts';
import type { RetryPolicy } from '../upstream/retry-policy.ts';
import type { AiExchange } from './ai-exchange.ts';
import { situationOf } from './retry-run.ts';

export interface ExplainedRetries {
  /** Tries in all. */
  readonly attempts: number;
  readonly pauses: string;
  /** Outcomes of the first try that another one follows. */
  readonly after: readonly string[];
  /** The others, with the reason. */
  readonly notAfter: readonly string[];
}

const REASONS: Readonly<Record<StopReason, string>> = {
  excluded: 'excluded',
  attempts: 'no tries left',
  condition: 'not a condition',
  body: 'the body cannot be sent again',
  unsafe: 'it may have run, and twice may do harm',
};

function outcome(status: number, code?: ErrorCode, neverSent = false): AttemptOutcome {
  return { status, code, neverSent, retryAfterMs: -1, refusal: undefined };
}

const OUTCOMES: readonly (readonly [name: string, outcome: AttemptOutcome])[] = [
  ['connect-failure', outcome(0, 'upstream.connect-failed', true)],
  ['reset', outcome(0, 'upstream.reset')],
  ['timeout', outcome(0, 'upstream.first-byte-timeout')],
  ...[500, 502, 503, 504, 408, 429, 401, 403, 404, 400].map((status) => [String(status), outcome(status)] as const),
  ['400 for this target’s quota, model or context window', { ...outcome(400), refusal: 'quota' }],
];

export interface RetryQuestion {
  readonly exchange: Exchange;
  readonly ai: AiExchange | undefined;
  readonly policy: RetryPolicy;
  /** Of the plan; without it nothing can follow. */
  readonly hasChoice: boolean;
}

export function explainRetries({ exchange, ai, policy, hasChoice }: RetryQuestion): ExplainedRetries {
  const situation = situationOf({ exchange, ai }, policy, 1);
  const after: string[] = [];
  const notAfter: string[] = [];
  for (const [name, given] of OUTCOMES) {
    const step = decideNext(policy, given, situation);
    if (!hasChoice) notAfter.push(`${name}: no other endpoint`);
    else if (step.kind === 'stop') notAfter.push(`${name}: ${REASONS[step.because]}`);
    else after.push(name);
  }
  return { attempts: hasChoice ? policy.attempts : 1, pauses: describePauses(policy), after, notAfter };
}
