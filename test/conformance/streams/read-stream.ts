// What an application understands of a stream: text, calls, end and failure, read the way the official clients read it.
import assert from 'node:assert/strict';

export interface Understood {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finish: string | undefined;
  /** Message of a failure told in the stream. */
  readonly error: string | undefined;
  /** The protocol's own end came. */
  readonly isEnded: boolean;
}

interface Draft {
  text: string;
  reasoning: string;
  calls: { name: string; arguments: string }[];
  finish: string | undefined;
  error: string | undefined;
  isEnded: boolean;
}

function draft(): Draft {
  return { text: '', reasoning: '', calls: [], finish: undefined, error: undefined, isEnded: false };
}

/** Payloads of events; nothing may follow an end. */
function payloadsOf(stream: string): readonly string[] {
  assert.ok(stream === '' || stream.endsWith('\n\n') || stream.endsWith('\r\n\r\n'), 'ends amid an event');
  return stream.split(/\r?\n\r?\n/).flatMap((event) => {
    const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')];
  });
}

interface CallDelta {
  readonly index: number;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface Chunk {
  readonly error?: { readonly message: string };
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null;
      readonly reasoning_content?: string;
      readonly reasoning?: string;
      readonly tool_calls?: readonly CallDelta[];
    };
    readonly finish_reason?: string | null;
  }[];
}

interface MessageEvent {
  readonly type: string;
  readonly error: { readonly message: string };
  readonly content_block: { readonly type: string; readonly name: string };
  readonly delta: {
    readonly stop_reason?: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly partial_json?: string;
  };
}

function readChunk({ error, choices }: Chunk, into: Draft): void {
  if (error !== undefined) into.error = error.message;
  for (const { delta = {}, finish_reason } of choices ?? []) {
    into.text += delta.content ?? '';
    into.reasoning += delta.reasoning_content ?? delta.reasoning ?? '';
    for (const call of delta.tool_calls ?? []) {
      into.calls[call.index] ??= { name: '', arguments: '' };
      into.calls[call.index].name += call.function?.name ?? '';
      into.calls[call.index].arguments += call.function?.arguments ?? '';
    }
    into.finish = finish_reason ?? into.finish;
  }
}

/** As a client of OpenAI's chat completions. */
export function readOpenai(stream: string): Understood {
  const into = draft();
  for (const payload of payloadsOf(stream)) {
    assert.ok(!into.isEnded, 'something follows [DONE]');
    if (payload === '[DONE]') into.isEnded = true;
    else readChunk(JSON.parse(payload) as Chunk, into);
  }
  return into;
}

function readMessageEvent(event: MessageEvent, into: Draft): void {
  if (event.type === 'error') into.error = event.error.message;
  else if (event.type === 'message_stop') into.isEnded = true;
  else if (event.type === 'message_delta') into.finish = event.delta.stop_reason ?? into.finish;
  else if (event.type === 'content_block_start' && event.content_block.type === 'tool_use')
    into.calls.push({ name: event.content_block.name, arguments: '' });
  else if (event.type === 'content_block_delta') {
    const { text = '', thinking = '', partial_json = '' } = event.delta;
    into.text += text;
    into.reasoning += thinking;
    const call = into.calls.at(-1);
    if (call !== undefined) call.arguments += partial_json;
  }
}

/** As a client of Anthropic's messages. */
export function readAnthropic(stream: string): Understood {
  const into = draft();
  for (const payload of payloadsOf(stream)) {
    assert.ok(!into.isEnded, 'something follows message_stop');
    readMessageEvent(JSON.parse(payload) as MessageEvent, into);
  }
  return into;
}
