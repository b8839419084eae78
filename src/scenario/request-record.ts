// What became of one simulated request: facts of its exchange, taken when it is over.
import type { Exchange } from '../pipeline/exchange.ts';
import type { AttemptRecord } from '../pipeline/outcome.ts';
import type { ClientEar } from './simulated-client.ts';

export interface RequestRecord {
  readonly name: string | undefined;
  /** Since the beginning. */
  readonly atMs: number;
  readonly endedMs: number;
  readonly worker: number;
  readonly status: number;
  readonly route: string | undefined;
  /** Asked last. */
  readonly backend: string | undefined;
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly errorCode: string | undefined;
  /** The client saw an error: 500 and above, a broken answer, or none at all. */
  readonly isError: boolean;
  /** To the head of the answer; -1 = none came. */
  readonly firstByteMs: number;
}

export interface OpenRequest {
  readonly name: string | undefined;
  readonly atMs: number;
  readonly worker: number;
  readonly exchange: Exchange;
  readonly ear: ClientEar;
}

/** Ends that a client can tell from a complete answer; who left itself has seen no error. */
const GOOD_ENDS = new Set([undefined, 'complete', 'client-gone']);

export function recordOf({ name, atMs, worker, exchange, ear }: OpenRequest, endedMs: number): RequestRecord {
  const { attempts, status, genAi, streamEnd } = exchange;
  const hasAnswer = exchange.isFinished && status !== 0;
  return {
    name,
    atMs,
    endedMs,
    worker,
    status,
    route: exchange.routeName,
    backend: exchange.upstream,
    endpoint: attempts.at(-1)?.endpoint,
    model: genAi === undefined || genAi.sentModel === '' ? undefined : genAi.sentModel,
    attempts,
    errorCode: exchange.errorCode,
    isError: !hasAnswer || status >= 500 || ear.isAborted || !GOOD_ENDS.has(streamEnd),
    firstByteMs: exchange.firstByteMs,
  };
}
