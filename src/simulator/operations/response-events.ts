// The named, numbered events of a streamed response (Responses API).
import type { StreamAnswer, StreamEvent } from '../answer.ts';
import { ARGUMENT_PIECE, toDeltas, toPieces } from '../compose-text.ts';
import { STREAM_ERROR_MESSAGE } from '../openai-error.ts';

/** What a simulated response holds. */
export type OutputItem =
  | { readonly kind: 'message'; readonly id: string; readonly text: string }
  | { readonly kind: 'reasoning'; readonly id: string; readonly text: string }
  | {
      readonly kind: 'function-call';
      readonly id: string;
      readonly callId: string;
      readonly name: string;
      readonly arguments: string;
    };

/** The finished response; the early events show it unfinished. */
interface FinishedResponse {
  readonly status: string;
  readonly output: readonly object[];
}

interface Step {
  readonly kind: StreamEvent['kind'];
  readonly type: string;
  readonly body: object;
}

export function responseEvents(response: FinishedResponse, items: readonly OutputItem[]): StreamAnswer {
  return {
    kind: 'stream',
    events: numbered(stepsOf(response, items)),
    errorEvent(eventsBefore) {
      const body = { code: 'server_error', message: STREAM_ERROR_MESSAGE, param: null };
      return toEvent({ kind: 'finish', type: 'error', body }, eventsBefore);
    },
  };
}

function toEvent({ kind, type, body }: Step, sequence: number): StreamEvent {
  return { kind, event: type, data: JSON.stringify({ type, sequence_number: sequence, ...body }) };
}

function* numbered(steps: Iterable<Step>): Generator<StreamEvent> {
  let sequence = 0;
  for (const step of steps) yield toEvent(step, sequence++);
}

function* stepsOf(response: FinishedResponse, items: readonly OutputItem[]): Generator<Step> {
  const begun = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  yield { kind: 'opening', type: 'response.created', body: { response: begun } };
  yield { kind: 'opening', type: 'response.in_progress', body: { response: begun } };
  for (const [index, item] of items.entries()) {
    // Only the first item opens the answer: what follows content is content.
    const kind = index === 0 ? 'opening' : 'delta';
    yield { kind, type: 'response.output_item.added', body: { output_index: index, item: emptyItem(item) } };
    yield* itemSteps(item, index);
    const body = { output_index: index, item: response.output[index] };
    const isLast = index === items.length - 1;
    yield { kind: isLast ? 'finish' : 'delta', type: 'response.output_item.done', body };
  }
  yield { kind: 'end', type: `response.${response.status}`, body: { response } };
}

function itemSteps(item: OutputItem, index: number): Generator<Step> {
  switch (item.kind) {
    case 'message':
      return textSteps(item, index);
    case 'reasoning':
      return reasoningSteps(item, index);
    case 'function-call':
      return argumentSteps(item, index);
  }
}

function emptyItem(item: OutputItem): object {
  if (item.kind === 'message') {
    return { type: 'message', id: item.id, status: 'in_progress', role: 'assistant', content: [] };
  }
  if (item.kind === 'reasoning') return { type: 'reasoning', id: item.id, summary: [] };
  const { id, callId, name } = item;
  return { type: 'function_call', id, status: 'in_progress', call_id: callId, name, arguments: '' };
}

function* textSteps(item: OutputItem & { kind: 'message' }, index: number): Generator<Step> {
  const at = { item_id: item.id, output_index: index, content_index: 0 };
  const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
  yield { kind: 'opening', type: 'response.content_part.added', body: { ...at, part } };
  for (const delta of toDeltas(item.text)) {
    yield { kind: 'delta', type: 'response.output_text.delta', body: { ...at, delta, logprobs: [] } };
  }
  yield { kind: 'finish', type: 'response.output_text.done', body: { ...at, text: item.text, logprobs: [] } };
  yield { kind: 'finish', type: 'response.content_part.done', body: { ...at, part: { ...part, text: item.text } } };
}

function* reasoningSteps(item: OutputItem & { kind: 'reasoning' }, index: number): Generator<Step> {
  const at = { item_id: item.id, output_index: index, summary_index: 0 };
  const part = { type: 'summary_text', text: '' };
  yield { kind: 'opening', type: 'response.reasoning_summary_part.added', body: { ...at, part } };
  for (const delta of toDeltas(item.text)) {
    yield { kind: 'delta', type: 'response.reasoning_summary_text.delta', body: { ...at, delta } };
  }
  yield { kind: 'delta', type: 'response.reasoning_summary_text.done', body: { ...at, text: item.text } };
  const done = { ...part, text: item.text };
  yield { kind: 'delta', type: 'response.reasoning_summary_part.done', body: { ...at, part: done } };
}

function* argumentSteps(item: OutputItem & { kind: 'function-call' }, index: number): Generator<Step> {
  const at = { item_id: item.id, output_index: index };
  for (const delta of toPieces(item.arguments, ARGUMENT_PIECE)) {
    yield { kind: 'delta', type: 'response.function_call_arguments.delta', body: { ...at, delta } };
  }
  const done = { ...at, name: item.name, arguments: item.arguments };
  yield { kind: 'finish', type: 'response.function_call_arguments.done', body: done };
}
