// POST /v1/messages and /v1/messages/count_tokens: checks the request as Anthropic does, lets the model speak, shows it whole or as events.
import { type Answer, jsonAnswer, type OperationInput, type WholeAnswer } from '../../answer.ts';
import { type Said, signatureOf, speak } from '../../conversation.ts';
import type { JsonObject } from '../../json.ts';
import type { PromptCache } from '../../prompt-cache.ts';
import { countTokens } from '../../tokens.ts';
import { anthropicError } from './anthropic-error.ts';
import { wrongWithMessages } from './check-messages.ts';
import type { ContentBlock } from './content-block.ts';
import { messageEvents } from './message-events.ts';
import { promptTexts, readConversation } from './read-messages.ts';

export function answerMessages(input: OperationInput, cache: PromptCache): Answer {
  const { body, model, faults } = input;
  const wrong = wrongWith(body);
  if (wrong !== undefined) return wrong;
  const said = speak(readConversation(body, faults));
  const { all, marked } = promptTexts(body);
  const cached = cache.count(model, marked);
  const usage = {
    input_tokens: tokensOf(all) - cached.read - cached.write,
    cache_creation_input_tokens: cached.write,
    cache_read_input_tokens: cached.read,
    cache_creation: { ephemeral_5m_input_tokens: cached.write, ephemeral_1h_input_tokens: 0 },
    output_tokens: said.tokens,
    output_tokens_details: { thinking_tokens: said.thinkingTokens },
    server_tool_use: null,
    service_tier: 'standard',
  };
  const message = {
    id: input.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model,
    content: contentOf(said, input),
    stop_reason: stopReasonOf(said),
    stop_sequence: said.stopSequence ?? null,
    stop_details: null,
    container: null,
    usage: faults['no-usage'] === undefined ? usage : undefined,
  };
  return body.stream === true ? messageEvents(message) : jsonAnswer(200, message);
}

function wrongWith(body: JsonObject): WholeAnswer | undefined {
  const { max_tokens } = body;
  if (max_tokens === undefined) return anthropicError(400, 'max_tokens: Field required');
  if (!Number.isInteger(max_tokens) || Number(max_tokens) < 1)
    return anthropicError(400, 'max_tokens: Input should be greater than or equal to 1');
  const wrong = wrongWithMessages(body);
  return wrong === undefined ? undefined : anthropicError(400, wrong);
}

export function answerTokenCount({ body }: OperationInput): Answer {
  const wrong = wrongWithMessages(body);
  if (wrong !== undefined) return anthropicError(400, wrong);
  return jsonAnswer(200, { input_tokens: tokensOf(promptTexts(body).all) });
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + countTokens(text), 0);
}

function contentOf({ thinking, text, calls }: Said, { newId }: OperationInput): readonly ContentBlock[] {
  const blocks: ContentBlock[] = [];
  if (thinking !== undefined) blocks.push({ type: 'thinking', thinking, signature: signatureOf(thinking) });
  if (text !== '') blocks.push({ type: 'text', text });
  for (const { name, arguments: json } of calls)
    blocks.push({ type: 'tool_use', id: newId('toolu_'), name, input: JSON.parse(json) });
  return blocks;
}

function stopReasonOf({ calls, finish, stopSequence }: Said): string {
  if (calls.length > 0) return 'tool_use';
  if (finish === 'length') return 'max_tokens';
  return stopSequence === undefined ? 'end_turn' : 'stop_sequence';
}
