// A closer look at one event of an Anthropic stream that passes through as bytes: model and input in `message_start`, the first
// useful delta, finish and counts in `message_delta`, the end, a failure.
import { anthropicErrorEvent } from './anthropic-error.ts';
import type { EventReader } from './event-reader.ts';
import { noteInBandError } from './in-band-error.ts';
import { JsonMembers } from './json-members.ts';
import { QUOTE, standsAt } from './json-scan.ts';
import { modelNames } from './json-text.ts';
import type { StreamFacts } from './stream-facts.ts';
import { readLaterUsage } from './usage-facts.ts';

/** Events that tell nothing once the first useful one came, and pings, by how they begin. */
const BLOCK_EVENT = Buffer.from('event: content_block_');
const PING_EVENT = Buffer.from('event: ping');

const TYPE = Buffer.from('type');
const MESSAGE = Buffer.from('message');
const MODEL = Buffer.from('model');
const USAGE = Buffer.from('usage');
const DELTA = Buffer.from('delta');
const STOP_REASON = Buffer.from('stop_reason');
const CONTENT_BLOCK = Buffer.from('content_block');
const ERROR = Buffer.from('error');

const [MESSAGE_START, BLOCK_START, BLOCK_DELTA, MESSAGE_DELTA, MESSAGE_STOP, FAILURE] = [
  'message_start',
  'content_block_start',
  'content_block_delta',
  'message_delta',
  'message_stop',
  'error',
].map((type) => Buffer.from(`"${type}"`));
/** Blocks that begin empty: what they hold comes in deltas. */
const EMPTY_BLOCKS = ['text', 'thinking'].map((type) => Buffer.from(`"${type}"`));
const SIGNATURE_DELTA = Buffer.from('"signature_delta"');
const LOWER_N = 110;

const members = new JsonMembers();
const inner = new JsonMembers();

function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  return end - start === text.length && standsAt(bytes, start, text);
}

function isSilent(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): boolean {
  if (facts.sawFirstDelta && end - start > BLOCK_EVENT.length && standsAt(bytes, start, BLOCK_EVENT)) return true;
  return end - start > PING_EVENT.length && standsAt(bytes, start, PING_EVENT);
}

/** Told by its type, which is the first member of every event the API sends. */
function read(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  if (!members.open(bytes, start, end)) return;
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, TYPE)) continue;
    const { valueStart, valueEnd } = members;
    if (isText(bytes, valueStart, valueEnd, BLOCK_DELTA)) readBlockDelta(bytes, start, end, facts);
    else if (isText(bytes, valueStart, valueEnd, BLOCK_START)) readBlockStart(bytes, start, end, facts);
    else if (isText(bytes, valueStart, valueEnd, MESSAGE_START)) readMessageStart(bytes, start, end, facts);
    else if (isText(bytes, valueStart, valueEnd, MESSAGE_DELTA)) readMessageDelta(bytes, start, end, facts);
    else if (isText(bytes, valueStart, valueEnd, MESSAGE_STOP)) facts.sawDone = true;
    else if (isText(bytes, valueStart, valueEnd, FAILURE)) {
      readFailure(bytes, start, end, facts);
      facts.noteTold();
    }
    return;
  }
  readFailure(bytes, start, end, facts);
}

function readMessageStart(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, MESSAGE) || !inner.open(bytes, members.valueStart, members.valueEnd, 1)) continue;
    while (inner.next(bytes)) {
      const { valueStart, valueEnd } = inner;
      if (inner.isNamed(bytes, USAGE)) readLaterUsage(bytes, valueStart, valueEnd, facts.usage);
      else if (inner.isNamed(bytes, MODEL) && bytes[valueStart] === QUOTE && facts.responseModel === undefined)
        facts.responseModel = modelNames.decode(bytes, valueStart, valueEnd);
    }
  }
}

function readMessageDelta(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (members.isNamed(bytes, USAGE)) readLaterUsage(bytes, members.valueStart, members.valueEnd, facts.usage);
    else if (members.isNamed(bytes, DELTA) && inner.open(bytes, members.valueStart, members.valueEnd, 1)) {
      while (inner.next(bytes))
        if (inner.isNamed(bytes, STOP_REASON) && bytes[inner.valueStart] !== LOWER_N) facts.sawFinish = true;
    }
  }
}

/** A signature alone is nothing a user would miss, an empty text neither. */
function readBlockDelta(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, DELTA) || !inner.open(bytes, members.valueStart, members.valueEnd, 1)) continue;
    let isSignature = false;
    let hasContent = false;
    while (inner.next(bytes)) {
      const { valueStart, valueEnd } = inner;
      if (inner.isNamed(bytes, TYPE)) isSignature = isText(bytes, valueStart, valueEnd, SIGNATURE_DELTA);
      else if (bytes[valueStart] !== LOWER_N && !(bytes[valueStart] === QUOTE && valueEnd - valueStart === 2))
        hasContent = true;
    }
    if (hasContent && !isSignature) facts.sawFirstDelta = true;
  }
}

/** A tool call and what a server tool found are of use as soon as they begin. */
function readBlockStart(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes)) {
    if (!members.isNamed(bytes, CONTENT_BLOCK) || !inner.open(bytes, members.valueStart, members.valueEnd, 1)) continue;
    while (inner.next(bytes)) {
      if (!inner.isNamed(bytes, TYPE)) continue;
      const { valueStart, valueEnd } = inner;
      if (!EMPTY_BLOCKS.some((type) => isText(bytes, valueStart, valueEnd, type))) facts.sawFirstDelta = true;
    }
  }
}

function readFailure(bytes: Uint8Array, start: number, end: number, facts: StreamFacts): void {
  members.open(bytes, start, end);
  while (members.next(bytes))
    if (members.isNamed(bytes, ERROR)) noteInBandError(bytes, members.valueStart, members.valueEnd, facts);
}

export const anthropicEvents: EventReader = {
  isSilent,
  read,
  endedWell: ({ sawDone }) => sawDone,
  missingEnd: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  heartbeat: 'event: ping\ndata: {"type": "ping"}\n\n',
  encodeFailure: ({ code, message }) =>
    anthropicErrorEvent({ type: code.endsWith('timeout') ? 'timeout_error' : 'api_error', message, code }),
};
