// The named, numbered events of a streamed response (Responses API).
import type { StreamAnswer, StreamEvent } from '../answer.ts';
import { ARGUMENT_PIECE, toDeltas, toPieces } from '../compose-text.ts';
import { STREAM_ERROR_MESSAGE } from '../openai-error.ts';

/** The one item a simulated response holds. */
export type OutputItem =
  | { readonly kind: 'message'; readonly id: string; readonly text: string }
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

export function responseEvents(response: FinishedResponse, item: OutputItem): StreamAnswer {
  return {
    kind: 'stream',
    events: numbered(stepsOf(response, item)),
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

function* stepsOf(response: FinishedResponse, item: OutputItem): Generator<Step> {
  const begun = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  yield { kind: 'opening', type: 'response.created', body: { response: begun } };
  yield { kind: 'opening', type: 'response.in_progress', body: { response: begun } };
  yield { kind: 'opening', type: 'response.output_item.added', body: { output_index: 0, item: emptyItem(item) } };
  yield* item.kind === 'message' ? textSteps(item) : argumentSteps(item);
  yield { kind: 'finish', type: 'response.output_item.done', body: { output_index: 0, item: response.output[0] } };
  yield { kind: 'end', type: `response.${response.status}`, body: { response } };
}

function emptyItem(item: OutputItem): object {
  if (item.kind === 'message') {
    return { type: 'message', id: item.id, status: 'in_progress', role: 'assistant', content: [] };
  }
  const { id, callId, name } = item;
  return { type: 'function_call', id, status: 'in_progress', call_id: callId, name, arguments: '' };
}

function* textSteps(item: OutputItem & { kind: 'message' }): Generator<Step> {
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
  yield { kind: 'opening', type: 'response.content_part.added', body: { ...at, part } };
  for (const delta of toDeltas(item.text)) {
    yield { kind: 'delta', type: 'response.output_text.delta', body: { ...at, delta, logprobs: [] } };
  }
  yield { kind: 'finish', type: 'response.output_text.done', body: { ...at, text: item.text, logprobs: [] } };
  yield { kind: 'finish', type: 'response.content_part.done', body: { ...at, part: { ...part, text: item.text } } };
}

function* argumentSteps(item: OutputItem & { kind: 'function-call' }): Generator<Step> {
  const at = { item_id: item.id, output_index: 0 };
  for (const delta of toPieces(item.arguments, ARGUMENT_PIECE)) {
    yield { kind: 'delta', type: 'response.function_call_arguments.delta', body: { ...at, delta } };
  }
  const done = { ...at, name: item.name, arguments: item.arguments };
  yield { kind: 'finish', type: 'response.function_call_arguments.done', body: done };
}
