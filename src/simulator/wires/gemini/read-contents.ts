// Reads Google's request: what was said and what it counts.
import { readMaxTokens, readStop } from '../../compose-text.ts';
import { type Conversation, mediaOf, type ToolWish } from '../../conversation.ts';
import type { Faults } from '../../faults.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { countTokens } from '../../tokens.ts';
import { partsOf } from './check-contents.ts';
import { toJsonSchema } from './openapi-schema.ts';

export function readConversation(body: JsonObject, faults: Faults): Conversation {
  const contents = contentsOf(body);
  const at = contents.findLastIndex((content) => content.role !== 'model' && partsOf(content).some(isOwnWord));
  const parts = partsOf(contents[at]);
  const config = isObject(body.generationConfig) ? body.generationConfig : {};
  const { includeThoughts } = isObject(config.thinkingConfig) ? config.thinkingConfig : {};
  const calling = isObject(body.toolConfig) ? body.toolConfig.functionCallingConfig : undefined;
  return {
    heard: textIn(parts),
    media: parts.flatMap(mediaIn),
    toolResults: contents.slice(Math.max(at, 0)).flatMap(partsOf).flatMap(resultIn),
    tools: allowedOf(toolsOf(body), calling),
    toolWish: toolWishOf(calling),
    allowsParallel: true,
    format: formatOf(config),
    thinks: includeThoughts === true,
    limits: {
      maxTokens: readMaxTokens(config.maxOutputTokens),
      stop: readStop(config.stopSequences),
      bytes: faults.bytes,
    },
  };
}

function contentsOf({ contents }: JsonObject): readonly JsonObject[] {
  return Array.isArray(contents) ? (contents as readonly unknown[]).filter(isObject) : [];
}

function isOwnWord(part: JsonObject): boolean {
  return part.functionResponse === undefined;
}

function textIn(parts: readonly JsonObject[]): string {
  return parts
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .filter((text) => text !== '')
    .join(' ');
}

function mediaIn({ inlineData, fileData }: JsonObject): readonly string[] {
  if (isObject(inlineData)) return [mediaOf(String(inlineData.mimeType), String(inlineData.data))];
  return isObject(fileData) ? [String(fileData.fileUri)] : [];
}

/** Text in the members that Google names for it; anything else as JSON. */
function resultIn({ functionResponse }: JsonObject): readonly string[] {
  if (!isObject(functionResponse)) return [];
  const { response } = functionResponse;
  const told = isObject(response) ? (response.output ?? response.result) : undefined;
  return [typeof told === 'string' ? told : JSON.stringify(response)];
}

function toolsOf({ tools }: JsonObject): Conversation['tools'] {
  const holders = Array.isArray(tools) ? (tools as readonly unknown[]).filter(isObject) : [];
  return holders
    .flatMap(({ functionDeclarations }) =>
      Array.isArray(functionDeclarations) ? (functionDeclarations as readonly unknown[]) : [],
    )
    .filter(isObject)
    .map(({ name, parameters, parametersJsonSchema }) => {
      return { name: String(name), parameters: parametersJsonSchema ?? toJsonSchema(parameters) };
    });
}

function allowedOf(tools: Conversation['tools'], calling: unknown): Conversation['tools'] {
  const names = isObject(calling) ? calling.allowedFunctionNames : undefined;
  return Array.isArray(names) && names.length > 0 ? tools.filter(({ name }) => names.includes(name)) : tools;
}

function toolWishOf(calling: unknown): ToolWish {
  const mode = isObject(calling) ? calling.mode : undefined;
  if (mode === 'NONE') return 'none';
  return mode === 'ANY' ? 'any' : 'auto';
}

function formatOf({ responseMimeType, responseSchema, responseJsonSchema }: JsonObject): Conversation['format'] {
  if (responseMimeType !== 'application/json') return undefined;
  const schema = responseJsonSchema ?? toJsonSchema(responseSchema);
  return schema === undefined ? { type: 'json_object' } : { type: 'json_schema', schema };
}

/** Every content counts for itself, the system instruction too. */
export function promptTokens(body: JsonObject): number {
  return [body.systemInstruction, ...contentsOf(body)]
    .map((content) => textIn(partsOf(content)))
    .filter((text) => text !== '')
    .reduce((sum, text) => sum + countTokens(text), 0);
}
