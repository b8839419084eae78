// Changes a request's bytes without re-serialising them: another model name, usage asked for. Everything else stays byte for
// byte, unknown members and the spelling of numbers included. Runs once per attempt, between the plan and the upstream write.
import { encodeText, latin1Of } from './json-text.ts';
import type { RequestFacts } from './request-facts.ts';

/** What a backend changes in every request; made once when the configuration is compiled. */
export interface RequestChange {
  /** Replaces `model`; undefined keeps the client's. */
  readonly model: string | undefined;
  /** `model` as JSON text, ASCII only. */
  readonly modelText: string;
  /** Ask for usage when the request streams and did not: chat and completions of providers that accept it. */
  readonly asksUsage: boolean;
}

/** Replace `[start, end)` of the request by `text` (ASCII). */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const NO_EDITS: readonly Edit[] = [];

export function createRequestChange(wanted: {
  readonly model?: string | undefined;
  readonly asksUsage: boolean;
}): RequestChange {
  const { model, asksUsage } = wanted;
  return { model, modelText: model === undefined ? '' : encodeText(model), asksUsage };
}

/**
 * Whether usage will be asked for on behalf of a client that did not, so that it must be hidden from the answer. False for
 * `stream_options` that are neither an object nor null: the provider shall refuse what the client wrote.
 */
export function addsUsage(bytes: Uint8Array, facts: RequestFacts, change: RequestChange): boolean {
  if (!change.asksUsage || !facts.stream || facts.includeUsage) return false;
  if (facts.streamOptionsStart < 0) return true;
  const first = bytes[facts.streamOptionsStart];
  return first === 123 || first === 110; // `{` or `null`
}

/**
 * Edits in ascending order; empty = send the bytes as they are.
 * A repeated `model` is changed at every place, even when nothing else asks for it: JSON.parse, and so our routing and access
 * control, takes the last, other parsers (simdjson among them) the first, and the two must not disagree about what was allowed.
 */
export function planSplice(bytes: Uint8Array, facts: RequestFacts, change: RequestChange): readonly Edit[] {
  const isRepeated = facts.earlierModels.length > 0;
  const isOther = change.model !== undefined && change.model !== facts.model;
  const isAdded = addsUsage(bytes, facts, change);
  if (!isRepeated && !isOther && !isAdded) return NO_EDITS;
  const edits: Edit[] = [];
  let atEnd = '';
  if (isOther || isRepeated) {
    const text = change.model === undefined ? latin1Of(bytes, facts.modelStart, facts.modelEnd) : change.modelText;
    const { earlierModels } = facts;
    for (let i = 0; i < earlierModels.length; i += 2)
      edits.push({ start: earlierModels[i], end: earlierModels[i + 1], text });
    if (facts.modelStart >= 0) edits.push({ start: facts.modelStart, end: facts.modelEnd, text });
    else atEnd = `${facts.memberCount > 0 ? ',' : ''}"model":${text}`;
  }
  if (isAdded) atEnd += askUsage(bytes, facts, edits);
  if (atEnd !== '') edits.push({ start: facts.objectEnd, end: facts.objectEnd, text: atEnd });
  return edits.length < 2 ? edits : edits.sort((a, b) => a.start - b.start);
}

/** Pushes the edit that sets `include_usage`, or returns the member to write at the end of the object. */
function askUsage(bytes: Uint8Array, facts: RequestFacts, edits: Edit[]): string {
  const { streamOptionsStart, streamOptionsEnd, includeUsageStart, includeUsageEnd } = facts;
  if (streamOptionsStart < 0) return ',"stream_options":{"include_usage":true}';
  if (includeUsageStart >= 0) edits.push({ start: includeUsageStart, end: includeUsageEnd, text: 'true' });
  else if (bytes[streamOptionsStart] !== 123)
    edits.push({ start: streamOptionsStart, end: streamOptionsEnd, text: '{"include_usage":true}' });
  else {
    // First in the object: the comma behind it is needed only if a member follows.
    const close = streamOptionsEnd - 1;
    let i = streamOptionsStart + 1;
    while (i < close && bytes[i] <= 32) i++;
    const text = i < close ? '"include_usage":true,' : '"include_usage":true';
    edits.push({ start: streamOptionsStart + 1, end: streamOptionsStart + 1, text });
  }
  return '';
}

/** The changed request as latin1 text (one character per byte), to be written in one piece with the head: for bodies up to 16 KiB. */
export function spliceLatin1(bytes: Uint8Array, start: number, end: number, edits: readonly Edit[]): string {
  let text = '';
  let at = start;
  for (const edit of edits) {
    text += latin1Of(bytes, at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + latin1Of(bytes, at, end);
}

/** The changed request as bytes of its own: for larger bodies, where text would cost a second copy. */
export function spliceBuffer(bytes: Uint8Array, start: number, end: number, edits: readonly Edit[]): Buffer {
  let length = end - start;
  for (const edit of edits) length += edit.text.length - (edit.end - edit.start);
  const result = Buffer.allocUnsafe(length);
  let at = start;
  let to = 0;
  for (const edit of edits) {
    result.set(bytes.subarray(at, edit.start), to);
    to += edit.start - at;
    to += result.write(edit.text, to, 'latin1');
    at = edit.end;
  }
  result.set(bytes.subarray(at, end), to);
  return result;
}
