// Reads a failure that came inside an answer of status 200, in the shapes servers use: OpenAI, OpenRouter, vLLM, plain text.
import { JsonMembers } from './json-members.ts';
import { QUOTE } from './json-scan.ts';
import { decodeText, latin1Of } from './json-text.ts';
import type { StreamFacts } from './stream-facts.ts';

const CODE = Buffer.from('code');
const TYPE = Buffer.from('type');
const MESSAGE = Buffer.from('message');
/** Longest code or message decoded; longer ones are cut anyway. */
const MAX_SCALAR_BYTES = 8 * 1024;

const members = new JsonMembers();

function scalarText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_SCALAR_BYTES) return '';
  if (bytes[start] === QUOTE) return decodeText(bytes, start, end);
  const isNumber = bytes[start] >= 48 && bytes[start] <= 57;
  return isNumber ? latin1Of(bytes, start, end) : '';
}

/** Notes the valid JSON value `bytes[start, end)` as a failure: `{"message", "type", "code"}` or a text. Null is none. */
export function noteInBandError(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  if (bytes[start] === 110) return; // null
  if (bytes[start] === QUOTE) {
    facts.noteError('', scalarText(bytes, start, end));
    return;
  }
  let code = '';
  let type = '';
  let message = '';
  if (members.open(bytes, start, end)) {
    while (members.next(bytes)) {
      if (members.isNamed(bytes, CODE)) code = scalarText(bytes, members.valueStart, members.valueEnd);
      else if (members.isNamed(bytes, TYPE)) type = scalarText(bytes, members.valueStart, members.valueEnd);
      else if (members.isNamed(bytes, MESSAGE)) message = scalarText(bytes, members.valueStart, members.valueEnd);
    }
  }
  facts.noteError(code === '' ? type : code, message);
}
