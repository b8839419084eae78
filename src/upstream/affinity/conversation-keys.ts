// The keys of a conversation: one for each message up to which its prompt may be in a provider's cache, read from the bytes of the
// request in whatever format it is. The prompt begins with tools and system; a longer conversation has the keys of its shorter self.
import { JsonMembers } from '../../llm/json-members.ts';
import {
  CLOSE_BRACKET,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipValue,
  standsAt,
} from '../../llm/json-scan.ts';
import { TwoHashes } from './two-hashes.ts';
import { addUnmarked, hasCacheMarks } from './without-marks.ts';

/** Of OpenAI and Anthropic, of Gemini, of the Responses API. */
const CONVERSATIONS = ['messages', 'contents', 'input'].map((name) => Buffer.from(name));
/** What stands before it, in any of them. */
const HEADS = ['tools', 'system', 'systemInstruction', 'system_instruction', 'instructions'].map((name) =>
  Buffer.from(name),
);
const ROLE = Buffer.from('role');
/** Values with their quotes. */
const ASSISTANTS = ['"assistant"', '"model"'].map((text) => Buffer.from(text));
const USER = Buffer.from('"user"');

/** So many of the newest messages are looked for: an agent adds some dozens between two of its turns at most. */
const LOOKED_FOR = 64;
/** Every so manyeth message is remembered beside the last one, for conversations that part from each other. */
const BLOCK = 8;

const members = new JsonMembers();
const fields = new JsonMembers();

export interface ConversationKey {
  readonly first: number;
  readonly second: number;
}

/** Reusable, of a thread; holds no bytes. */
export class ConversationKeys {
  /** Messages read. */
  count = 0;
  /** Somebody answered already: there may be a cache to go back to. */
  hasAnswer = false;
  private readonly hashes = new TwoHashes();
  private readonly firsts = new Int32Array(LOOKED_FOR);
  private readonly seconds = new Int32Array(LOOKED_FOR);
  /** Message of the user that opens the conversation. */
  private opening = -1;
  private openingFirst = 0;
  private openingSecond = 0;
  private readonly headStarts = new Int32Array(HEADS.length);
  private readonly headEnds = new Int32Array(HEADS.length);
  private start = -1;
  private end = -1;

  /** False when the body holds no conversation. `scope`: caches of another model hold nothing of this one. */
  read(bytes: Buffer, range: { readonly start: number; readonly end: number }, scope: string): boolean {
    this.count = 0;
    this.hasAnswer = false;
    this.opening = -1;
    const { start, end } = range;
    if (!this.findParts(bytes, skipSpace(bytes, start, end), end)) return false;
    const { hashes } = this;
    const hasMarks = hasCacheMarks(bytes, start, end);
    hashes.reset();
    hashes.addText(scope);
    for (let index = 0; index < HEADS.length; index++) {
      if (this.headStarts[index] < 0) continue;
      hashes.addNumber(index);
      addUnmarked(hashes, bytes, { start: this.headStarts[index], end: this.headEnds[index], hasMarks });
    }
    if (bytes[this.start] === OPEN_BRACKET) this.addMessages(bytes, hasMarks);
    else if (bytes[this.start] === QUOTE) this.add(bytes, { start: this.start, end: this.end, hasMarks }, 'user');
    return this.count > 0;
  }

  private findParts(bytes: Buffer, start: number, end: number): boolean {
    this.start = -1;
    this.headStarts.fill(-1);
    if (!members.open(bytes, start, end)) return false;
    while (members.next(bytes)) {
      for (const name of CONVERSATIONS)
        if (members.isNamed(bytes, name)) {
          this.start = members.valueStart;
          this.end = members.valueEnd;
        }
      for (let index = 0; index < HEADS.length; index++)
        if (members.isNamed(bytes, HEADS[index])) {
          this.headStarts[index] = members.valueStart;
          this.headEnds[index] = members.valueEnd;
        }
    }
    return this.start !== -1;
  }

  private addMessages(bytes: Buffer, hasMarks: boolean): void {
    const { end } = this;
    let at = skipSpace(bytes, this.start + 1, end);
    while (at < end && bytes[at] !== CLOSE_BRACKET) {
      const behind = skipValue(bytes, at, end, 2);
      if (behind < 0) return;
      this.add(bytes, { start: at, end: behind, hasMarks }, speakerOf(bytes, at, behind));
      at = skipSpace(bytes, behind, end);
      if (bytes[at] !== COMMA) return;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  private add(
    bytes: Buffer,
    range: { readonly start: number; readonly end: number; readonly hasMarks: boolean },
    speaker: Speaker,
  ): void {
    const { hashes } = this;
    addUnmarked(hashes, bytes, range);
    const place = this.count % LOOKED_FOR;
    this.firsts[place] = hashes.first;
    this.seconds[place] = hashes.second;
    if (speaker === 'assistant') this.hasAnswer = true;
    if (speaker === 'user' && this.opening === -1) {
      this.opening = this.count;
      this.openingFirst = hashes.first;
      this.openingSecond = hashes.second;
    }
    this.count++;
  }

  /** What `find` gives for the longest part of the conversation that it knows; 0 = for none. */
  longest(find: (first: number, second: number) => number): number {
    const oldest = Math.max(0, this.count - LOOKED_FOR);
    for (let index = this.count - 1; index >= oldest; index--) {
      const found = find(this.firsts[index % LOOKED_FOR], this.seconds[index % LOOKED_FOR]);
      if (found !== 0) return found;
    }
    return this.opening === -1 ? 0 : find(this.openingFirst, this.openingSecond);
  }

  /** Those to remember: the whole, its opening, and the ends of blocks of whole messages among the newest. */
  kept(): readonly ConversationKey[] {
    const keys: ConversationKey[] = [];
    const last = this.count - 1;
    if (this.opening !== -1 && this.opening !== last)
      keys.push({ first: this.openingFirst, second: this.openingSecond });
    for (let index = Math.max(0, this.count - LOOKED_FOR); index <= last; index++)
      if (index === last || (index + 1) % BLOCK === 0)
        keys.push({ first: this.firsts[index % LOOKED_FOR], second: this.seconds[index % LOOKED_FOR] });
    return keys;
  }
}

type Speaker = 'user' | 'assistant' | 'other';

function isText(bytes: Buffer, text: Buffer): boolean {
  return fields.valueEnd - fields.valueStart === text.length && standsAt(bytes, fields.valueStart, text);
}

/** Items of the Responses API without a role are what the assistant did, and what came of it. */
function speakerOf(bytes: Buffer, start: number, end: number): Speaker {
  if (bytes[start] !== OPEN_BRACE || !fields.open(bytes, start, end)) return 'other';
  while (fields.next(bytes)) {
    if (!fields.isNamed(bytes, ROLE)) continue;
    if (isText(bytes, USER)) return 'user';
    return ASSISTANTS.some((name) => isText(bytes, name)) ? 'assistant' : 'other';
  }
  return 'assistant';
}
