// Events of a Responses stream as text: named twice, numbered from 0. Under encode-stream.ts.
import type { JsonValue } from '../../json-value.ts';

export class EventWriter {
  private sequence = 0;
  private text = '';

  write(type: string, members: Readonly<Record<string, JsonValue | undefined>>): void {
    const event = JSON.stringify({ type, sequence_number: this.sequence++, ...members });
    this.text += `event: ${type}\ndata: ${event}\n\n`;
  }

  /** What was written since it was last taken. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

/** Where an item stands in the answer. */
export interface ItemPlace {
  readonly id: string;
  readonly index: number;
}
