// POST /v1/responses: checks the request, composes the response object, keeps it for later reading, gives it whole or as events.
import { type Answer, jsonAnswer, type OperationInput } from '../answer.ts';
import { composeText, readMaxTokens, replyTo } from '../compose-text.ts';
import { isObject, type JsonObject, textOf } from '../json.ts';
import { structuredText } from '../json-sample.ts';
import { openaiError } from '../openai-error.ts';
import { countTokens, responseUsage } from '../tokens.ts';
import { chooseTool } from '../tool-choice.ts';
import { type OutputItem, responseEvents } from './response-events.ts';
import type { ResponseShelf } from './response-shelf.ts';

interface Composed {
  readonly item: OutputItem;
  readonly isCutByLimit: boolean;
  readonly outputTokens: number;
}

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
  const composed = compose(input, lastUserText(items));
  const inputTokens = [...items.map(({ content }) => textOf(content)), textOf(body.instructions)]
    .filter((text) => text !== '')
    .reduce((sum, text) => sum + countTokens(text), 0);
  const usage = responseUsage({ input: inputTokens, output: composed.outputTokens });
  const response = {
    ...frameOf(input),
    status: composed.isCutByLimit ? 'incomplete' : 'completed',
    incomplete_details: composed.isCutByLimit ? { reason: 'max_output_tokens' } : null,
    output: [finishedItem(composed.item, composed.isCutByLimit)],
    usage: faults['no-usage'] === undefined ? usage : null,
  };
  if (body.store !== false) shelf.put(response.id, { response, items });
  return body.stream === true ? responseEvents(response, composed.item) : jsonAnswer(200, response);
}

function readItems(value: unknown): readonly JsonObject[] | undefined {
  if (typeof value === 'string') return [{ type: 'message', role: 'user', content: value }];
  return Array.isArray(value) && value.length > 0 ? value.filter(isObject) : undefined;
}

function lastUserText(items: readonly JsonObject[]): string {
  return textOf(items.findLast(({ role }) => role === 'user')?.content);
}

function compose({ body, faults, newId }: OperationInput, heard: string): Composed {
  const tool = chooseTool(body, heard);
  if (tool !== undefined) {
    const names = { id: newId('fc_'), callId: newId('call_'), name: tool.name, arguments: tool.arguments };
    const outputTokens = countTokens(tool.name + tool.arguments);
    return { item: { kind: 'function-call', ...names }, isCutByLimit: false, outputTokens };
  }
  const format = isObject(body.text) && isObject(body.text.format) ? body.text.format : {};
  const full = structuredText(format.type, format.schema, heard) ?? replyTo(heard);
  const maxTokens = readMaxTokens(body.max_output_tokens);
  const { text, finish, tokens } = composeText(full, { maxTokens, stop: [], bytes: faults.bytes });
  const item: OutputItem = { kind: 'message', id: newId('msg_'), text };
  return { item, isCutByLimit: finish === 'length', outputTokens: tokens };
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
    reasoning: { effort: null, summary: null },
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
