// What Anthropic refuses in a conversation, so that a gateway which translates badly is found out here and not at the provider.
import { signatureOf } from '../../conversation.ts';
import { isObject, type JsonObject } from '../../json.ts';

const MAX_MARKS = 4;

/** Content blocks of a message; a plain string is one text block. */
export function blocksOf(content: unknown): readonly JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? (content as readonly unknown[]).filter(isObject) : [];
}

/** The first thing wrong with the request, or undefined. */
export function wrongWithMessages(body: JsonObject): string | undefined {
  const { messages } = body;
  if (!Array.isArray(messages)) return 'messages: Field required';
  if (messages.length === 0) return 'messages: at least one message is required';
  const marks = JSON.stringify(body).match(/"cache_control":\{/g)?.length ?? 0;
  if (marks > MAX_MARKS) return `A maximum of ${MAX_MARKS} blocks with cache_control may be provided. Found ${marks}.`;
  let open: readonly unknown[] = [];
  for (const [index, message] of (messages as readonly unknown[]).entries()) {
    const wrong = wrongWithMessage(message, index, open);
    if (wrong !== undefined) return wrong;
    const calls = blocksOf((message as JsonObject).content).filter(({ type }) => type === 'tool_use');
    open = calls.map(({ id }) => id);
  }
  return open.length === 0 ? undefined : `messages.${messages.length - 1}: ${NO_RESULT}`;
}

const NO_RESULT = '`tool_use` ids were found without `tool_result` blocks immediately after';

function wrongWithMessage(message: unknown, index: number, open: readonly unknown[]): string | undefined {
  const at = `messages.${index}`;
  if (!isObject(message)) return `${at}: Input should be an object`;
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant') return `${at}.role: Input should be 'user' or 'assistant'`;
  if (index === 0 && role !== 'user') return `${at}: first message must use the "user" role`;
  if (typeof content !== 'string' && !Array.isArray(content)) return `${at}.content: Field required`;
  const blocks = blocksOf(content);
  const results = blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id);
  const missing = open.find((id) => !results.includes(id));
  if (missing !== undefined) return `${at}: ${NO_RESULT}: ${String(missing)}`;
  const stray = results.find((id) => !open.includes(id));
  if (stray !== undefined) return `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(stray)}`;
  return wrongWithBlocks(blocks, at);
}

function wrongWithBlocks(blocks: readonly JsonObject[], at: string): string | undefined {
  for (const [index, block] of blocks.entries()) {
    const place = `${at}.content.${index}`;
    if (typeof block.type !== 'string') return `${place}.type: Field required`;
    if (block.type === 'text' && (typeof block.text !== 'string' || block.text === ''))
      return `${at}: text content blocks must be non-empty`;
    if (block.type === 'tool_use' && !isObject(block.input))
      return `${place}.tool_use.input: Input should be an object`;
    if (block.type === 'thinking' && block.signature !== signatureOf(String(block.thinking)))
      return `${place}: Invalid \`signature\` in \`thinking\` block`;
  }
  return undefined;
}
