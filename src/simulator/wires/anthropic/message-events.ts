// The events of a streamed message: start, each block opened, filled and closed, the delta with reason and usage, stop.
import type { StreamAnswer, StreamEvent } from '../../answer.ts';
import { ARGUMENT_PIECE, toDeltas, toPieces } from '../../compose-text.ts';
import { OVERLOADED } from './anthropic-error.ts';
import type { ContentBlock } from './content-block.ts';

interface Usage {
  readonly output_tokens: number;
  readonly [count: string]: unknown;
}

interface FinishedMessage {
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  readonly usage: Usage | undefined;
}

export function messageEvents(message: FinishedMessage): StreamAnswer {
  return {
    kind: 'stream',
    events: eventsOf(message),
    errorEvent: () => ({ kind: 'finish', event: 'error', data: OVERLOADED }),
  };
}

function toEvent(kind: StreamEvent['kind'], type: string, body: object): StreamEvent {
  return { kind, event: type, data: JSON.stringify({ type, ...body }) };
}

function* eventsOf(message: FinishedMessage): Generator<StreamEvent> {
  const { stop_reason, stop_sequence, usage, content } = message;
  const begun = usage === undefined ? undefined : { ...usage, output_tokens: 1, output_tokens_details: null };
  const opening = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: begun };
  yield toEvent('opening', 'message_start', { message: opening });
  for (const [index, block] of content.entries()) {
    // Behind the first block nothing comes before any content.
    yield toEvent(index === 0 ? 'opening' : 'delta', 'content_block_start', { index, content_block: emptied(block) });
    if (index === 0) yield toEvent('opening', 'ping', {});
    for (const delta of deltasOf(block)) yield toEvent('delta', 'content_block_delta', { index, delta });
    yield toEvent(index === content.length - 1 ? 'finish' : 'delta', 'content_block_stop', { index });
  }
  const { cache_creation, service_tier, ...counts } = usage ?? { output_tokens: 0 };
  yield toEvent('finish', 'message_delta', {
    delta: { stop_reason, stop_sequence, stop_details: null, container: null },
    usage: usage === undefined ? undefined : counts,
  });
  yield toEvent('end', 'message_stop', {});
}

function emptied(block: ContentBlock): object {
  switch (block.type) {
    case 'text':
      return { ...block, text: '' };
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'tool_use':
      return { ...block, input: {} };
  }
}

function* deltasOf(block: ContentBlock): Generator<object> {
  switch (block.type) {
    case 'text':
      for (const text of toDeltas(block.text)) yield { type: 'text_delta', text };
      return;
    case 'thinking':
      for (const thinking of toDeltas(block.thinking)) yield { type: 'thinking_delta', thinking };
      yield { type: 'signature_delta', signature: block.signature };
      return;
    case 'tool_use':
      // As the real stream: the first piece is empty.
      yield { type: 'input_json_delta', partial_json: '' };
      for (const partial_json of toPieces(JSON.stringify(block.input), ARGUMENT_PIECE))
        yield { type: 'input_json_delta', partial_json };
  }
}
