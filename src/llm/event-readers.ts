// Which reader a relayed stream gets: by the format of the stream, and for OpenAI by the operation.
import { anthropicEvents } from './anthropic-event.ts';
import type { EventReader, StreamFormat } from './event-reader.ts';
import { geminiEvents } from './gemini-event.ts';
import type { Operation } from './operation.ts';
import { hasTypedEvents } from './stream-error.ts';
import { openaiTypedEvents } from './typed-event.ts';

/** Readers of typed events, by format. */
const READERS: Readonly<Record<StreamFormat, EventReader>> = {
  openai: openaiTypedEvents,
  anthropic: anthropicEvents,
  gemini: geminiEvents,
};

/** Undefined = chunks of a chat or completions stream. */
export function eventReaderOf(format: StreamFormat, operation: Operation): EventReader | undefined {
  return format === 'openai' && !hasTypedEvents(operation) ? undefined : READERS[format];
}
