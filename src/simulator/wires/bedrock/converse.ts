// /model/{id}/converse and /converse-stream: checks the request as Bedrock does, lets the model speak, shows it whole or as messages.
import { type Answer, jsonAnswer, type OperationInput, type StreamEvent } from '../../answer.ts';
import { ARGUMENT_PIECE, toDeltas, toPieces } from '../../compose-text.ts';
import { type Said, signatureOf, speak } from '../../conversation.ts';
import { isObject, type JsonObject } from '../../json.ts';
import type { PromptCache } from '../../prompt-cache.ts';
import { countTokens } from '../../tokens.ts';
import { bedrockError, streamException } from './bedrock-error.ts';
import { wrongWithConverse } from './check-converse.ts';
import { promptTexts, readConversation } from './read-converse.ts';

/** Constant, so that answers can be compared. */
const LATENCY_MS = 100;

export interface ConverseParts {
  readonly cache: PromptCache;
  readonly isStream: boolean;
}

export function answerConverse(input: OperationInput, { cache, isStream }: ConverseParts): Answer {
  const { body, model, faults } = input;
  const wrong = wrongWithConverse(body);
  if (wrong !== undefined) return bedrockError(400, wrong);
  const said = speak(readConversation(body, faults));
  const { all, marked } = promptTexts(body);
  const { read, write } = cache.count(model, marked);
  const prompt = tokensOf(all);
  const counts = {
    inputTokens: prompt - read - write,
    outputTokens: said.tokens,
    totalTokens: prompt + said.tokens,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: write,
  };
  const usage = faults['no-usage'] === undefined ? counts : undefined;
  const blocks = blocksOfAnswer(said, input);
  const stopReason = stopReasonOf(said);
  if (isStream) {
    const events = eventsOf({ blocks, stopReason, usage });
    return { kind: 'stream', framing: 'aws-event-stream', events, errorEvent: streamException };
  }
  const output = { message: { role: 'assistant', content: blocks } };
  return jsonAnswer(200, { output, stopReason, usage, metrics: { latencyMs: LATENCY_MS } });
}

/** `{input: {converse: …}}`. */
export function answerTokenCount({ body }: OperationInput): Answer {
  const counted = isObject(body.input) ? body.input.converse : undefined;
  if (!isObject(counted)) return bedrockError(400, 'The simulator counts the tokens of a converse input only.');
  const wrong = wrongWithConverse(counted);
  if (wrong !== undefined) return bedrockError(400, wrong);
  return jsonAnswer(200, { inputTokens: tokensOf(promptTexts(counted).all) });
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + countTokens(text), 0);
}

interface Block {
  readonly text?: string;
  readonly reasoningContent?: { readonly reasoningText: { readonly text: string; readonly signature: string } };
  readonly toolUse?: { readonly toolUseId: string; readonly name: string; readonly input: unknown };
}

function blocksOfAnswer({ thinking, text, calls }: Said, { newId }: OperationInput): readonly Block[] {
  const blocks: Block[] = [];
  if (thinking !== undefined) {
    blocks.push({ reasoningContent: { reasoningText: { text: thinking, signature: signatureOf(thinking) } } });
  }
  if (text !== '') blocks.push({ text });
  for (const { name, arguments: json } of calls)
    blocks.push({ toolUse: { toolUseId: newId('tooluse_'), name, input: JSON.parse(json) } });
  return blocks;
}

function stopReasonOf({ calls, finish, stopSequence }: Said): string {
  if (calls.length > 0) return 'tool_use';
  if (finish === 'length') return 'max_tokens';
  return stopSequence === undefined ? 'end_turn' : 'stop_sequence';
}

interface FinishedAnswer {
  readonly blocks: readonly Block[];
  readonly stopReason: string;
  readonly usage: object | undefined;
}

/** `p` is padding, which AWS adds so that lengths tell nothing. */
function toEvent(kind: StreamEvent['kind'], event: string, body: JsonObject): StreamEvent {
  return { kind, event, data: JSON.stringify({ ...body, p: 'abcdefghij' }) };
}

/** Only the start of a tool use is announced; `metadata` follows the end. */
function* eventsOf({ blocks, stopReason, usage }: FinishedAnswer): Generator<StreamEvent> {
  yield toEvent('opening', 'messageStart', { role: 'assistant' });
  for (const [contentBlockIndex, block] of blocks.entries()) {
    const { toolUse } = block;
    if (toolUse !== undefined) {
      const { toolUseId, name } = toolUse;
      const kind = contentBlockIndex === 0 ? 'opening' : 'delta';
      yield toEvent(kind, 'contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name } } });
    }
    for (const delta of deltasOf(block)) yield toEvent('delta', 'contentBlockDelta', { contentBlockIndex, delta });
    const isLast = contentBlockIndex === blocks.length - 1;
    yield toEvent(isLast ? 'finish' : 'delta', 'contentBlockStop', { contentBlockIndex });
  }
  yield toEvent('end', 'messageStop', { stopReason });
  yield toEvent('trailer', 'metadata', { usage, metrics: { latencyMs: LATENCY_MS } });
}

function* deltasOf({ text, reasoningContent, toolUse }: Block): Generator<JsonObject> {
  for (const piece of toDeltas(text ?? '')) yield { text: piece };
  if (reasoningContent !== undefined) {
    const { text: thought, signature } = reasoningContent.reasoningText;
    for (const piece of toDeltas(thought)) yield { reasoningContent: { text: piece } };
    yield { reasoningContent: { signature } };
  }
  if (toolUse === undefined) return;
  for (const input of toPieces(JSON.stringify(toolUse.input), ARGUMENT_PIECE)) yield { toolUse: { input } };
}
