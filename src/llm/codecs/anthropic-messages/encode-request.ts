// The canonical request to a body of `/v1/messages`. The table and settle.ts were applied: what stands here can be told.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatRequest, FunctionTool, Tool } from '../../request.ts';
import { closedSchema } from './closed-schema.ts';
import { type Block, cacheMembers } from './encode-content.ts';
import { encodeConversation } from './encode-messages.ts';
import { JSON_ANSWER_TOOL, type JsonAnswer, jsonAnswerOf } from './json-answer.ts';
import type { ModelTraits } from './model-traits.ts';
import { serviceTierOf } from './settle.ts';
import { maxTokensOf, planThinking, type ThinkingPlan } from './thinking.ts';

const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

function inputSchemaOf({ parameters, strict }: FunctionTool, isStrict: boolean): JsonObject {
  if (parameters === undefined) return NO_ARGUMENTS;
  const schema = parameters.type === 'object' ? parameters : { type: 'object', ...parameters };
  return isStrict && strict === true ? closedSchema(schema) : schema;
}

function encodeTool(tool: Tool, { hasStructuredOutput }: ModelTraits): JsonObject {
  if (tool.kind === 'provider') return tool.raw;
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: inputSchemaOf(tool, hasStructuredOutput),
    ...(tool.strict === true && hasStructuredOutput ? { strict: true } : {}),
    ...cacheMembers(tool.cache),
  };
}

/** Tools of the history that the request does not name: the API wants every call's tool declared. */
function toolsOfHistory({ messages }: ChatRequest): readonly JsonObject[] {
  const names = new Set<string>();
  for (const { content } of messages) for (const part of content) if (part.type === 'tool-call') names.add(part.name);
  return [...names].map((name) => ({ name, input_schema: NO_ARGUMENTS }));
}

function clientToolsOf(request: ChatRequest, traits: ModelTraits): readonly JsonObject[] {
  return request.parameters.tools?.map((tool) => encodeTool(tool, traits)) ?? [];
}

/** Whether several calls may come at once, said beside the choice. */
function withParallel(choice: Block, { parameters }: ChatRequest): Block {
  if (parameters.parallelToolCalls === undefined) return choice;
  return { ...choice, disable_parallel_tool_use: !parameters.parallelToolCalls };
}

function choiceOf(request: ChatRequest): Block | undefined {
  const { toolChoice, parallelToolCalls } = request.parameters;
  switch (toolChoice?.kind) {
    case 'none':
      return { type: 'none' };
    case 'required':
      return withParallel({ type: 'any' }, request);
    case 'tool':
      return withParallel({ type: 'tool', name: toolChoice.name }, request);
    case 'auto':
      return withParallel({ type: 'auto' }, request);
    default:
      return parallelToolCalls === undefined ? undefined : withParallel({ type: 'auto' }, request);
  }
}

function toolMembers(request: ChatRequest, answer: JsonAnswer, traits: ModelTraits): Block {
  const own = clientToolsOf(request, traits);
  const isFree = own.length > 0 && request.parameters.toolChoice?.kind !== 'none';
  if (answer.kind === 'tool') {
    const choice = isFree
      ? withParallel({ type: 'any' }, request)
      : { type: 'tool', name: JSON_ANSWER_TOOL, disable_parallel_tool_use: true };
    const declared = own.length > 0 ? own : toolsOfHistory(request);
    return { tools: [...declared, answer.tool], tool_choice: choice };
  }
  if (own.length > 0) {
    const choice = choiceOf(request);
    return { tools: own, ...(choice === undefined ? {} : { tool_choice: choice }) };
  }
  const called = toolsOfHistory(request);
  return called.length === 0 ? {} : { tools: called, tool_choice: { type: 'none' } };
}

function thinkingMembers(plan: ThinkingPlan, { parameters }: ChatRequest, traits: ModelTraits): Block {
  if (plan.kind === 'disabled') return { thinking: { type: 'disabled' } };
  if (plan.kind === 'budget') return { thinking: { type: 'enabled', budget_tokens: plan.tokens } };
  if (plan.kind !== 'adaptive' || traits.thinking === 'none') return {};
  const summary = parameters.reasoning?.summary;
  const display = summary === undefined ? {} : { display: summary === 'none' ? 'omitted' : 'summarized' };
  return { thinking: { type: 'adaptive', ...display } };
}

function outputConfig(plan: ThinkingPlan, answer: JsonAnswer): Block {
  const effort = plan.kind === 'adaptive' && plan.effort !== undefined ? { effort: plan.effort } : {};
  const format = answer.kind === 'format' ? { format: { type: 'json_schema', schema: answer.schema } } : {};
  const config = { ...effort, ...format };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

/** What a count of tokens does not ask about. */
function samplingMembers({ parameters, stream }: ChatRequest): Block {
  const { temperature, topP, topK, stop, user, serviceTier } = parameters;
  const tier = serviceTier === undefined ? undefined : serviceTierOf(serviceTier);
  return {
    ...(temperature === undefined ? {} : { temperature: Math.min(1, temperature) }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(user === undefined ? {} : { metadata: { user_id: user } }),
    ...(tier === undefined ? {} : { service_tier: tier }),
    ...(stream ? { stream: true } : {}),
  };
}

/** Top-level members of a client of this wire; those with a path were further down and are not sent. */
function restMembers({ wire, rest }: ChatRequest): Block {
  if (wire !== 'anthropic-messages') return {};
  return Object.fromEntries(Object.entries(rest).filter(([key]) => /^\w+$/.test(key)));
}

export function encodeRequestFor(request: ChatRequest, traits: ModelTraits): JsonObject {
  const plan = planThinking(request, traits);
  const answer = jsonAnswerOf(request, traits);
  const { system, messages } = encodeConversation(request.messages);
  const isCount = request.operation === 'count-tokens';
  return {
    ...restMembers(request),
    model: request.model,
    ...(isCount ? {} : { max_tokens: maxTokensOf(request, plan, traits) }),
    ...(system === undefined ? {} : { system }),
    messages: messages as JsonValue,
    ...toolMembers(request, answer, traits),
    ...thinkingMembers(plan, request, traits),
    ...outputConfig(plan, answer),
    ...(isCount ? {} : samplingMembers(request)),
  };
}
