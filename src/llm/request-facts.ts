// What routing and forwarding need of a JSON request, found in one validating pass over its bytes. Runs before the plan is made.
import { JsonMembers } from './json-members.ts';
import { BACKSLASH, OPEN_BRACE, QUOTE, skipSpace, standsAt } from './json-scan.ts';
import { modelNames } from './json-text.ts';

const MODEL = Buffer.from('model');
const STREAM = Buffer.from('stream');
const STREAM_OPTIONS = Buffer.from('stream_options');
const INCLUDE_USAGE = Buffer.from('include_usage');
const TRUE = Buffer.from('true');
const LOWER_M = 109;
const LOWER_S = 115;

/**
 * Facts of one request; reusable, holds no bytes. Where a member stands twice the last one counts, exactly as JSON.parse
 * takes it. All offsets are those of the scanned bytes, -1 = absent.
 */
export class RequestFacts {
  /** The decoded model name; undefined when the member is absent or not a string. */
  model: string | undefined = undefined;
  /** Raw value of `model`, quotes included. */
  modelStart = -1;
  modelEnd = -1;
  /** Only the literal `true` streams. */
  stream = false;
  /** Raw value of `stream_options`, whatever it is. */
  streamOptionsStart = -1;
  streamOptionsEnd = -1;
  /** `stream_options.include_usage` is `true`: the client wants the usage event. */
  includeUsage = false;
  /** Raw value of `include_usage`. */
  includeUsageStart = -1;
  includeUsageEnd = -1;
  /** Offset of the final `}`. */
  objectEnd = -1;
  /** Members of the top-level object, repeated ones included. */
  memberCount = 0;
  /** Start and end of every `model` value before the last, in pairs. Usually empty. */
  readonly earlierModels: number[] = [];

  reset(): void {
    this.model = undefined;
    this.modelStart = -1;
    this.modelEnd = -1;
    this.stream = false;
    this.streamOptionsStart = -1;
    this.streamOptionsEnd = -1;
    this.includeUsage = false;
    this.includeUsageStart = -1;
    this.includeUsageEnd = -1;
    this.objectEnd = -1;
    this.memberCount = 0;
    if (this.earlierModels.length > 0) this.earlierModels.length = 0;
  }
}

/** Cursors of the thread: a scan never yields, so one of each level is enough. */
const members = new JsonMembers();
const options = new JsonMembers();

function takeModel(bytes: Uint8Array, facts: RequestFacts): void {
  if (facts.modelStart >= 0) facts.earlierModels.push(facts.modelStart, facts.modelEnd);
  const isText = members.valueByte(bytes) === QUOTE;
  facts.modelStart = members.valueStart;
  facts.modelEnd = members.valueEnd;
  facts.model = isText ? modelNames.decode(bytes, members.valueStart, members.valueEnd) : undefined;
}

function isTrue(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === TRUE.length && standsAt(bytes, start, TRUE);
}

function takeStreamOptions(bytes: Uint8Array, facts: RequestFacts): void {
  facts.streamOptionsStart = members.valueStart;
  facts.streamOptionsEnd = members.valueEnd;
  facts.includeUsage = false;
  facts.includeUsageStart = -1;
  facts.includeUsageEnd = -1;
  if (!options.open(bytes, members.valueStart, members.valueEnd)) return;
  while (options.next(bytes)) {
    if (!options.isNamed(bytes, INCLUDE_USAGE)) continue;
    facts.includeUsageStart = options.valueStart;
    facts.includeUsageEnd = options.valueEnd;
    facts.includeUsage = isTrue(bytes, options.valueStart, options.valueEnd);
  }
}

/**
 * Reads `bytes[start, end)`. True when it is one JSON object with nothing but white space around it; the facts are then
 * complete. False = not JSON, or not an object, or nested deeper than MAX_DEPTH; the facts then mean nothing.
 */
export function scanRequestFacts(bytes: Uint8Array, start: number, end: number, facts: RequestFacts): boolean {
  facts.reset();
  const at = skipSpace(bytes, start, end);
  if (at >= end || bytes[at] !== OPEN_BRACE) return false;
  members.open(bytes, at, end);
  while (members.next(bytes)) {
    // hot: one comparison settles nearly every name
    const first = members.nameByte(bytes);
    if (first !== LOWER_M && first !== LOWER_S && first !== BACKSLASH) continue;
    if (members.isNamed(bytes, MODEL)) takeModel(bytes, facts);
    else if (members.isNamed(bytes, STREAM)) facts.stream = isTrue(bytes, members.valueStart, members.valueEnd);
    else if (members.isNamed(bytes, STREAM_OPTIONS)) takeStreamOptions(bytes, facts);
  }
  facts.objectEnd = members.closedAt;
  facts.memberCount = members.count;
  return members.closedAt >= 0 && skipSpace(bytes, members.closedAt + 1, end) === end;
}
