// What Bedrock refuses in a conversation, so that a gateway which translates badly is found out here and not at the provider.
import { signatureOf } from '../../conversation.ts';
import { isObject, type JsonObject } from '../../json.ts';

const MAX_MARKS = 4;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const FORMATS: ReadonlySet<unknown> = new Set(['png', 'jpeg', 'gif', 'webp']);

export function blocksOf(content: unknown): readonly JsonObject[] {
  return Array.isArray(content) ? (content as readonly unknown[]).filter(isObject) : [];
}

/** The first thing wrong with the request, or undefined. */
export function wrongWithConverse(body: JsonObject): string | undefined {
  const { messages, system, toolConfig } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    return 'The messages field must hold at least one message.';
  }
  if (system !== undefined && !Array.isArray(system)) return 'Expected a list at system.';
  const marks = JSON.stringify(body).match(/"cachePoint":\{/g)?.length ?? 0;
  if (marks > MAX_MARKS) return `You can have at most ${MAX_MARKS} cache points. Found ${marks}.`;
  return wrongWithTools(toolConfig) ?? wrongWithMessages(messages, toolConfig !== undefined);
}

function wrongWithTools(toolConfig: unknown): string | undefined {
  if (toolConfig === undefined) return undefined;
  const tools = isObject(toolConfig) ? toolConfig.tools : undefined;
  if (!Array.isArray(tools) || tools.length === 0) return 'toolConfig.tools must hold at least one tool.';
  for (const [index, { toolSpec }] of blocksOf(tools).entries()) {
    if (toolSpec === undefined) continue;
    const { name, inputSchema } = isObject(toolSpec) ? toolSpec : {};
    const place = `toolConfig.tools.${index}.member.toolSpec`;
    if (typeof name !== 'string' || !NAME.test(name))
      return `Value at '${place}.name' failed to satisfy: [a-zA-Z0-9_-]+`;
    const json = isObject(inputSchema) ? inputSchema.json : undefined;
    if (!isObject(json) || json.type !== 'object') return `The value at ${place}.inputSchema.json.type must be object.`;
  }
  return undefined;
}

function wrongWithMessages(messages: readonly unknown[], hasTools: boolean): string | undefined {
  let open: readonly unknown[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `Expected an object at messages.${index}.`;
    const wanted = index % 2 === 0 ? 'user' : 'assistant';
    if (message.role !== wanted) {
      return index === 0
        ? 'A conversation must start with a user message. Try again with a conversation that starts with a user message.'
        : 'A conversation must alternate between user and assistant roles.';
    }
    const blocks = blocksOf(message.content);
    if (blocks.length === 0) return `The content field in the Message object at messages.${index} is empty.`;
    const wrong = wrongWithBlocks(blocks, index) ?? wrongWithResults(blocks, open, index);
    if (wrong !== undefined) return wrong;
    const calls = blocks.map(({ toolUse }) => toolUse).filter(isObject);
    open = calls.map(({ toolUseId }) => toolUseId);
    const usesTools = calls.length > 0 || blocks.some(({ toolResult }) => toolResult !== undefined);
    if (usesTools && !hasTools)
      return 'The toolConfig field must be defined when using toolUse and toolResult content blocks.';
  }
  return open.length === 0 ? undefined : 'A conversation must not end with a toolUse block.';
}

function wrongWithResults(blocks: readonly JsonObject[], open: readonly unknown[], index: number): string | undefined {
  const ids = blocks
    .map(({ toolResult }) => toolResult)
    .filter(isObject)
    .map(({ toolUseId }) => toolUseId);
  if (open.some((id) => !ids.includes(id)))
    return `Expected toolResult blocks at messages.${index}.content for the following Ids: ${open.join(', ')}`;
  if (ids.some((id) => !open.includes(id)))
    return `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`;
  return undefined;
}

function wrongWithBlocks(blocks: readonly JsonObject[], index: number): string | undefined {
  for (const [at, block] of blocks.entries()) {
    const place = `messages.${index}.content.${at}`;
    const kinds = Object.keys(block);
    if (kinds.length !== 1) return `The ContentBlock object at ${place} must set one key.`;
    const { text, toolUse, image, reasoningContent } = block;
    if (text !== undefined && (typeof text !== 'string' || text.trim() === ''))
      return `The text field in the ContentBlock object at ${place} is blank. Add text to the text field, and try again.`;
    if (isObject(toolUse) && !(isObject(toolUse.input) && NAME.test(String(toolUse.toolUseId))))
      return `The toolUse block at ${place} is not valid.`;
    if (isObject(image) && !FORMATS.has(image.format)) return `The image format at ${place} is not supported.`;
    const thought = isObject(reasoningContent) ? reasoningContent.reasoningText : undefined;
    if (isObject(thought) && thought.signature !== signatureOf(String(thought.text)))
      return `Invalid signature in the reasoningContent block at ${place}.`;
  }
  return undefined;
}
