// The chunks of a streamed chat completion: role, deltas, finish, usage when asked for, [DONE].
import type { StreamAnswer, StreamEvent } from '../answer.ts';
import { ARGUMENT_PIECE, toDeltas, toPieces } from '../compose-text.ts';
import type { ToolCall } from '../conversation.ts';
import { STREAM_ERROR_MESSAGE } from '../openai-error.ts';

export interface ChatChoice {
  readonly content: string | null;
  /** Empty for a text. */
  readonly tools: readonly (ToolCall & { readonly callId: string })[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
  /** Reasoning included. */
  readonly tokens: number;
  readonly thinkingTokens: number;
}

export interface ChatStreamParts {
  /** Members every chunk repeats. */
  readonly shared: object;
  readonly choices: readonly ChatChoice[];
  /** Undefined unless the client asked for it. */
  readonly usage: object | undefined;
}

/** The last event of chat and completions streams. */
export const DONE: StreamEvent = { kind: 'end', data: '[DONE]' };

export function chatEvents(parts: ChatStreamParts): StreamAnswer {
  return { kind: 'stream', events: eventsOf(parts), errorEvent: () => chatErrorEvent() };
}

/** What a provider sends when it fails after HTTP 200. */
export function chatErrorEvent(): StreamEvent {
  const error = { message: STREAM_ERROR_MESSAGE, type: 'server_error', param: null, code: null };
  return { kind: 'finish', data: JSON.stringify({ error }) };
}

interface Piece {
  readonly index: number;
  readonly delta: object;
  readonly finish?: ChatChoice['finish'];
}

function* eventsOf({ shared, choices, usage }: ChatStreamParts): Generator<StreamEvent> {
  // OpenAI puts `usage: null` on every chunk before the last once usage was asked for, and no `usage` at all otherwise.
  const tail = usage === undefined ? {} : { usage: null };
  const chunk = (kind: StreamEvent['kind'], { index, delta, finish }: Piece): StreamEvent => {
    const choice = { index, delta, logprobs: null, finish_reason: finish ?? null };
    return { kind, data: JSON.stringify({ ...shared, choices: [choice], ...tail }) };
  };
  for (const [index, choice] of choices.entries()) yield chunk('opening', { index, delta: openingOf(choice) });
  for (const [index, choice] of choices.entries()) {
    for (const delta of deltasOf(choice)) yield chunk('delta', { index, delta });
  }
  for (const [index, choice] of choices.entries()) yield chunk('finish', { index, delta: {}, finish: choice.finish });
  if (usage !== undefined) yield { kind: 'finish', data: JSON.stringify({ ...shared, choices: [], usage }) };
  yield DONE;
}

function openingOf({ content }: ChatChoice): object {
  return { role: 'assistant', content: content === null ? null : '', refusal: null };
}

/** A tool call gives its id and name once, with empty arguments, and then the arguments in pieces. */
function* deltasOf({ content, tools }: ChatChoice): Generator<object> {
  for (const text of toDeltas(content ?? '')) yield { content: text };
  for (const [index, tool] of tools.entries()) {
    const opening = { index, id: tool.callId, type: 'function', function: { name: tool.name, arguments: '' } };
    yield { tool_calls: [opening] };
    for (const text of toPieces(tool.arguments, ARGUMENT_PIECE))
      yield { tool_calls: [{ index, function: { arguments: text } }] };
  }
}
