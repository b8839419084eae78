// The payloads of a stream in AWS's binary frames, beside the reader of server-sent events in stream-payloads.ts.
import { AwsEventStreamReader, type AwsMessage } from '../wire/aws-event-stream.ts';
import type { PayloadReader, PayloadSink } from './stream-payloads.ts';

/** Name of a message that tells a failure the service's model does not know; the others are named by their own type. */
export const AWS_ERROR = ':error';

export class AwsPayloadReader implements PayloadReader {
  private readonly reader = new AwsEventStreamReader();
  private readonly messages: AwsMessage[] = [];

  push(bytes: Uint8Array, start: number, end: number, sink: PayloadSink): boolean {
    this.reader.push(bytes as Buffer, start, end, this.messages);
    for (const { kind, name, text } of this.messages) {
      if (kind === 'error') sink.onPayload(AWS_ERROR, JSON.stringify({ code: name, message: text }));
      else sink.onPayload(name, text);
    }
    this.messages.length = 0;
    return this.reader.problem === undefined;
  }

  /** A message that is not whole has nothing to say: the decoder misses the end. */
  end(): void {
    this.messages.length = 0;
  }
}
