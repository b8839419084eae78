// Reads Bedrock's Converse request: what was said, what it counts, up to where it is marked for the cache.
import { readMaxTokens, readStop } from '../../compose-text.ts';
import { type Conversation, mediaOf, type ToolWish } from '../../conversation.ts';
import type { Faults } from '../../faults.ts';
import { isObject, type JsonObject, textOf } from '../../json.ts';
import { blocksOf } from './check-converse.ts';

export function readConversation(body: JsonObject, faults: Faults): Conversation {
  const messages = blocksOf(body.messages);
  const at = messages.findLastIndex(({ role, content }) => role === 'user' && blocksOf(content).some(isOwnWord));
  const blocks = blocksOf(messages[at]?.content);
  const config = isObject(body.toolConfig) ? body.toolConfig : {};
  const { maxTokens, stopSequences } = isObject(body.inferenceConfig) ? body.inferenceConfig : {};
  return {
    heard: textOf(blocks),
    media: blocks.flatMap(mediaIn),
    toolResults: messages.slice(Math.max(at, 0)).flatMap(({ content }) => blocksOf(content).flatMap(resultIn)),
    tools: toolsOf(config),
    toolWish: toolWishOf(config),
    allowsParallel: true,
    format: formatOf(body),
    thinks: thinks(body.additionalModelRequestFields),
    limits: { maxTokens: readMaxTokens(maxTokens), stop: readStop(stopSequences), bytes: faults.bytes },
  };
}

/** Results and marks ask nothing new. */
function isOwnWord(block: JsonObject): boolean {
  return block.toolResult === undefined && block.cachePoint === undefined;
}

function mediaIn({ image, document, video }: JsonObject): readonly string[] {
  for (const [kind, block] of Object.entries({ image, document, video })) {
    if (!isObject(block)) continue;
    const { bytes, s3Location } = isObject(block.source) ? block.source : {};
    const type = kind === 'document' ? documentType(block.format) : `${kind}/${String(block.format)}`;
    if (typeof bytes === 'string') return [mediaOf(type, bytes)];
    return [isObject(s3Location) ? String(s3Location.uri) : type];
  }
  return [];
}

function documentType(format: unknown): string {
  return format === 'txt' ? 'text/plain' : `application/${String(format)}`;
}

function resultIn({ toolResult }: JsonObject): readonly string[] {
  if (!isObject(toolResult)) return [];
  const told = blocksOf(toolResult.content).map(({ text, json }) =>
    typeof text === 'string' ? text : JSON.stringify(json),
  );
  return [told.join(' ') + (toolResult.status === 'error' ? ' (an error)' : '')];
}

function toolsOf({ tools }: JsonObject): Conversation['tools'] {
  return blocksOf(tools)
    .map(({ toolSpec }) => toolSpec)
    .filter(isObject)
    .map(({ name, inputSchema }) => ({
      name: String(name),
      parameters: isObject(inputSchema) ? inputSchema.json : undefined,
    }));
}

function toolWishOf({ toolChoice }: JsonObject): ToolWish {
  if (!isObject(toolChoice)) return 'auto';
  if (isObject(toolChoice.tool) && typeof toolChoice.tool.name === 'string') return { name: toolChoice.tool.name };
  return toolChoice.any === undefined ? 'auto' : 'any';
}

/** `outputConfig.textFormat`, whose schema is JSON text. */
function formatOf({ outputConfig }: JsonObject): Conversation['format'] {
  const format = isObject(outputConfig) ? outputConfig.textFormat : undefined;
  const structure = isObject(format) ? format.structure : undefined;
  const definition = isObject(structure) ? structure.jsonSchema : undefined;
  if (!isObject(definition) || typeof definition.schema !== 'string') return undefined;
  return { type: 'json_schema', schema: JSON.parse(definition.schema) };
}

function thinks(fields: unknown): boolean {
  const config = isObject(fields) ? (fields.thinking ?? fields.reasoning_config) : undefined;
  return isObject(config) && (config.type === 'enabled' || config.type === 'adaptive');
}

export interface PromptTexts {
  readonly all: readonly string[];
  /** Those before the last cache point. */
  readonly marked: readonly string[];
}

/** In the order in which a prompt is cached: tools, system, messages. */
export function promptTexts(body: JsonObject): PromptTexts {
  const { tools } = isObject(body.toolConfig) ? body.toolConfig : {};
  const blocks = [
    blocksOf(tools),
    blocksOf(body.system),
    ...blocksOf(body.messages).map(({ content }) => blocksOf(content)),
  ].flat();
  const lastMark = blocks.findLastIndex(({ cachePoint }) => cachePoint !== undefined);
  const textsOf = (of: readonly JsonObject[]): readonly string[] => of.map(countedText).filter((text) => text !== '');
  return { all: textsOf(blocks), marked: textsOf(blocks.slice(0, Math.max(lastMark, 0))) };
}

function countedText({ text, toolSpec, toolUse, toolResult }: JsonObject): string {
  if (typeof text === 'string') return text;
  if (isObject(toolSpec)) return JSON.stringify([toolSpec.name, toolSpec.inputSchema]);
  if (isObject(toolUse)) return JSON.stringify(toolUse.input);
  return isObject(toolResult) ? textOf(toolResult.content) : '';
}
