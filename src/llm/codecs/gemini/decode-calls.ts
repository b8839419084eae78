// Function calls and their results in a client's contents. Google's API needs no ids: where they are missing they are made of the
// place, the same each time, and results find their calls by name and order.
import type { JsonObject, JsonValue } from '../../json-value.ts';
import { isJsonObject } from '../../json-value.ts';
import type { ToolCallPart, ToolResultContent, ToolResultPart } from '../../message.ts';
import { decodeFileData, decodeInlineData, type MediaPart } from './decode-media.ts';
import { memberOf, type Reading } from './reading.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
}

/** The calls of one conversation that no result has answered yet. */
export class OpenCalls {
  private readonly open: OpenCall[] = [];

  add(call: OpenCall): void {
    this.open.push(call);
  }

  /** The call answered: by id where one is given, else the oldest of that name. */
  take(id: string | undefined, name: string | undefined): OpenCall | undefined {
    const at = this.open.findIndex((call) => (id === undefined || id === '' ? call.name === name : call.id === id));
    return at === -1 ? undefined : this.open.splice(at, 1)[0];
  }
}

/** What a part is read with. */
export interface PartPlace {
  readonly reading: Reading;
  readonly calls: OpenCalls;
  /** `contents[2].parts[0]`. */
  readonly param: string;
  /** Made of the place, for a call without an id. */
  readonly madeId: string;
}

export function decodeFunctionCall(
  value: JsonObject,
  signature: string | undefined,
  place: PartPlace,
): ToolCallPart | undefined {
  const { reading, calls, madeId } = place;
  const param = `${place.param}.functionCall`;
  const name = reading.text(memberOf(value, 'name'), `${param}.name`);
  const given = reading.text(memberOf(value, 'id'), `${param}.id`);
  const callArguments = reading.object(memberOf(value, 'args'), `${param}.args`);
  if (name === undefined || name === '') return reading.fail(`${param}.name`, 'must be the name of a function');
  const id = given === undefined || given === '' ? madeId : given;
  calls.add({ id, name });
  const call: ToolCallPart = { type: 'tool-call', id, name, arguments: JSON.stringify(callArguments ?? {}) };
  return signature === undefined ? call : { ...call, signature };
}

/**
 * `output` and `error` are Google's words for what a function gave and how it failed; a response without them is the output as a
 * whole.
 */
function readResponse(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const names = Object.keys(response).filter((name) => response[name] !== undefined);
  const [only] = names;
  if (names.length !== 1 || (only !== 'output' && only !== 'error'))
    return { text: JSON.stringify(response), isError: false };
  const value: JsonValue = response[only] ?? null;
  return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: only === 'error' };
}

function resultMedia(value: JsonObject, param: string, reading: Reading): readonly ToolResultContent[] {
  const parts = reading.objects(memberOf(value, 'parts'), `${param}.parts`);
  const media = parts.map((part, at): MediaPart | undefined => {
    const place = `${param}.parts[${at}]`;
    const inline = memberOf(part, 'inlineData');
    const file = memberOf(part, 'fileData');
    if (isJsonObject(inline)) return decodeInlineData(inline, `${place}.inlineData`, reading);
    if (isJsonObject(file)) return decodeFileData(file, `${place}.fileData`, reading);
    return reading.fail(place, 'must hold inlineData or fileData');
  });
  const content: ToolResultContent[] = [];
  for (const [at, part] of media.entries()) {
    if (part?.type === 'audio') content.push({ type: 'file', source: part.source, name: `audio-${at}` });
    else if (part !== undefined) content.push(part);
  }
  return content;
}

export function decodeFunctionResponse(value: JsonObject, place: PartPlace): ToolResultPart | undefined {
  const { reading, calls } = place;
  const param = `${place.param}.functionResponse`;
  const name = reading.text(memberOf(value, 'name'), `${param}.name`);
  const id = reading.text(memberOf(value, 'id'), `${param}.id`);
  const response = reading.object(memberOf(value, 'response'), `${param}.response`);
  const media = resultMedia(value, param, reading);
  const call = calls.take(id, name);
  if (call === undefined) return reading.fail(param, 'answers no functionCall before it');
  const { text, isError } = response === undefined ? { text: '', isError: false } : readResponse(response);
  return {
    type: 'tool-result',
    callId: call.id,
    name: call.name,
    content: [{ type: 'text', text }, ...media],
    isError,
  };
}
