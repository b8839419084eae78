// Which tools a request offers and how it wants them used: the chat and the Responses shapes of the same wish.
import type { OfferedTool, ToolWish } from './conversation.ts';
import { isObject } from './json.ts';

/** Chat nests a function under `function`, Responses does not. Tools that are no functions are never called. */
export function readTools(value: unknown): readonly OfferedTool[] {
  const tools = Array.isArray(value) ? (value as readonly unknown[]) : [];
  return tools
    .map((tool) => (isObject(tool) && isObject(tool.function) ? tool.function : tool))
    .filter(isObject)
    .filter(({ name }) => typeof name === 'string')
    .map(({ name, parameters }) => ({ name: name as string, parameters }));
}

export function readToolWish(choice: unknown): ToolWish {
  if (choice === 'none') return 'none';
  if (choice === 'required') return 'any';
  if (!isObject(choice)) return 'auto';
  const holder = isObject(choice.function) ? choice.function : choice;
  return typeof holder.name === 'string' ? { name: holder.name } : 'auto';
}
