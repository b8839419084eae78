// What a try came to, as upstream/attempt.ts decides on it; and an answer kept in case nothing better follows.
import type { Failure } from '../errors/failure.ts';
import type { Refusal } from '../llm/refusal.ts';
import type { ReplyFraming } from '../pipeline/reply-writer.ts';
import type { AttemptOutcome } from '../upstream/attempt.ts';
import { retryAfterOf } from '../upstream/retry-after.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';

export function outcomeOfFailure({ code, neverSent }: Failure): AttemptOutcome {
  return { status: 0, code, neverSent, retryAfterMs: -1, refusal: undefined };
}

/** `refusal`: learned from the body, where that was read. */
export function outcomeOfAnswer(head: ResponseHead, wallMs: number, refusal: Refusal | undefined): AttemptOutcome {
  const retryAfterMs = retryAfterOf(head.headers, wallMs);
  return { status: head.status, code: undefined, neverSent: false, retryAfterMs, refusal };
}

/** The head of an answer as it goes to the client. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
  /** Lines of the gateway's own behind them. */
  readonly ownLines: string;
  readonly framing: ReplyFraming;
}

/** A refusal that is relayed after all when every later try ends without an answer. */
export interface SavedAnswer {
  readonly backend: string;
  /** Its header list is a copy: the connection's own is used again. */
  readonly head: AnswerHead;
  readonly body: Buffer;
}
