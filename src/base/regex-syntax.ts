// Regular expressions as configurations write them, parsed into a tree. Only what can be matched in linear time is accepted:
// the grammar shared by RE2 and JavaScript. No backreference, no look-around, nothing that means two things in the two.

export type RegexNode =
  /** One UTF-16 code unit out of sorted, disjoint, inclusive ranges: low, high, low, high … */
  | { readonly kind: 'set'; readonly ranges: readonly number[] }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly min: number; readonly max: number }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'boundary' | 'no-boundary' };

/** `unsafe`: no automaton can match it. `invalid`: not understood, or ambiguous between engines. */
export interface RegexProblem {
  readonly kind: 'unsafe' | 'invalid';
  readonly reason: string;
}

const MAX_CODE = 0xffff;
/** As in RE2: counted repetitions are unrolled. */
const MAX_REPEAT = 1000;
const MAX_DEPTH = 200;

const DIGIT = [48, 57];
export const WORD: readonly number[] = [48, 57, 65, 90, 95, 95, 97, 122];
const SPACE = [
  9, 13, 32, 32, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000,
  0x3000, 0xfeff, 0xfeff,
];
const LINE_END = [10, 10, 13, 13, 0x2028, 0x2029];

const CLASS_ESCAPES: Readonly<Record<string, readonly number[]>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  D: complement(DIGIT),
  W: complement(WORD),
  S: complement(SPACE),
};
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** `ranges` as a set has them. */
export function inRanges(ranges: readonly number[], code: number): boolean {
  for (let index = 0; index < ranges.length; index += 2) {
    if (code < ranges[index]) return false;
    if (code <= ranges[index + 1]) return true;
  }
  return false;
}

/** Sorted, disjoint form of ranges in any order. */
export function normaliseRanges(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = [];
  for (let index = 0; index < ranges.length; index += 2) pairs.push([ranges[index], ranges[index + 1]]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [low, high] of pairs) {
    if (out.length > 0 && low <= out[out.length - 1] + 1) out[out.length - 1] = Math.max(out[out.length - 1], high);
    else out.push(low, high);
  }
  return out;
}

function complement(ranges: readonly number[]): number[] {
  const out: number[] = [];
  let from = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    if (ranges[index] > from) out.push(from, ranges[index] - 1);
    from = ranges[index + 1] + 1;
  }
  if (from <= MAX_CODE) out.push(from, MAX_CODE);
  return out;
}

/** Adds the other case of ASCII letters. */
function foldCase(ranges: readonly number[]): number[] {
  const out = [...ranges];
  for (let index = 0; index < ranges.length; index += 2) {
    for (const [low, high, shift] of [[65, 90, 32] as const, [97, 122, -32] as const]) {
      const from = Math.max(low, ranges[index]);
      const to = Math.min(high, ranges[index + 1]);
      if (from <= to) out.push(from + shift, to + shift);
    }
  }
  return out;
}

/** Thrown inside the parser only; `parseRegex` turns it into the value it carries. */
class Refusal extends Error {
  readonly problem: RegexProblem;

  constructor(problem: RegexProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

function refuse(kind: RegexProblem['kind'], reason: string): never {
  throw new Refusal({ kind, reason });
}

class Parser {
  private readonly source: string;
  private readonly ignoresCase: boolean;
  private at: number;
  private depth = 0;

  constructor(source: string) {
    this.source = source;
    this.ignoresCase = source.startsWith('(?i)');
    this.at = this.ignoresCase ? 4 : 0;
  }

  parse(): RegexNode {
    const node = this.choice();
    if (this.at < this.source.length) refuse('invalid', `")" at character ${this.at + 1} closes nothing`);
    return node;
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private choice(): RegexNode {
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    return branches.length === 1 ? branches[0] : { kind: 'choice', branches };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.at < this.source.length && !/[|)]/.test(this.source[this.at])) parts.push(this.repeated());
    return parts.length === 1 ? parts[0] : { kind: 'sequence', parts };
  }

  private repeated(): RegexNode {
    const part = this.atom();
    const isGroup = this.source[this.at - 1] === ')';
    const bounds = this.quantifier();
    if (bounds === undefined) return part;
    if (part.kind === 'assert' && !isGroup) refuse('invalid', 'an assertion cannot be repeated');
    // Greedy or lazy is the same question when only "does the whole text match" is asked.
    this.take('?');
    if (this.quantifier() !== undefined) refuse('invalid', 'a repetition is repeated; put the inner one into a group');
    return { kind: 'repeat', part, min: bounds[0], max: bounds[1] };
  }

  private quantifier(): readonly [min: number, max: number] | undefined {
    if (this.take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.take('?')) return [0, 1];
    if (this.source[this.at] !== '{') return undefined;
    const [whole, low, comma, high] =
      /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.source.slice(this.at, this.at + 16)) ?? [];
    if (whole === undefined || (comma === '' && high !== '')) {
      refuse('invalid', `"{" at character ${this.at + 1} begins no repetition; a literal one is written "\\{"`);
    }
    this.at += whole.length;
    const min = Number(low);
    const max = comma === '' ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (max < min) refuse('invalid', `the bounds of ${whole} are the wrong way round`);
    if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT)) {
      refuse('unsafe', `${whole} repeats more than ${MAX_REPEAT} times`);
    }
    return [min, max];
  }

  private atom(): RegexNode {
    const character = this.source[this.at++];
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.set(this.bracket());
      case '.':
        return { kind: 'set', ranges: complement(LINE_END) };
      case '^':
        return { kind: 'assert', what: 'start' };
      case '$':
        return { kind: 'assert', what: 'end' };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        return refuse('invalid', `"${character}" at character ${this.at} repeats nothing`);
      case '{':
        return refuse('invalid', `"{" at character ${this.at} begins no repetition; a literal one is written "\\{"`);
      default:
        return this.set([character.charCodeAt(0), character.charCodeAt(0)]);
    }
  }

  private set(ranges: readonly number[]): RegexNode {
    return { kind: 'set', ranges: normaliseRanges(this.ignoresCase ? foldCase(ranges) : ranges) };
  }

  private group(): RegexNode {
    const rest = this.source.slice(this.at, this.at + 80);
    if (/^\?<?[=!]/.test(rest)) refuse('unsafe', 'look-around needs backtracking');
    const opening = /^\?(?::|P?<[A-Za-z_]\w*>)/.exec(rest)?.[0];
    if (opening === undefined && rest.startsWith('?')) refuse('invalid', `"(${rest.slice(0, 2)}" is not known here`);
    this.at += opening?.length ?? 0;
    if (++this.depth > MAX_DEPTH) refuse('unsafe', `groups are nested more than ${MAX_DEPTH} deep`);
    const node = this.choice();
    this.depth--;
    if (!this.take(')')) refuse('invalid', 'a "(" is not closed');
    return node;
  }

  private escape(): RegexNode {
    if (this.take('b')) return { kind: 'assert', what: 'boundary' };
    if (this.take('B')) return { kind: 'assert', what: 'no-boundary' };
    if (/[1-9k]/.test(this.source[this.at] ?? '')) refuse('unsafe', 'a backreference needs backtracking');
    const found = this.escaped();
    return this.set(typeof found === 'number' ? [found, found] : found);
  }

  /** What stands behind a backslash, in and outside brackets: one code unit or a class. */
  private escaped(): number | readonly number[] {
    const letter = this.source[this.at++];
    if (letter === undefined) refuse('invalid', 'it ends in a single "\\"');
    if (Object.hasOwn(CLASS_ESCAPES, letter)) return CLASS_ESCAPES[letter];
    if (Object.hasOwn(CONTROL_ESCAPES, letter)) return CONTROL_ESCAPES[letter];
    const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : 0;
    const hex = this.source.slice(this.at, this.at + digits);
    if (digits > 0 && hex.length === digits && /^[0-9a-fA-F]+$/.test(hex)) {
      this.at += digits;
      return Number.parseInt(hex, 16);
    }
    if (/[A-Za-z0-9]/.test(letter)) refuse('invalid', `"\\${letter}" is not known here`);
    return letter.charCodeAt(0);
  }

  private bracket(): readonly number[] {
    const isNegated = this.take('^');
    const ranges: number[] = [];
    while (!this.take(']')) {
      if (this.source.startsWith('[:', this.at))
        refuse('invalid', 'named classes such as [:alpha:] are not known here');
      const low = this.member();
      const isRange = this.source[this.at] === '-' && this.source[this.at + 1] !== ']';
      if (typeof low !== 'number' || !isRange) {
        ranges.push(...(typeof low === 'number' ? [low, low] : low));
        continue;
      }
      this.at++;
      const high = this.member();
      if (typeof high !== 'number' || high < low) refuse('invalid', 'a range in brackets is the wrong way round');
      ranges.push(low, high);
    }
    if (ranges.length === 0) refuse('invalid', 'empty brackets match nothing');
    if (!isNegated) return ranges;
    return complement(normaliseRanges(this.ignoresCase ? foldCase(ranges) : ranges));
  }

  private member(): number | readonly number[] {
    const character = this.source[this.at++];
    if (character === undefined) refuse('invalid', 'a "[" is not closed');
    if (character !== '\\') return character.charCodeAt(0);
    return this.take('b') ? 8 : this.escaped();
  }
}

export function parseRegex(source: string): RegexNode | { readonly problem: RegexProblem } {
  try {
    return new Parser(source).parse();
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.problem };
    throw error;
  }
}
