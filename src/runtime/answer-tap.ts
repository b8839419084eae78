// What stands between an endpoint's answer and the client when the gateway reads along: usage, stream ends, in-band errors.
import type { Failure } from '../errors/failure.ts';
import type { StreamEnd } from '../pipeline/outcome.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ResponseHead } from '../wire/http1-response-parser.ts';

export type AnswerVerdict = 'waiting' | 'useful' | 'failed';

export interface AnswerTap {
  /** Nothing leaves before the answer is complete, so whatever is wrong with it can be answered as an error. */
  readonly isWhole?: boolean;
  /** Drops fields that describe what came, and gives the lines for what leaves. Before the first byte leaves. */
  headLines?(head: ResponseHead, wallMs: number): string;
  /** An event that says nothing, for a client that hears nothing for a while; empty when none may stand here. Of streams alone. */
  heartbeat?(): string;
  /** The bytes that leave differ from those that came, so Content-Length cannot be passed on. */
  readonly changesLength: boolean;
  /** `waiting`: nothing that a user would miss came yet, so another target may still answer. `failed`: nor will it come. */
  readonly verdict: AnswerVerdict;
  /** Of a verdict `failed` that is not the endpoint's own telling; undefined = it is. */
  readonly failure?: Failure | undefined;
  /** Passes a piece on to `out`, changed or not. */
  push(bytes: Buffer, start: number, end: number, out: ByteSink): void;
  /** The answer is complete as HTTP; says whether it was complete for its own protocol too. */
  end(out: ByteSink): StreamEnd;
  /**
   * The answer was cut after it began. How it ended for the client, told in its own protocol, so that the reply can be ended: by the
   * cause, or otherwise if its end had come before. Undefined = it cannot be told: the connection must break.
   */
  cut(out: ByteSink, cause: StreamEnd): StreamEnd | undefined;
  /** The client left: what was learned so far is kept. Exactly one of `end`, `cut` and `abandon` is called. */
  abandon(): void;
}
