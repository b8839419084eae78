// What a relay learns from a stream whose events name what they are and leave as they came; one reader for each way of writing
// such events. OpenAI's chat chunks have none: the relay reads them itself, because it also takes usage out of them.
import type { StreamFacts } from './stream-facts.ts';

/** Formats whose streams a relay reads. */
export type StreamFormat = 'openai' | 'anthropic' | 'gemini';

export interface StreamFailure {
  readonly code: string;
  readonly message: string;
  /** Number of the event in its stream. */
  readonly sequence: number;
}

/** Reads bytes in place and keeps none: they may be a shared read buffer. No look yields, so a reader may be one for the thread. */
export interface EventReader {
  /**
   * The cheap look at a whole event, its lines included, before its data is searched for: true = it can tell nothing that is not
   * known by now.
   */
  isSilent(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean;
  /**
   * Notes what the event with the data `bytes[start, end)`, which begins with `{`, tells. The text may be cut off: an event too
   * long to be held is read so.
   */
  read(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void;
  /**
   * Notes what the last bytes of an event too long to be held tell, where a wire says in the same event how the answer ended. They
   * begin anywhere.
   */
  readTail?(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void;
  /**
   * Whether an event comes behind the end of a wire that has no last event, so that it is no part of the stream. Asked behind a
   * finish, before the event is read.
   */
  isBehindEnd?(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean;
  /** Whether the protocol's own end came. */
  endedWell(facts: StreamFacts): boolean;
  /** The protocol's own end, where client libraries wait for it although the answer was told to be whole. */
  readonly missingEnd?: string;
  /** The event by which a client library throws, for a stream that must end here; without a blank line before it. */
  encodeFailure(failure: StreamFailure): string;
  /** An event that says nothing; a comment where the protocol has none. */
  readonly heartbeat: string;
}
