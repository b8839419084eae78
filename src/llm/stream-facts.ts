// What is known of a streamed answer so far: read by failover (nothing useful sent yet?), by the end of the stream and by the log.
import { UsageFacts } from './usage-facts.ts';

const MAX_ERROR_CHARACTERS = 300;

/** Facts of one stream; reusable through `resetFacts`. */
export class StreamFacts {
  readonly usage = new UsageFacts();
  /** `model` as the provider names it, from the first event that has one. */
  responseModel: string | undefined = undefined;
  /** The event behind which nothing comes: `[DONE]`, `message_stop`, `response.completed`. */
  sawDone = false;
  /** A finish reason, or the event that ends a Responses, image or audio stream. */
  sawFinish = false;
  /** Something a user would miss came: text, a tool call, reasoning, a refusal. A role alone is not that. */
  sawFirstDelta = false;
  /** Code (else type) of a failure told inside the stream. Undefined = none; failures told after `[DONE]` do not count. */
  inBandError: string | undefined = undefined;
  /** Its message as the provider wrote it, cut to 300 characters: for the client, not for logs (providers quote keys in it). */
  inBandMessage = '';
  /** It came in the words at which client libraries throw; otherwise the client is still to be told. */
  isFailureTold = false;
  /** Answers of the stream by their index, as bits: those that began, and those that told their finish (Google's). */
  begunChoices = 0;
  finishedChoices = 0;
  /** Events with data, `[DONE]` included, comments not. */
  events = 0;

  resetFacts(): void {
    this.usage.reset();
    this.responseModel = undefined;
    this.sawDone = false;
    this.sawFinish = false;
    this.sawFirstDelta = false;
    this.inBandError = undefined;
    this.inBandMessage = '';
    this.isFailureTold = false;
    this.begunChoices = 0;
    this.finishedChoices = 0;
    this.events = 0;
  }

  /** The stream is over for its protocol: what follows is no part of it. */
  get isOver(): boolean {
    return this.sawDone || this.inBandError !== undefined;
  }

  /** Of what was just read: a failure, if there is one, is told as client libraries know it. */
  noteTold(): void {
    this.isFailureTold = this.inBandError !== undefined;
  }

  /** The first failure told counts: what follows it is its echo. */
  noteError(code: string, message: string): void {
    if (this.sawDone || this.inBandError !== undefined) return;
    this.inBandError = code === '' ? 'error' : code.slice(0, MAX_ERROR_CHARACTERS);
    this.inBandMessage = message.slice(0, MAX_ERROR_CHARACTERS);
  }
}
