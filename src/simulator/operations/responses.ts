// POST /v1/responses: checks the request, composes the response object, keeps it for later reading, gives it whole or as events.
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { readMaxTokens } from '../compose-text.ts';
import { type Conversation, type Said, speak } from '../conversation.ts';
import { isObject, type JsonObject, textOf } from '../json.ts';
import { openaiError } from '../openai-error.ts';
import { mediaIn } from '../openai-media.ts';
import { readTools, readToolWish } from '../openai-tools.ts';
import { countTokens, responseUsage } from '../tokens.ts';
import { type OutputItem, responseEvents } from './response-events.ts';
import type { ResponseShelf } from './response-shelf.ts';

export function answerResponses(input: OperationInput, shelf: ResponseShelf): Answer {
  const { body, faults } = input;
  const items = readItems(body.input);
  if (items === undefined) {
    const parts = { param: 'input', code: 'missing_required_parameter' };
    return openaiError(400, "Missing required parameter: 'input'.", parts);
  }
  const previous = body.previous_response_id;
  if (typeof previous === 'string' && shelf.get(previous) === undefined) {
    const parts = { param: 'previous_response_id', code: 'previous_response_not_found' };
    return openaiError(400, `Previous response with id '${previous}' not found.`, parts);
  }
  const said = speak(readConversation(input, items));
  const output = toItems(said, input);
  const isCutByLimit = said.finish === 'length';
  const inputTokens = [...items.map(({ content }) => textOf(content)), textOf(body.instructions)]
    .filter((text) => text !== '')
    .reduce((sum, text) => sum + countTokens(text), 0);
  const usage = responseUsage({ input: inputTokens, output: said.tokens, reasoning: said.thinkingTokens });
  const response = {
    ...frameOf(input),
    status: isCutByLimit ? 'incomplete' : 'completed',
    incomplete_details: isCutByLimit ? { reason: 'max_output_tokens' } : null,
    output: output.map((item) => finishedItem(item, isCutByLimit)),
    usage: faults['no-usage'] === undefined ? usage : null,
  };
  if (body.store !== false) shelf.put(response.id, { response, items });
  return body.stream === true ? responseEvents(response, output) : jsonAnswer(200, response);
}

function readItems(value: unknown): readonly JsonObject[] | undefined {
  if (typeof value === 'string') return [{ type: 'message', role: 'user', content: value }];
  return Array.isArray(value) && value.length > 0 ? value.filter(isObject) : undefined;
}

function readConversation({ body, faults }: OperationInput, items: readonly JsonObject[]): Conversation {
  const at = items.findLastIndex(({ role }) => role === 'user');
  const content = items[at]?.content;
  const format = isObject(body.text) && isObject(body.text.format) ? body.text.format : undefined;
  const effort = isObject(body.reasoning) ? body.reasoning.effort : undefined;
  return {
    heard: textOf(content),
    media: mediaIn(content),
    toolResults: items
      .slice(at + 1)
      .filter(({ type }) => type === 'function_call_output')
      .map(({ output }) => textOf(output)),
    tools: readTools(body.tools),
    toolWish: readToolWish(body.tool_choice),
    allowsParallel: body.parallel_tool_calls !== false,
    format: format === undefined ? undefined : { type: String(format.type), schema: format.schema },
    thinks: typeof effort === 'string' && effort !== 'none',
    limits: { maxTokens: readMaxTokens(body.max_output_tokens), stop: [], bytes: faults.bytes },
  };
}

function toItems({ text, calls, thinking }: Said, { newId }: OperationInput): readonly OutputItem[] {
  const reasoning: readonly OutputItem[] =
    thinking === undefined ? [] : [{ kind: 'reasoning', id: newId('rs_'), text: thinking }];
  if (calls.length === 0) return [...reasoning, { kind: 'message', id: newId('msg_'), text }];
  const toCall = (call: Said['calls'][number]): OutputItem => {
    return { kind: 'function-call', id: newId('fc_'), callId: newId('call_'), ...call };
  };
  return [...reasoning, ...calls.map(toCall)];
}

/** The members that only repeat the request or hold what the simulator never has. */
function frameOf({ body, model, newId, createdSeconds }: OperationInput) {
  return {
    id: newId('resp_'),
    object: 'response',
    created_at: createdSeconds,
    background: false,
    error: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? { effort: null, summary: null },
    service_tier: 'default',
    store: body.store !== false,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    user: body.user ?? null,
  };
}

function finishedItem(item: OutputItem, isCutByLimit: boolean): object {
  if (item.kind === 'reasoning') {
    return { type: 'reasoning', id: item.id, summary: [{ type: 'summary_text', text: item.text }] };
  }
  const status = isCutByLimit ? 'incomplete' : 'completed';
  if (item.kind === 'function-call') {
    return {
      type: 'function_call',
      id: item.id,
      status,
      call_id: item.callId,
      name: item.name,
      arguments: item.arguments,
    };
  }
  const part = { type: 'output_text', text: item.text, annotations: [], logprobs: [] };
  return { type: 'message', id: item.id, status, role: 'assistant', content: [part] };
}
