// The canonical request → a body of `generateContent`. Model and stream wish stand in the path, and usage is always told.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import type { ChatParameters, ChatRequest, Tool, ToolChoice } from '../../request.ts';
import { encodeConfig } from './encode-config.ts';
import { encodeContents, encodeSystem } from './encode-contents.ts';
import { schemaToGemini } from './schema.ts';

function encodeTools(tools: readonly Tool[], webSearch: JsonObject | undefined): readonly JsonObject[] {
  const declarations = tools.flatMap((tool): readonly JsonObject[] => {
    if (tool.kind !== 'function') return [];
    const { name, description, parameters } = tool;
    return [
      {
        name,
        ...(description === undefined ? {} : { description }),
        ...(parameters === undefined ? {} : { parametersJsonSchema: schemaToGemini(parameters) }),
      },
    ];
  });
  const own = tools.flatMap((tool) => (tool.kind === 'provider' && tool.wire === 'gemini' ? [tool.raw] : []));
  return [
    ...(declarations.length === 0 ? [] : [{ functionDeclarations: declarations }]),
    ...own,
    ...(webSearch === undefined ? [] : [{ googleSearch: {} }]),
  ];
}

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' } as const;

function encodeChoice(choice: ToolChoice): JsonObject {
  const allowed = choice.kind === 'tool' ? { allowedFunctionNames: [choice.name] } : {};
  return { functionCallingConfig: { mode: MODES[choice.kind], ...allowed } };
}

export const TIERS: Readonly<Record<string, string>> = {
  flex: 'flex',
  priority: 'priority',
  standard: 'standard',
  default: 'standard',
};

function encodeSettings(parameters: ChatParameters): JsonObject {
  const { safetySettings, cachedContent, serviceTier } = parameters;
  const tier = serviceTier !== undefined && Object.hasOwn(TIERS, serviceTier) ? TIERS[serviceTier] : undefined;
  return {
    ...(safetySettings === undefined ? {} : { safetySettings }),
    ...(cachedContent === undefined ? {} : { cachedContent }),
    ...(tier === undefined ? {} : { serviceTier: tier }),
  };
}

export function encodeGeminiRequest(request: ChatRequest): JsonObject {
  const { messages, model, parameters } = request;
  const system = encodeSystem(messages);
  const tools = encodeTools(parameters.tools ?? [], parameters.webSearch);
  const config = encodeConfig(parameters, model);
  const body: Record<string, JsonValue | undefined> = { contents: encodeContents(messages, model) };
  if (system !== undefined) body.systemInstruction = system;
  if (tools.length > 0) body.tools = tools;
  if (parameters.toolChoice !== undefined) body.toolConfig = encodeChoice(parameters.toolChoice);
  if (config !== undefined) body.generationConfig = config;
  return { ...(request.wire === 'gemini' ? topLevel(request.rest) : {}), ...body, ...encodeSettings(parameters) };
}

/** Leftovers with a dot or a bracket in their names are places, not members. */
function topLevel(rest: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(rest).filter(([name]) => /^\w+$/.test(name)));
}
