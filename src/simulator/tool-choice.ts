// Whether a request makes the model call a tool, and the call itself: the chat and the Responses shapes of the same wish.
import { isObject, type JsonObject } from './json.ts';
import { sampleOf } from './json-sample.ts';

export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** The request named this one tool; OpenAI's chat then finishes with `stop`, not `tool_calls`. */
  readonly named: boolean;
}

/**
 * `required` calls the first function, a named one that one; `auto` and `none` give text, so that answers stay predictable.
 * Chat nests a tool under `function`, Responses does not.
 */
export function chooseTool(body: JsonObject, words: string): ToolCall | undefined {
  const tools = Array.isArray(body.tools) ? (body.tools as readonly unknown[]) : [];
  const functions = tools
    .map((tool) => (isObject(tool) && isObject(tool.function) ? tool.function : tool))
    .filter(isObject);
  const choice = body.tool_choice;
  const wanted = wantedName(choice);
  if (choice !== 'required' && wanted === undefined) return undefined;
  const found = functions.find(({ name }) => typeof name === 'string' && (wanted === undefined || name === wanted));
  if (found === undefined) return undefined;
  const parameters = isObject(found.parameters) ? found.parameters : { type: 'object' };
  const value = sampleOf(parameters, words);
  return {
    name: found.name as string,
    arguments: JSON.stringify(isObject(value) ? value : {}),
    named: wanted !== undefined,
  };
}

function wantedName(choice: unknown): string | undefined {
  if (!isObject(choice)) return undefined;
  const holder = isObject(choice.function) ? choice.function : choice;
  return typeof holder.name === 'string' ? holder.name : undefined;
}
