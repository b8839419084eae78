// Ids of stored answers (Responses API): where they stand in requests and answers, and the key each is remembered by.
import { JsonMembers } from '../../llm/json-members.ts';
import { QUOTE, skipSpace } from '../../llm/json-scan.ts';
import { decodeText } from '../../llm/json-text.ts';
import type { ConversationKey } from './conversation-keys.ts';
import { TwoHashes } from './two-hashes.ts';

const RESPONSES = '/responses/';
const PREVIOUS = Buffer.from('previous_response_id');
const ID = Buffer.from('id');
const RESPONSE = Buffer.from('response');
const MAX_ID_BYTES = 512;

const members = new JsonMembers();
const inner = new JsonMembers();
const hashes = new TwoHashes();

export function keyOfResponse(id: string): ConversationKey {
  hashes.reset();
  hashes.addText(id);
  return { first: hashes.first, second: hashes.second };
}

/** `/v1/responses/{id}` and what stands below it. */
export function responseIdOfPath(path: string): string | undefined {
  const at = path.lastIndexOf(RESPONSES);
  if (at === -1) return undefined;
  const rest = path.slice(at + RESPONSES.length);
  const slash = rest.indexOf('/');
  const id = slash === -1 ? rest : rest.slice(0, slash);
  return id === '' ? undefined : id;
}

function textAt(bytes: Uint8Array, cursor: JsonMembers): string | undefined {
  if (cursor.valueByte(bytes) !== QUOTE || cursor.valueEnd - cursor.valueStart > MAX_ID_BYTES) return undefined;
  return decodeText(bytes, cursor.valueStart, cursor.valueEnd);
}

function memberText(bytes: Uint8Array, range: ByteRange, name: Uint8Array): string | undefined {
  let text: string | undefined;
  if (!members.open(bytes, skipSpace(bytes, range.start, range.end), range.end)) return undefined;
  while (members.next(bytes)) if (members.isNamed(bytes, name)) text = textAt(bytes, members);
  return text;
}

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The answer that a request goes on from. */
export function previousResponseId(bytes: Uint8Array, range: ByteRange): string | undefined {
  return memberText(bytes, range, PREVIOUS);
}

/** Of an answer that is one JSON object. */
export function responseIdOfAnswer(bytes: Uint8Array, range: ByteRange): string | undefined {
  return memberText(bytes, range, ID);
}

/** Of the first event of a stream, given its data (`response.created`). */
export function responseIdOfEvent(bytes: Uint8Array, { start, end }: ByteRange): string | undefined {
  if (!members.open(bytes, skipSpace(bytes, start, end), end)) return undefined;
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, RESPONSE) || !inner.open(bytes, members.valueStart, members.valueEnd)) continue;
    while (inner.next(bytes)) if (inner.isNamed(bytes, ID)) return textAt(bytes, inner);
  }
  return undefined;
}
