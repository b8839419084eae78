// Token counts read in place from the bytes of a `usage` object, whichever of OpenAI's two spellings it has.
import { JsonMembers } from './json-members.ts';
import { latin1Of } from './json-text.ts';
import type { Usage } from './usage.ts';

const INPUT = [Buffer.from('prompt_tokens'), Buffer.from('input_tokens')];
const OUTPUT = [Buffer.from('completion_tokens'), Buffer.from('output_tokens')];
const TOTAL = Buffer.from('total_tokens');
const INPUT_DETAILS = [Buffer.from('prompt_tokens_details'), Buffer.from('input_tokens_details')];
const OUTPUT_DETAILS = [Buffer.from('completion_tokens_details'), Buffer.from('output_tokens_details')];
const CACHED = Buffer.from('cached_tokens');
/** DeepSeek's spelling, beside the usual counts. */
const CACHE_HIT = Buffer.from('prompt_cache_hit_tokens');
const REASONING = Buffer.from('reasoning_tokens');

/** The counts of one answer; reusable. All zero until `isFound`. */
export class UsageFacts implements Usage {
  isFound = false;
  input = 0;
  output = 0;
  total = 0;
  cachedInput = 0;
  reasoning = 0;

  reset(): void {
    this.isFound = false;
    this.input = 0;
    this.output = 0;
    this.total = 0;
    this.cachedInput = 0;
    this.reasoning = 0;
  }

  take(other: UsageFacts): void {
    this.isFound = other.isFound;
    this.input = other.input;
    this.output = other.output;
    this.total = other.total;
    this.cachedInput = other.cachedInput;
    this.reasoning = other.reasoning;
  }
}

const members = new JsonMembers();
const details = new JsonMembers();

function isEither(bytes: Uint8Array, cursor: JsonMembers, names: readonly Uint8Array[]): boolean {
  return cursor.isNamed(bytes, names[0]) || cursor.isNamed(bytes, names[1]);
}

/** The count at the cursor; 0 for anything that is not a number of tokens. */
function readCount(bytes: Uint8Array, cursor: JsonMembers): number {
  let count = 0;
  for (let i = cursor.valueStart; i < cursor.valueEnd; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return readOddNumber(latin1Of(bytes, cursor.valueStart, cursor.valueEnd));
    count = count * 10 + digit;
  }
  return Number.isSafeInteger(count) ? count : 0;
}

/** `12.0` and `1e3` are counts, too; null, text and negative numbers are not. */
function readOddNumber(text: string): number {
  const value = text[0] === '"' ? 0 : Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function readDetail(bytes: Uint8Array, name: Uint8Array): number {
  let count = 0;
  if (!details.open(bytes, members.valueStart, members.valueEnd)) return 0;
  while (details.next(bytes)) if (details.isNamed(bytes, name)) count = readCount(bytes, details);
  return count;
}

/**
 * Reads the usage object `bytes[start, end)` into `usage`. False, with `usage` untouched, when it is not an object with at
 * least one count: `null` and `{}` are no usage. A missing total is the sum.
 */
export function readUsage(bytes: Uint8Array, start: number, end: number, usage: UsageFacts): boolean {
  if (!members.open(bytes, start, end)) return false;
  let input = -1;
  let output = -1;
  let total = -1;
  let cached = 0;
  let reasoning = 0;
  while (members.next(bytes)) {
    if (isEither(bytes, members, INPUT)) input = readCount(bytes, members);
    else if (isEither(bytes, members, OUTPUT)) output = readCount(bytes, members);
    else if (members.isNamed(bytes, TOTAL)) total = readCount(bytes, members);
    else if (isEither(bytes, members, INPUT_DETAILS)) cached = readDetail(bytes, CACHED) || cached;
    else if (isEither(bytes, members, OUTPUT_DETAILS)) reasoning = readDetail(bytes, REASONING);
    else if (members.isNamed(bytes, CACHE_HIT)) cached ||= readCount(bytes, members);
  }
  if (members.closedAt < 0 || (input < 0 && output < 0 && total < 0)) return false;
  usage.isFound = true;
  usage.input = Math.max(0, input);
  usage.output = Math.max(0, output);
  usage.total = total >= 0 ? total : usage.input + usage.output;
  usage.cachedInput = cached;
  usage.reasoning = reasoning;
  return true;
}
