// A closer look at one event of a Google stream that passes through as bytes: model, first useful part, finish, counts, a failure.
// Every event is a whole answer with the next parts, and any of them may be the last that tells the counts.
import type { EventReader } from './event-reader.ts';
import { isBehindEnd } from './gemini-repeat.ts';
import { encodeErrorBody } from './google-error.ts';
import { JsonMembers } from './json-members.ts';
import {
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipValue,
  standsAt,
} from './json-scan.ts';
import { decodeText, latin1Of, modelNames } from './json-text.ts';
import type { StreamFacts } from './stream-facts.ts';
import { readUsage } from './usage-facts.ts';

const CANDIDATES = Buffer.from('candidates');
const CONTENT = Buffer.from('content');
const PARTS = Buffer.from('parts');
const FINISH_REASON = Buffer.from('finishReason');
const UNSPECIFIED = Buffer.from('"FINISH_REASON_UNSPECIFIED"');
const USAGE_METADATA = Buffer.from('usageMetadata');
const MODEL_VERSION = Buffer.from('modelVersion');
const PROMPT_FEEDBACK = Buffer.from('promptFeedback');
const BLOCK_REASON = Buffer.from('blockReason');
const ERROR = Buffer.from('error');
const STATUS = Buffer.from('status');
const CODE = Buffer.from('code');
const MESSAGE = Buffer.from('message');
/** Members of a part that are something on their own, besides text. */
const USEFUL = ['functionCall', 'inlineData', 'fileData', 'executableCode', 'codeExecutionResult'].map((name) =>
  Buffer.from(name),
);
const TEXT = Buffer.from('text');
const INDEX = Buffer.from('index');
/** As many as there are bits; Google gives at most eight. */
const MAX_CHOICES = 31;
const MAX_SCALAR_BYTES = 8 * 1024;

/** One cursor for each level, of the thread: a look never yields. */
const members = new JsonMembers();
const candidate = new JsonMembers();
const content = new JsonMembers();
const part = new JsonMembers();

type Visit = (bytes: Uint8Array, start: number, end: number, facts: StreamFacts) => void;

/** Calls `visit` for every object of the array at `at`. */
function eachObject(bytes: Uint8Array, at: number, end: number, visit: Visit, facts: StreamFacts): void {
  if (bytes[at] !== OPEN_BRACKET) return;
  let i = skipSpace(bytes, at + 1, end);
  while (i < end && bytes[i] !== CLOSE_BRACKET) {
    const behind = skipValue(bytes, i, end, 2);
    if (behind < 0) return;
    if (bytes[i] === OPEN_BRACE) visit(bytes, i, behind, facts);
    i = skipSpace(bytes, behind, end);
    if (i >= end || bytes[i] !== COMMA) return;
    i = skipSpace(bytes, i + 1, end);
  }
}

/** A signature alone, or an empty text, is nothing that a user would miss. */
function readPart(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  part.open(bytes, start, end, 5);
  while (part.next(bytes)) {
    const { valueStart, valueEnd } = part;
    if (part.isNamed(bytes, TEXT)) {
      if (bytes[valueStart] === QUOTE && valueEnd - valueStart > 2) facts.sawFirstDelta = true;
    } else if (USEFUL.some((name) => part.isNamed(bytes, name))) facts.sawFirstDelta = true;
  }
}

function readCandidate(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  let index = 0;
  let isFinished = false;
  candidate.open(bytes, start, end, 2);
  while (candidate.next(bytes)) {
    const { valueStart, valueEnd } = candidate;
    if (candidate.isNamed(bytes, FINISH_REASON)) {
      if (isReason(bytes, valueStart, valueEnd)) isFinished = true;
    } else if (candidate.isNamed(bytes, INDEX)) {
      index = Number(latin1Of(bytes, valueStart, Math.min(valueEnd, valueStart + 3)));
    } else if (
      !facts.sawFirstDelta &&
      candidate.isNamed(bytes, CONTENT) &&
      content.open(bytes, valueStart, valueEnd, 3)
    ) {
      while (content.next(bytes))
        if (content.isNamed(bytes, PARTS)) eachObject(bytes, content.valueStart, content.valueEnd, readPart, facts);
    }
  }
  noteChoice(index, isFinished, facts);
}

/** Every answer that began told its finish. */
function isWhole({ sawFinish, begunChoices, finishedChoices }: StreamFacts): boolean {
  return sawFinish && (begunChoices & ~finishedChoices) === 0;
}

function noteChoice(index: number, isFinished: boolean, facts: StreamFacts): void {
  const bit = index >= 0 && index < MAX_CHOICES ? 1 << index : 0;
  facts.begunChoices |= bit;
  if (!isFinished) return;
  facts.finishedChoices |= bit;
  facts.sawFinish = true;
}

function isReason(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== QUOTE || end - start <= 2) return false;
  return end - start !== UNSPECIFIED.length || !standsAt(bytes, start, UNSPECIFIED);
}

function scalarText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_SCALAR_BYTES) return '';
  if (bytes[start] === QUOTE) return decodeText(bytes, start, end);
  return bytes[start] >= 48 && bytes[start] <= 57 ? latin1Of(bytes, start, end) : '';
}

function readError(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  // Behind an answer that is whole it does not count.
  if (isWhole(facts) || !candidate.open(bytes, start, end, 1)) return;
  let status = '';
  let code = '';
  let message = '';
  while (candidate.next(bytes)) {
    const { valueStart, valueEnd } = candidate;
    if (candidate.isNamed(bytes, STATUS)) status = scalarText(bytes, valueStart, valueEnd);
    else if (candidate.isNamed(bytes, CODE)) code = scalarText(bytes, valueStart, valueEnd);
    else if (candidate.isNamed(bytes, MESSAGE)) message = scalarText(bytes, valueStart, valueEnd);
  }
  facts.noteError(status === '' ? code : status, message);
  facts.noteTold();
}

/** A prompt that was blocked is answered: the answer is why. */
function readFeedback(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  if (!candidate.open(bytes, start, end, 1)) return;
  while (candidate.next(bytes))
    if (candidate.isNamed(bytes, BLOCK_REASON) && isReason(bytes, candidate.valueStart, candidate.valueEnd))
      facts.sawFinish = true;
}

function read(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    const { valueStart, valueEnd } = members;
    if (members.isNamed(bytes, CANDIDATES)) eachObject(bytes, valueStart, valueEnd, readCandidate, facts);
    else if (members.isNamed(bytes, USAGE_METADATA)) readUsage(bytes, valueStart, valueEnd, facts.usage);
    else if (members.isNamed(bytes, PROMPT_FEEDBACK)) readFeedback(bytes, valueStart, valueEnd, facts);
    else if (members.isNamed(bytes, ERROR)) readError(bytes, valueStart, valueEnd, facts);
    else if (members.isNamed(bytes, MODEL_VERSION) && bytes[valueStart] === QUOTE && facts.responseModel === undefined)
      facts.responseModel = modelNames.decode(bytes, valueStart, valueEnd);
  }
}

const QUOTED_REASON = Buffer.from('"finishReason"');

/** A name in its quotes cannot stand inside a text of JSON, whose quotes are escaped: no walk from the start is needed. */
function readTail(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  for (let at = tail.indexOf(QUOTED_REASON); at !== -1; at = tail.indexOf(QUOTED_REASON, at + 1)) {
    const colon = skipSpace(tail, at + QUOTED_REASON.length, tail.length);
    if (colon >= tail.length || tail[colon] !== COLON) continue;
    const value = skipSpace(tail, colon + 1, tail.length);
    const behind = value < tail.length ? skipValue(tail, value, tail.length, 3) : -1;
    // Whose it is stands elsewhere: the only one's, as a rule.
    if (behind > 0 && isReason(tail, value, behind)) noteChoice(0, true, facts);
  }
}

/** Google's clients throw at an `error` with a status of HTTP. */
export function geminiFailureText(code: string, message: string): string {
  const status = code.endsWith('timeout') ? 504 : 503;
  return JSON.stringify(encodeErrorBody({ status, type: code, code, message, param: undefined }));
}

export const geminiEvents: EventReader = {
  // Counts may stand in any event.
  isSilent: () => false,
  read,
  readTail,
  isBehindEnd,
  endedWell: isWhole,
  // An empty line: Google's Python client reads comments as JSON.
  heartbeat: '\r\n',
  encodeFailure: ({ code, message }) => `data: ${geminiFailureText(code, message)}\r\n\r\n`,
};
