// The canonical request → a chat completions request to a provider of this wire.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatField, ParameterTable } from '../../parameter-table.ts';
import type { ChatParameters, ChatRequest, ReasoningWish, ResponseFormat, Tool, ToolChoice } from '../../request.ts';
import { encodeMessages } from './encode-messages.ts';
import type { OpenaiChatQuirks } from './parameters.ts';

/** Wishes that are sent as they are, by the name the table gives. */
const PLAIN = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'minP',
  'frequencyPenalty',
  'presencePenalty',
  'repetitionPenalty',
  'stop',
  'seed',
  'n',
  'logitBias',
  'parallelToolCalls',
  'user',
  'metadata',
  'serviceTier',
  'store',
  'verbosity',
  'modalities',
  'prediction',
  'webSearch',
  'promptCacheKey',
] as const satisfies readonly (keyof ChatParameters)[];

export interface RequestEncoding {
  readonly quirks: OpenaiChatQuirks;
  readonly parameters: ParameterTable;
}

export function encodeRequest(request: ChatRequest, { quirks, parameters }: RequestEncoding): JsonObject {
  const { parameters: wishes } = request;
  const body: Record<string, JsonValue | undefined> = {
    model: request.model,
    messages: encodeMessages(request.messages, quirks),
  };
  for (const field of PLAIN) {
    const name = nameIn(parameters, field);
    if (wishes[field] !== undefined && name !== undefined) body[name] = wishes[field];
  }
  return {
    ...body,
    ...encodeLogprobs(wishes.logprobs, parameters),
    ...encodeTools(wishes, parameters),
    ...encodeFormat(wishes.responseFormat, parameters),
    ...encodeReasoning(wishes.reasoning, quirks, parameters),
    ...restOf(request),
    ...streaming(request, quirks),
  };
}

/** The member a field is sent as; undefined = it is not. */
function nameIn(parameters: ParameterTable, field: ChatField): string | undefined {
  const { treatment, as } = parameters[field];
  return treatment === 'mapped' ? as : undefined;
}

function restOf(request: ChatRequest): JsonObject {
  return request.wire === 'openai-chat' ? request.rest : {};
}

function streaming(request: ChatRequest, { asksUsage = true }: OpenaiChatQuirks): JsonObject {
  if (!request.stream) return {};
  const own = restOf(request).stream_options;
  const options = { ...(own as JsonObject | undefined), ...(asksUsage && { include_usage: true }) };
  return { stream: true, ...(Object.keys(options).length > 0 && { stream_options: options }) };
}

function encodeLogprobs(wish: ChatParameters['logprobs'], parameters: ParameterTable): JsonObject {
  if (wish === undefined || nameIn(parameters, 'logprobs') === undefined) return {};
  return { logprobs: true, ...(wish.top > 0 && { top_logprobs: wish.top }) };
}

function encodeTools({ tools, toolChoice }: ChatParameters, parameters: ParameterTable): JsonObject {
  const sent = tools?.filter((tool) => tool.kind === 'function' || tool.wire === 'openai-chat') ?? [];
  if (sent.length === 0 || nameIn(parameters, 'tools') === undefined) return {};
  const name = nameIn(parameters, 'toolChoice');
  const choice = toolChoice && encodeChoice(toolChoice, sent);
  return { tools: sent.map(encodeTool), ...(choice !== undefined && name !== undefined && { [name]: choice }) };
}

function encodeTool(tool: Tool): JsonObject {
  if (tool.kind === 'provider') return tool.raw;
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
  };
}

function encodeChoice(choice: ToolChoice, tools: readonly Tool[]): JsonValue {
  if (choice.kind !== 'tool') return choice.kind;
  const isFunction = tools.some((tool) => tool.kind === 'function' && tool.name === choice.name);
  const kind = isFunction ? 'function' : 'custom';
  return { type: kind, [kind]: { name: choice.name } };
}

function encodeFormat(format: ResponseFormat | undefined, parameters: ParameterTable): JsonObject {
  const key = nameIn(parameters, 'responseFormat');
  if (format === undefined || key === undefined) return {};
  if (format.kind === 'text') return { [key]: { type: 'text' } };
  if (format.kind === 'json') return { [key]: { type: 'json_object' } };
  const { name, schema, strict, description } = format;
  const written = {
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
  return { [key]: { type: 'json_schema', json_schema: written } };
}

function encodeReasoning(
  wish: ReasoningWish | undefined,
  quirks: OpenaiChatQuirks,
  parameters: ParameterTable,
): JsonObject {
  if (wish === undefined || nameIn(parameters, 'reasoning') === undefined) return {};
  if (quirks.reasoningWish !== 'object') {
    const effort = wish.effort ?? effortOf(wish.budgetTokens);
    return effort === undefined ? {} : { reasoning_effort: effort };
  }
  const { effort, budgetTokens, isAdaptive, summary } = wish;
  const told = {
    // The one or the other, never both.
    ...(budgetTokens !== undefined ? { max_tokens: budgetTokens } : effort !== undefined && { effort }),
    ...(isAdaptive === true && budgetTokens === undefined && effort === undefined && { enabled: true }),
    ...(summary === 'none' && { exclude: true }),
  };
  return Object.keys(told).length === 0 ? {} : { reasoning: told };
}

/** Where providers draw the lines that turn efforts into budgets, read backwards. */
function effortOf(budgetTokens: number | undefined): ReasoningWish['effort'] {
  if (budgetTokens === undefined) return undefined;
  if (budgetTokens === 0) return 'none';
  if (budgetTokens <= 2048) return 'low';
  return budgetTokens <= 8192 ? 'medium' : 'high';
}
