// A request as Converse and ConverseStream take it; both have the same body, and the model stands in the path.
import type { JsonObject } from '../../json-value.ts';
import type { ChatParameters, ChatRequest, FunctionTool, ResponseFormat, ToolChoice } from '../../request.ts';
import { CachePoints } from './cache-points.ts';
import type { ConverseOptions } from './converse-options.ts';
import { encodeMessages, encodeSystem } from './encode-messages.ts';
import { DocumentNames } from './media-blocks.ts';
import { reasoningFields } from './reasoning-fields.ts';

const JSON_WISH = 'Answer with one JSON object and nothing else.';

/** Without members that are undefined, and undefined when nothing is left. */
function filled(members: JsonObject): JsonObject | undefined {
  const told = Object.entries(members).filter(([, value]) => value !== undefined);
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

function inferenceConfig(parameters: ChatParameters): JsonObject | undefined {
  const { maxOutputTokens, temperature, topP, stop } = parameters;
  const stopSequences = stop === undefined || stop.length === 0 ? undefined : stop;
  return filled({ maxTokens: maxOutputTokens, temperature, topP, stopSequences });
}

function toolBlock({ name, description, parameters, strict }: FunctionTool): JsonObject {
  return {
    toolSpec: {
      name,
      ...(description !== undefined && description !== '' && { description }),
      inputSchema: { json: parameters ?? { type: 'object', properties: {} } },
      ...(strict === true && { strict }),
    },
  };
}

function toolChoiceBlock(choice: ToolChoice | undefined): JsonObject | undefined {
  if (choice === undefined || choice.kind === 'none') return undefined;
  if (choice.kind === 'tool') return { tool: { name: choice.name } };
  return choice.kind === 'required' ? { any: {} } : { auto: {} };
}

/** Undefined = the model may call none. */
function toolConfig({ tools, toolChoice }: ChatParameters, points: CachePoints): JsonObject | undefined {
  if (toolChoice?.kind === 'none') return undefined;
  const blocks = (tools ?? []).flatMap((tool) =>
    tool.kind === 'function' ? [toolBlock(tool), ...points.ofTool(tool.cache)] : [],
  );
  if (blocks.length === 0) return undefined;
  const choice = toolChoiceBlock(toolChoice);
  return { tools: blocks, ...(choice !== undefined && { toolChoice: choice }) };
}

function textFormat(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format?.kind !== 'json-schema') return undefined;
  const { name, schema, description } = format;
  const jsonSchema = { schema: JSON.stringify(schema), name, ...(description !== undefined && { description }) };
  return { type: 'json_schema', structure: { jsonSchema } };
}

function topKFields(topK: number | undefined, { family }: ConverseOptions): JsonObject {
  if (topK === undefined) return {};
  if (family === 'nova') return { inferenceConfig: { topK } };
  return family === 'cohere' ? { k: topK } : { top_k: topK };
}

const TIERS: Readonly<Record<string, string>> = { standard: 'default', standard_only: 'default', scale: 'reserved' };

function serviceTier(wished: string | undefined, { serviceTier: own }: ConverseOptions): JsonObject | undefined {
  const tier = wished === undefined || wished === 'auto' ? own : wished;
  return tier === undefined ? undefined : { type: TIERS[tier] ?? tier };
}

function guardrailConfig({ guardrail }: ConverseOptions, isStream: boolean): JsonObject | undefined {
  if (guardrail === undefined) return undefined;
  const { id, version, trace, streamMode } = guardrail;
  const streamProcessingMode = isStream ? streamMode : undefined;
  return filled({ guardrailIdentifier: id, guardrailVersion: version, trace, streamProcessingMode });
}

/** What Converse and the count of its tokens have in common. */
export function encodeConversation(request: ChatRequest, { family }: ConverseOptions): JsonObject {
  const { messages, parameters } = request;
  const points = new CachePoints(request, family !== 'nova');
  const tools = toolConfig(parameters, points);
  const system = [...encodeSystem(messages, points)];
  if (parameters.responseFormat?.kind === 'json') system.push({ text: JSON_WISH });
  const encoding = {
    points,
    names: new DocumentNames(),
    hasTools: tools !== undefined,
    needsSignature: family === 'anthropic',
  };
  return {
    ...(system.length > 0 && { system }),
    messages: encodeMessages(messages, encoding),
    ...(tools !== undefined && { toolConfig: tools }),
  };
}

export function encodeRequest(request: ChatRequest, options: ConverseOptions): JsonObject {
  const { parameters } = request;
  const { additional, effort } = reasoningFields(request, options.family);
  const told = filled({
    ...encodeConversation(request, options),
    inferenceConfig: inferenceConfig(parameters),
    outputConfig: filled({ textFormat: textFormat(parameters.responseFormat), effort }),
    additionalModelRequestFields: filled({ ...topKFields(parameters.topK, options), ...additional }),
    // Which of the sequences it was is told on request only.
    additionalModelResponseFieldPaths:
      options.family === 'anthropic' && parameters.stop !== undefined ? ['/stop_sequence'] : undefined,
    requestMetadata: parameters.metadata === undefined ? undefined : filled(parameters.metadata),
    performanceConfig: options.latency === undefined ? undefined : { latency: options.latency },
    serviceTier: serviceTier(parameters.serviceTier, options),
    guardrailConfig: guardrailConfig(options, request.stream),
  });
  return told ?? {};
}
