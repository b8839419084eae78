// POST /v1/chat/completions: checks the request as OpenAI does, composes the answer, gives it whole or as chunks.
import { type Answer, jsonAnswer, type OperationInput, type WholeAnswer } from '../answer.ts';
import { readMaxTokens, readStop } from '../compose-text.ts';
import { type Conversation, speak } from '../conversation.ts';
import { isObject, type JsonObject, textOf } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { mediaIn } from '../openai-media.ts';
import { readTools, readToolWish } from '../openai-tools.ts';
import { chatUsage, countTokens, type TokenCounts } from '../tokens.ts';
import { type ChatChoice, chatEvents } from './chat-events.ts';

const MAX_CHOICES = 128;
const TIER = { service_tier: 'default', system_fingerprint: 'fp_simulator' };

export function answerChat(input: OperationInput): Answer {
  const { body, model, faults } = input;
  const wrong = wrongWith(body);
  if (wrong !== undefined) return wrong;
  const messages = (body.messages as readonly unknown[]).filter(isObject);
  const choices = composeChoices(input, messages);
  const counts: TokenCounts = {
    input: messages.reduce((sum, { content }) => sum + countTokens(textOf(content)), 0),
    output: choices.reduce((sum, choice) => sum + choice.tokens, 0),
    reasoning: choices.reduce((sum, choice) => sum + choice.thinkingTokens, 0),
  };
  const stem = { created: input.createdSeconds, model };
  const id = input.newId('chatcmpl-');
  const usage = faults['no-usage'] === undefined ? chatUsage(counts) : undefined;
  if (body.stream === true) {
    const includesUsage = isObject(body.stream_options) && body.stream_options.include_usage === true;
    const shared = { id, object: 'chat.completion.chunk', ...stem, ...TIER };
    return chatEvents({ shared, choices, usage: includesUsage ? usage : undefined });
  }
  const shown = choices.map(toChoice);
  return jsonAnswer(200, { id, object: 'chat.completion', ...stem, choices: shown, usage, ...TIER });
}

function wrongWith(body: JsonObject): WholeAnswer | undefined {
  const { messages, n } = body;
  if (messages === undefined) {
    const parts = { param: 'messages', code: 'missing_required_parameter' };
    return openaiError(400, "Missing required parameter: 'messages'.", parts);
  }
  if (!Array.isArray(messages)) {
    const parts = { param: 'messages', code: 'invalid_type' };
    return openaiError(400, "Invalid type for 'messages': expected an array of objects.", parts);
  }
  if (messages.length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
    return openaiError(400, message, { param: 'messages', code: 'empty_array' });
  }
  if (n !== undefined && n !== null && !(Number.isInteger(n) && Number(n) >= 1 && Number(n) <= MAX_CHOICES)) {
    const message = `Invalid value for 'n': expected a whole number from 1 to ${MAX_CHOICES}.`;
    return openaiError(400, message, { param: 'n', code: 'invalid_value' });
  }
  return undefined;
}

function readConversation({ body, faults }: OperationInput, messages: readonly JsonObject[]): Conversation {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const content = messages[at]?.content;
  const format = isObject(body.response_format) ? body.response_format : undefined;
  const schema = isObject(format?.json_schema) ? format.json_schema.schema : undefined;
  const limits = {
    maxTokens: readMaxTokens(body.max_completion_tokens, body.max_tokens),
    stop: readStop(body.stop),
    bytes: faults.bytes,
  };
  return {
    heard: textOf(content),
    media: mediaIn(content),
    toolResults: messages
      .slice(at + 1)
      .filter(({ role }) => role === 'tool')
      .map((message) => textOf(message.content)),
    tools: readTools(body.tools),
    toolWish: readToolWish(body.tool_choice),
    allowsParallel: body.parallel_tool_calls !== false,
    format: format === undefined ? undefined : { type: String(format.type), schema },
    thinks: typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none',
    limits,
  };
}

/** Further choices are told apart by their number. */
function composeChoices(input: OperationInput, messages: readonly JsonObject[]): readonly ChatChoice[] {
  const { body, newId } = input;
  const conversation = readConversation(input, messages);
  const count = typeof body.n === 'number' ? body.n : 1;
  return Array.from({ length: count }, (_, index) => {
    const said = speak(conversation, index === 0 ? '' : ` (choice ${index + 1})`);
    const tools = said.calls.map((call) => ({ ...call, callId: newId('call_') }));
    const { tokens, thinkingTokens } = said;
    if (tools.length === 0) return { content: said.text, tools, finish: said.finish, tokens, thinkingTokens };
    // A call of a named tool ends with `stop`, as OpenAI has it.
    const finish = typeof conversation.toolWish === 'object' ? 'stop' : 'tool_calls';
    return { content: null, tools, finish, tokens, thinkingTokens };
  });
}

function toChoice({ content, tools, finish }: ChatChoice, index: number): object {
  const calls = tools.map(({ callId, name, arguments: text }) => {
    return { id: callId, type: 'function', function: { name, arguments: text } };
  });
  const message = {
    role: 'assistant',
    content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    refusal: null,
    annotations: [],
  };
  return { index, message, logprobs: null, finish_reason: finish };
}
