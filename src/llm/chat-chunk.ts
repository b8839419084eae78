// A closer look at one chunk of a chat or completions stream: usage, finish, failure, the first useful content.
import { noteInBandError } from './in-band-error.ts';
import { JsonMembers } from './json-members.ts';
import { COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipSpace, skipValue, standsAt } from './json-scan.ts';
import { modelNames } from './json-text.ts';
import type { StreamFacts } from './stream-facts.ts';
import { readUsage } from './usage-facts.ts';

const CHOICES = Buffer.from('choices');
const DELTA = Buffer.from('delta');
const ERROR = Buffer.from('error');
const FINISH_REASON = Buffer.from('finish_reason');
const MODEL = Buffer.from('model');
const OBJECT = Buffer.from('object');
const ERROR_TEXT = Buffer.from('"error"');
const ROLE = Buffer.from('role');
const TEXT = Buffer.from('text');
const USAGE = Buffer.from('usage');
const LOWER_N = 110;

const members = new JsonMembers();
const choiceMembers = new JsonMembers();
const deltaMembers = new JsonMembers();

/** What a look at one chunk found out about its `usage` member. Reusable. */
export class ChunkLook {
  /** It has a `usage` that is no null. */
  hasUsage = false;
  /** It has `choices`, and they are an empty list. */
  hasNoChoices = false;
  /** What to cut so that the `usage` member is gone and the chunk stays JSON; -1 when it has none. */
  cutStart = -1;
  cutEnd = -1;
  private isFailure = false;

  /**
   * Reads the chunk `bytes[start, end)` and notes what it tells in `facts`. False when it is not a JSON object: then nothing
   * may be cut, and the chunk is relayed as it came.
   */
  read(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean {
    this.hasUsage = false;
    this.hasNoChoices = false;
    this.cutStart = -1;
    this.cutEnd = -1;
    this.isFailure = false;
    members.open(bytes, start, end);
    while (members.next(bytes)) this.readMember(bytes, facts);
    if (this.isFailure) noteInBandError(bytes, start, end, facts);
    return members.closedAt >= 0 && skipSpace(bytes, members.closedAt + 1, end) === end;
  }

  private readMember(bytes: Uint8Array, facts: StreamFacts): void {
    const { valueStart, valueEnd } = members;
    if (members.isNamed(bytes, CHOICES)) this.hasNoChoices = !readChoices(bytes, valueStart, valueEnd, facts);
    else if (members.isNamed(bytes, USAGE)) {
      this.hasUsage = bytes[valueStart] !== LOWER_N;
      this.cutStart = members.cutStart;
      this.cutEnd = members.cutEnd;
      readUsage(bytes, valueStart, valueEnd, facts.usage);
    } else if (members.isNamed(bytes, MODEL)) {
      if (facts.responseModel === undefined && bytes[valueStart] === QUOTE)
        facts.responseModel = modelNames.decode(bytes, valueStart, valueEnd);
    } else if (members.isNamed(bytes, ERROR)) {
      noteInBandError(bytes, valueStart, valueEnd, facts);
      facts.noteTold();
    } else if (members.isNamed(bytes, OBJECT)) this.isFailure = isErrorText(bytes, valueStart, valueEnd);
  }
}

/** `"object":"error"`, how vLLM marks a failure whose message stands beside it. */
function isErrorText(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === ERROR_TEXT.length && standsAt(bytes, start, ERROR_TEXT);
}

/** Reads a list of choices; false when it is empty (or no list). */
function readChoices(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean {
  if (bytes[start] !== OPEN_BRACKET) return false;
  let i = skipSpace(bytes, start + 1, end);
  let count = 0;
  while (i < end - 1) {
    readChoice(bytes, i, end, facts);
    i = skipValue(bytes, i, end, 2);
    if (i < 0) return true;
    count++;
    i = skipSpace(bytes, i, end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1, end);
  }
  return count > 0;
}

function readChoice(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  if (!choiceMembers.open(bytes, start, end)) return;
  while (choiceMembers.next(bytes)) {
    const { valueStart, valueEnd } = choiceMembers;
    if (choiceMembers.isNamed(bytes, DELTA)) {
      if (!facts.sawFirstDelta) facts.sawFirstDelta = hasContent(bytes, valueStart, valueEnd);
    } else if (choiceMembers.isNamed(bytes, TEXT)) {
      if (!isEmptyValue(bytes, valueStart, valueEnd)) facts.sawFirstDelta = true;
    } else if (choiceMembers.isNamed(bytes, FINISH_REASON)) {
      if (bytes[valueStart] !== LOWER_N) facts.sawFinish = true;
    } else if (choiceMembers.isNamed(bytes, ERROR)) noteInBandError(bytes, valueStart, valueEnd, facts);
  }
}

/**
 * Whether a delta holds anything but a role: `content`, `tool_calls`, `reasoning`, `reasoning_content`, `refusal`, `audio` or
 * whatever a provider invents next, unless it is null or empty (`{"role":"assistant","content":"","refusal":null}`).
 */
function hasContent(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== OPEN_BRACE || !deltaMembers.open(bytes, start, end)) return false;
  let hasSome = false;
  while (deltaMembers.next(bytes)) {
    const isContent = !isEmptyValue(bytes, deltaMembers.valueStart, deltaMembers.valueEnd);
    if (isContent && !deltaMembers.isNamed(bytes, ROLE)) hasSome = true;
  }
  return hasSome;
}

/** Null, `""`, `[]` and `{}`, the latter two whatever space is in them. */
function isEmptyValue(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  if (first === LOWER_N) return true;
  if (first === QUOTE) return end - start === 2;
  return (first === OPEN_BRACKET || first === OPEN_BRACE) && skipSpace(bytes, start + 1, end) === end - 1;
}
