// The tools of a client and how they are to be used.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import { isJsonObject } from '../../json-value.ts';
import type { FunctionTool, Tool, ToolChoice } from '../../request.ts';
import { memberOf, otherMembers, type Reading } from './reading.ts';
import { schemaFromGemini } from './schema.ts';

const DECLARATION_NAMES = ['name', 'description', 'parameters', 'parametersJsonSchema'];

function decodeDeclaration(declaration: JsonObject, param: string, reading: Reading): FunctionTool {
  const name = reading.text(memberOf(declaration, 'name'), `${param}.name`);
  if (name === undefined || name === '') reading.fail(`${param}.name`, 'must be the name of a function');
  const description = reading.text(memberOf(declaration, 'description'), `${param}.description`);
  const schema = reading.object(memberOf(declaration, 'parametersJsonSchema'), `${param}.parametersJsonSchema`);
  const subset = reading.object(memberOf(declaration, 'parameters'), `${param}.parameters`);
  const parameters = schema ?? (subset === undefined ? undefined : schemaFromGemini(subset));
  reading.leave('tools[].functionDeclarations[].', otherMembers(declaration, DECLARATION_NAMES));
  return {
    kind: 'function',
    name: name ?? '',
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** Undefined = the client named no tools. A member of a tool that declares no functions is a tool Google runs. */
export function decodeTools(value: JsonValue | undefined, reading: Reading): readonly Tool[] | undefined {
  const entries = reading.objects(value, 'tools');
  const tools = entries.flatMap((entry, at): readonly Tool[] => {
    const param = `tools[${at}].functionDeclarations`;
    const declared = reading
      .objects(memberOf(entry, 'functionDeclarations'), param)
      .map((declaration, place) => decodeDeclaration(declaration, `${param}[${place}]`, reading));
    const own = otherMembers(entry, ['functionDeclarations']);
    return [
      ...declared,
      ...own.map(([name, raw]): Tool => ({ kind: 'provider', wire: 'gemini', raw: { [name]: raw } })),
    ];
  });
  return tools.length === 0 ? undefined : tools;
}

/** How tools are to be used, and which of them. */
export interface ToolUse {
  readonly choice: ToolChoice | undefined;
  /** Undefined = all. */
  readonly allowed: readonly string[] | undefined;
}

const UNTOLD: ToolUse = { choice: undefined, allowed: undefined };

function calledFor(allowed: readonly string[]): ToolUse {
  if (allowed.length === 0) return { choice: { kind: 'required' }, allowed: undefined };
  const [name] = allowed;
  return allowed.length === 1
    ? { choice: { kind: 'tool', name }, allowed: undefined }
    : { choice: { kind: 'required' }, allowed };
}

export function decodeToolConfig(value: JsonValue | undefined, reading: Reading): ToolUse {
  const config = reading.object(value, 'toolConfig');
  if (config === undefined) return UNTOLD;
  reading.leave('toolConfig.', otherMembers(config, ['functionCallingConfig']));
  const calling = memberOf(config, 'functionCallingConfig');
  if (!isJsonObject(calling)) return UNTOLD;
  const param = 'toolConfig.functionCallingConfig';
  reading.leave(`${param}.`, otherMembers(calling, ['mode', 'allowedFunctionNames']));
  const allowed = reading.texts(memberOf(calling, 'allowedFunctionNames'), `${param}.allowedFunctionNames`) ?? [];
  const mode = reading.text(memberOf(calling, 'mode'), `${param}.mode`);
  if (mode === 'ANY') return calledFor(allowed);
  if (mode === 'NONE') return { choice: { kind: 'none' }, allowed: undefined };
  if (mode === 'AUTO') return { choice: { kind: 'auto' }, allowed: undefined };
  if (mode === 'VALIDATED') {
    // Calls or text, the calls held to their schemas: other wires say the latter tool by tool, with conditions of their own.
    reading.leave(`${param}.`, [['mode', mode]]);
    return { choice: { kind: 'auto' }, allowed: allowed.length === 0 ? undefined : allowed };
  }
  if (mode !== undefined && mode !== 'MODE_UNSPECIFIED')
    reading.fail(`${param}.mode`, 'must be AUTO, ANY, NONE or VALIDATED');
  return UNTOLD;
}
