// Tools of a Responses request and the choice among them. Under decode-parameters.ts.
import type { FunctionTool, Tool, ToolChoice } from '../../request.ts';
import { nameOf, type Place, type Reading } from './reading.ts';

const ONLY_OPENAI = 'a choice of this type can be made only at a provider that speaks this API';

export interface ToolWish {
  readonly tools: readonly Tool[] | undefined;
  readonly choice: ToolChoice | undefined;
}

function functionTool(reading: Reading, place: Place): FunctionTool {
  const description = reading.text(place, 'description');
  const parameters = reading.object(place, 'parameters');
  const strict = reading.flag(place, 'strict');
  reading.leave(place, ['async', 'defer_loading', 'output_schema', 'allowed_callers']);
  return {
    kind: 'function',
    name: reading.requiredText(place, 'name'),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
  };
}

/** Whatever is no function is run by OpenAI, or called in a way that only its models know (`custom`). */
function decodeTool(reading: Reading, place: Place): Tool {
  const type = reading.requiredText(place, 'type');
  if (type === 'function') return functionTool(reading, place);
  return { kind: 'provider', wire: 'openai-responses', raw: place.object };
}

/** Only some of the tools may be called: others are not shown to the model, which comes to the same. */
function allowedTools(reading: Reading, place: Place, tools: readonly Tool[]): ToolWish {
  const mode = reading.oneOf(place, 'mode', ['auto', 'required']) ?? 'auto';
  const names = new Set<string>();
  for (const inner of reading.places(place, 'tools')) {
    if (inner.object.type === 'function') names.add(reading.requiredText(inner, 'name'));
    else reading.refuse(`${inner.at}type`, ONLY_OPENAI);
  }
  const kept = tools.filter((tool) => tool.kind === 'function' && names.has(tool.name));
  if (kept.length === 0) reading.fail(`${place.at}tools`, 'a list that names one of the tools');
  return { tools: kept, choice: { kind: mode } };
}

function decodeChoice(reading: Reading, place: Place, tools: readonly Tool[] | undefined): ToolWish {
  const { type } = place.object;
  if (type === 'allowed_tools') return allowedTools(reading, place, tools ?? []);
  if (type !== 'function') {
    reading.refuse(nameOf(place), ONLY_OPENAI);
    return { tools, choice: undefined };
  }
  return { tools, choice: { kind: 'tool', name: reading.requiredText(place, 'name') } };
}

export function decodeTools(reading: Reading, body: Place): ToolWish {
  const list = reading.places(body, 'tools').map((place) => decodeTool(reading, place));
  const tools = list.length === 0 ? undefined : list;
  const { tool_choice: choice = null } = body.object;
  if (choice === null) return { tools, choice: undefined };
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, choice: { kind: choice } };
  if (typeof choice === 'object') return decodeChoice(reading, reading.place(choice, 'tool_choice'), tools);
  reading.fail('tool_choice', 'auto, none, required or an object');
  return { tools, choice: undefined };
}
