// A closer look at one event of a stream whose events name their type: Responses, images, transcriptions, speech.
import type { EventReader } from './event-reader.ts';
import { noteInBandError } from './in-band-error.ts';
import { JsonMembers } from './json-members.ts';
import { QUOTE, standsAt } from './json-scan.ts';
import { modelNames } from './json-text.ts';
import { encodeTypedError, HEARTBEAT_COMMENT } from './stream-error.ts';
import type { StreamFacts } from './stream-facts.ts';
import { readUsage } from './usage-facts.ts';

const TYPE = Buffer.from('type');
const RESPONSE = Buffer.from('response');
const MODEL = Buffer.from('model');
const USAGE = Buffer.from('usage');
const ERROR = Buffer.from('error');
const FAILURE = [Buffer.from('"error"')];

const asText = (type: string): Buffer => Buffer.from(`"${type}"`);
/** Events behind which nothing comes, as the raw JSON text of their type. */
const LAST = [
  'response.completed',
  'response.incomplete',
  'response.failed',
  'transcript.text.done',
  'speech.audio.done',
].map(asText);
/** One for each image: more may follow. */
const FINAL = ['image_generation.completed', 'image_edit.completed'].map(asText);
const FIRST = [Buffer.from('"response.created"')];
const USEFUL_ENDS = ['.delta"', '.partial_image"'].map((end) => Buffer.from(end));

const members = new JsonMembers();
const responseMembers = new JsonMembers();

function isOneOf(bytes: Uint8Array, start: number, end: number, texts: readonly Uint8Array[]): boolean {
  for (const text of texts) if (text.length === end - start && standsAt(bytes, start, text)) return true;
  return false;
}

function endsInOneOf(bytes: Uint8Array, start: number, end: number, texts: readonly Uint8Array[]): boolean {
  for (const text of texts) if (text.length < end - start && standsAt(bytes, end - text.length, text)) return true;
  return false;
}

/**
 * Reads the event `bytes[start, end)`. Most are settled by their type, the first member: only the first event (model), the last
 * (usage) and failures are walked through. The text may be cut off behind the type: an event too long to be held is read so.
 */
function readTypedEvent(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  if (!members.open(bytes, start, end)) return;
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, TYPE)) continue;
    const { valueStart, valueEnd } = members;
    if (endsInOneOf(bytes, valueStart, valueEnd, USEFUL_ENDS)) facts.sawFirstDelta = true;
    else if (isOneOf(bytes, valueStart, valueEnd, FINAL)) {
      facts.sawFinish = true;
      readBody(bytes, start, end, facts);
    } else if (isOneOf(bytes, valueStart, valueEnd, LAST)) {
      facts.sawFinish = true;
      readBody(bytes, start, end, facts);
      facts.sawDone = true;
    } else if (isOneOf(bytes, valueStart, valueEnd, FAILURE)) readFailure(bytes, start, end, facts);
    else if (isOneOf(bytes, valueStart, valueEnd, FIRST)) readBody(bytes, start, end, facts);
    return;
  }
  readBody(bytes, start, end, facts);
}

/** `{"type":"error","code":…,"message":…}`, or the same one level down in `error`. */
function readFailure(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (members.isNamed(bytes, ERROR)) noteInBandError(bytes, members.valueStart, members.valueEnd, facts);
  }
  noteInBandError(bytes, start, end, facts);
  facts.noteTold();
}

/** Model, usage and error, beside the type or inside `response`. */
function readBody(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, RESPONSE)) {
      readMember(bytes, members, facts);
      continue;
    }
    responseMembers.open(bytes, members.valueStart, members.valueEnd, 1);
    while (responseMembers.next(bytes)) readMember(bytes, responseMembers, facts);
  }
}

function readMember(bytes: Uint8Array, cursor: JsonMembers, facts: StreamFacts): void {
  const { valueStart, valueEnd } = cursor;
  if (cursor.isNamed(bytes, USAGE)) readUsage(bytes, valueStart, valueEnd, facts.usage);
  else if (cursor.isNamed(bytes, ERROR)) {
    noteInBandError(bytes, valueStart, valueEnd, facts);
    facts.noteTold();
  } else if (cursor.isNamed(bytes, MODEL) && bytes[valueStart] === QUOTE && facts.responseModel === undefined)
    facts.responseModel = modelNames.decode(bytes, valueStart, valueEnd);
}

export const openaiTypedEvents: EventReader = {
  isSilent: () => false,
  read: readTypedEvent,
  endedWell: ({ sawFinish }) => sawFinish,
  encodeFailure: encodeTypedError,
  heartbeat: HEARTBEAT_COMMENT,
};
