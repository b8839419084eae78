// POST /v1/chat/completions: checks the request as OpenAI does, composes the answer, gives it whole or as chunks.
import { type Answer, jsonAnswer, type OperationInput, type WholeAnswer } from '../answer.ts';
import { composeText, readMaxTokens, readStop, replyTo, type TextWishes } from '../compose-text.ts';
import { isObject, type JsonObject, textOf } from '../json.ts';
import { structuredText } from '../json-sample.ts';
import { openaiError } from '../openai-error.ts';
import { chatUsage, countTokens, type TokenCounts } from '../tokens.ts';
import { chooseTool, type ToolCall } from '../tool-choice.ts';
import { type ChatChoice, chatEvents } from './chat-events.ts';

const MAX_CHOICES = 128;
const TIER = { service_tier: 'default', system_fingerprint: 'fp_simulator' };

export function answerChat(input: OperationInput): Answer {
  const { body, model, faults } = input;
  const wrong = wrongWith(body);
  if (wrong !== undefined) return wrong;
  const messages = (body.messages as readonly unknown[]).filter(isObject);
  const choices = composeChoices(input, lastUserText(messages));
  const counts: TokenCounts = {
    input: messages.reduce((sum, { content }) => sum + countTokens(textOf(content)), 0),
    output: choices.reduce((sum, choice) => sum + choice.tokens, 0),
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

function lastUserText(messages: readonly JsonObject[]): string {
  return textOf(messages.findLast(({ role }) => role === 'user')?.content);
}

function composeChoices({ body, faults, newId }: OperationInput, heard: string): readonly ChatChoice[] {
  const count = typeof body.n === 'number' ? body.n : 1;
  const tool = chooseTool(body, heard);
  const wishes: TextWishes = {
    maxTokens: readMaxTokens(body.max_completion_tokens, body.max_tokens),
    stop: readStop(body.stop),
    bytes: faults.bytes,
  };
  return Array.from({ length: count }, (_, index) => {
    if (tool !== undefined) return toToolChoice(tool, newId('call_'));
    const composed = composeText(contentFor(body, heard, index), wishes);
    return { content: composed.text, tool: undefined, finish: composed.finish, tokens: composed.tokens };
  });
}

/** JSON when `response_format` asks for it, otherwise the echo; further choices are told apart by their number. */
function contentFor(body: JsonObject, heard: string, index: number): string {
  const format = isObject(body.response_format) ? body.response_format : {};
  const structured = structuredText(format.type, isObject(format.json_schema) ? format.json_schema.schema : {}, heard);
  if (structured !== undefined) return structured;
  return index === 0 ? replyTo(heard) : `${replyTo(heard)} (choice ${index + 1})`;
}

function toToolChoice(tool: ToolCall, callId: string): ChatChoice {
  const finish = tool.named ? 'stop' : 'tool_calls';
  return { content: null, tool: { ...tool, callId }, finish, tokens: countTokens(tool.name + tool.arguments) };
}

function toChoice({ content, tool, finish }: ChatChoice, index: number): object {
  const call = tool && { id: tool.callId, type: 'function', function: { name: tool.name, arguments: tool.arguments } };
  const message = {
    role: 'assistant',
    content,
    ...(call === undefined ? {} : { tool_calls: [call] }),
    refusal: null,
    annotations: [],
  };
  return { index, message, logprobs: null, finish_reason: finish };
}
