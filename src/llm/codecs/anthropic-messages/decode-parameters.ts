// What a client of Anthropic's API wishes beside the conversation, in the canonical shape.
import type { BodyReader } from '../../body-reader.ts';
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ReasoningWish, ResponseFormat, Tool, ToolChoice } from '../../request.ts';
import { type ContentContext, cacheOf, noteOthers } from './decode-content.ts';

/** Top-level members that are read here or by decode-request; all others are the request's `rest`. */
export const KNOWN_MEMBERS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
]);

const KNOWN_OF_TOOL = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control'];

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A tool without a type or of type `custom` is the client's; any other is run by the provider or known to its models. */
function toolOf(raw: JsonObject, at: string, context: ContentContext): Tool {
  const { reader } = context;
  const type = reader.text(raw, 'type', at);
  if (type !== undefined && type !== 'custom') return { kind: 'provider', wire: 'anthropic-messages', raw };
  noteOthers(raw, KNOWN_OF_TOOL, 'tools[]', context);
  const description = reader.text(raw, 'description', at);
  const parameters = reader.object(raw, 'input_schema', at);
  const strict = reader.flag(raw, 'strict', at);
  return {
    kind: 'function',
    name: reader.requiredText(raw, 'name', at),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    ...cacheOf(raw, at, context),
  };
}

function toolChoiceOf(choice: JsonObject, reader: BodyReader): ToolChoice | undefined {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { kind: choice.type };
    case 'any':
      return { kind: 'required' };
    case 'tool':
      return { kind: 'tool', name: reader.requiredText(choice, 'name', 'tool_choice') };
    default:
      return reader.refuse('tool_choice.type', '"tool_choice.type" must be auto, any, tool or none');
  }
}

function thinkingOf(body: JsonObject, context: ContentContext): ReasoningWish | undefined {
  const { reader } = context;
  const thinking = reader.object(body, 'thinking');
  if (thinking === undefined) return undefined;
  const display = thinking.display === 'omitted' ? 'none' : thinking.display === 'summarized' ? 'auto' : undefined;
  const summary = display === undefined ? {} : ({ summary: display } as const);
  switch (thinking.type) {
    case 'disabled':
      return { effort: 'none' };
    case 'adaptive':
      return { isAdaptive: true, ...summary };
    case 'enabled': {
      const budgetTokens = reader.count(thinking, 'budget_tokens', 'thinking');
      if (budgetTokens === undefined)
        return reader.refuse('thinking.budget_tokens', '"thinking.budget_tokens" is required');
      return { budgetTokens, ...summary };
    }
    case 'between_tools':
      context.unplaced.set('thinking.type', 'between_tools');
      return undefined;
    default:
      return reader.refuse('thinking.type', '"thinking.type" must be enabled, adaptive, between_tools or disabled');
  }
}

const EFFORTS: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'xhigh', 'max']);

/** The effort belongs to the whole answer; other wires know it of thinking alone. `disabled` thinking stays so. */
function reasoningOf(body: JsonObject, output: JsonObject, context: ContentContext): ReasoningWish | undefined {
  const thinking = thinkingOf(body, context);
  const effort = context.reader.text(output, 'effort', 'output_config');
  if (effort === undefined || thinking?.effort === 'none') return thinking;
  if (!EFFORTS.has(effort))
    return context.reader.refuse(
      'output_config.effort',
      '"output_config.effort" must be low, medium, high, xhigh or max',
    );
  return { ...thinking, effort: effort as NonNullable<ReasoningWish['effort']> };
}

/** `output_config.format`, or its name before that. */
function formatOf(body: JsonObject, output: JsonObject, reader: BodyReader): ResponseFormat | undefined {
  const at = output.format === undefined || output.format === null ? 'output_format' : 'output_config.format';
  const format = at === 'output_format' ? reader.object(body, at) : reader.object(output, 'format', 'output_config');
  if (format === undefined) return undefined;
  const schema = reader.object(format, 'schema', at);
  if (format.type !== 'json_schema' || schema === undefined)
    return reader.refuse(at, `"${at}" must be of type json_schema and have a schema`);
  return { kind: 'json-schema', name: 'answer', schema, strict: true, description: undefined };
}

function readTools(body: JsonObject, into: Writable<ChatParameters>, context: ContentContext): void {
  const { reader } = context;
  const tools = reader.objects(body, 'tools');
  if (tools !== undefined) into.tools = tools.map((raw, i) => toolOf(raw, `tools[${i}]`, context));
  const choice = reader.object(body, 'tool_choice');
  if (choice === undefined) return;
  const toolChoice = toolChoiceOf(choice, reader);
  if (toolChoice !== undefined) into.toolChoice = toolChoice;
  const isSerial = reader.flag(choice, 'disable_parallel_tool_use', 'tool_choice');
  if (isSerial !== undefined) into.parallelToolCalls = !isSerial;
}

function readNumbers(body: JsonObject, into: Writable<ChatParameters>, reader: BodyReader): void {
  const maxOutputTokens = reader.count(body, 'max_tokens');
  if (maxOutputTokens !== undefined) into.maxOutputTokens = maxOutputTokens;
  const temperature = reader.number(body, 'temperature');
  if (temperature !== undefined) into.temperature = temperature;
  const topP = reader.number(body, 'top_p');
  if (topP !== undefined) into.topP = topP;
  const topK = reader.count(body, 'top_k');
  if (topK !== undefined) into.topK = topK;
}

export function decodeParameters(body: JsonObject, context: ContentContext): ChatParameters {
  const { reader } = context;
  const parameters: Writable<ChatParameters> = {};
  readNumbers(body, parameters, reader);
  const stop = reader.texts(body, 'stop_sequences');
  if (stop !== undefined && stop.length > 0) parameters.stop = stop;
  readTools(body, parameters, context);
  const output = reader.object(body, 'output_config') ?? {};
  noteOthers(output, ['effort', 'format'], 'output_config', context);
  const reasoning = reasoningOf(body, output, context);
  if (reasoning !== undefined) parameters.reasoning = reasoning;
  const responseFormat = formatOf(body, output, reader);
  if (responseFormat !== undefined) parameters.responseFormat = responseFormat;
  const metadata = reader.object(body, 'metadata');
  noteOthers(metadata ?? {}, ['user_id'], 'metadata', context);
  const user = metadata === undefined ? undefined : reader.text(metadata, 'user_id', 'metadata');
  if (user !== undefined) parameters.user = user;
  const serviceTier = reader.text(body, 'service_tier');
  if (serviceTier !== undefined) parameters.serviceTier = serviceTier;
  return parameters;
}
