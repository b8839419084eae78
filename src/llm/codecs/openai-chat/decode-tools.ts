// Tools and the choice among them as clients write them, the `functions` of old included → canonical.
import { type BodyReader, placeOf } from '../../body-reader.ts';
import type { JsonObject } from '../../json-value.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../request.ts';
import { cacheMarkOf } from './decode-content.ts';

export interface DecodedTools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

export function decodeTools(body: JsonObject, reader: BodyReader): DecodedTools {
  const parallel = reader.flag(body, 'parallel_tool_calls');
  const tools = [...currentTools(body, reader), ...legacyTools(body, reader)];
  if (tools.length === 0) return parallel === undefined ? {} : { parallelToolCalls: parallel };
  const choice = decodeChoice(body, reader);
  const allowed = choice?.allowed;
  // A function that is named must be there, whichever list it stands in; `allowed_tools` takes the others away for this turn.
  const offered = allowed === undefined ? tools : tools.filter((tool) => allowed.has(toolName(tool)));
  const isLegacy = usesLegacyFunctions(body);
  const mayBeParallel = isLegacy ? false : parallel;
  return {
    tools: offered,
    ...(choice !== undefined && { toolChoice: choice.toolChoice }),
    ...(mayBeParallel !== undefined && { parallelToolCalls: mayBeParallel }),
  };
}

/** Whether the answer must call functions as they were called of old: one at a time. */
export function usesLegacyFunctions(body: JsonObject): boolean {
  const hasFunctions = Array.isArray(body.functions) && body.functions.length > 0;
  return hasFunctions && !(Array.isArray(body.tools) && body.tools.length > 0);
}

function currentTools(body: JsonObject, reader: BodyReader): readonly Tool[] {
  return (reader.objects(body, 'tools') ?? []).map((tool, index) => {
    const at = `tools[${index}]`;
    if (tool.type !== 'function' && tool.type !== undefined)
      return { kind: 'provider', wire: 'openai-chat', raw: tool };
    const cache = cacheMarkOf(tool, at, reader);
    const decoded = decodeFunction(reader.object(tool, 'function', at) ?? {}, `${at}.function`, reader);
    return cache === undefined ? decoded : { ...decoded, cache };
  });
}

function legacyTools(body: JsonObject, reader: BodyReader): readonly Tool[] {
  return (reader.objects(body, 'functions') ?? []).map((each, index) =>
    decodeFunction(each, `functions[${index}]`, reader),
  );
}

function decodeFunction(from: JsonObject, at: string, reader: BodyReader): FunctionTool {
  const description = reader.text(from, 'description', at);
  const parameters = reader.object(from, 'parameters', at);
  const strict = reader.flag(from, 'strict', at);
  return {
    kind: 'function',
    name: reader.requiredText(from, 'name', at),
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(strict !== undefined && { strict }),
  };
}

/** Name of a function, or of a custom tool; other tools have none. */
export function toolName(tool: Tool): string {
  if (tool.kind === 'function') return tool.name;
  const { custom } = tool.raw;
  const name = typeof custom === 'object' && custom !== null && 'name' in custom ? custom.name : undefined;
  return typeof name === 'string' ? name : '';
}

interface DecodedChoice {
  readonly toolChoice: ToolChoice;
  readonly allowed?: ReadonlySet<string>;
}

function decodeChoice(body: JsonObject, reader: BodyReader): DecodedChoice | undefined {
  const key = body.tool_choice === undefined || body.tool_choice === null ? 'function_call' : 'tool_choice';
  const value = body[key];
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { toolChoice: { kind: value } };
  if (value === 'any') return { toolChoice: { kind: 'required' } }; // Mistral's word
  if (typeof value === 'string') return reader.refuse(key, `"${key}" must be none, auto, required or name a function`);
  const choice = reader.object(body, key) ?? {};
  if (key === 'function_call') return { toolChoice: { kind: 'tool', name: reader.requiredText(choice, 'name', key) } };
  if (choice.type === 'allowed_tools') return allowedTools(choice, reader);
  const kind = choice.type === 'custom' ? 'custom' : 'function';
  const named = reader.object(choice, kind, key) ?? {};
  return { toolChoice: { kind: 'tool', name: reader.requiredText(named, 'name', placeOf(key, kind)) } };
}

function allowedTools(choice: JsonObject, reader: BodyReader): DecodedChoice {
  const at = 'tool_choice.allowed_tools';
  const list = reader.object(choice, 'allowed_tools', 'tool_choice') ?? {};
  const allowed = new Set<string>();
  for (const [index, tool] of (reader.objects(list, 'tools', at) ?? []).entries()) {
    const kind = tool.type === 'custom' ? 'custom' : 'function';
    const named = reader.object(tool, kind, `${at}.tools[${index}]`) ?? {};
    allowed.add(reader.requiredText(named, 'name', `${at}.tools[${index}].${kind}`));
  }
  return { toolChoice: { kind: list.mode === 'required' ? 'required' : 'auto' }, allowed };
}
