// The automaton behind linear-regex.ts: a program made of a parsed pattern, and states that are built while texts meet them.
import { inRanges, type RegexNode, WORD } from './regex-syntax.ts';

/** Instructions of a program; `next` is the following one unless said otherwise. */
export type Instruction =
  | { readonly type: 'set'; readonly ranges: readonly number[] }
  | { readonly type: 'split'; readonly other: number }
  | { readonly type: 'jump'; readonly to: number }
  | { readonly type: 'assert'; readonly what: 'start' | 'end' | 'boundary' | 'no-boundary' }
  | { readonly type: 'accept' };

const MAX_INSTRUCTIONS = 20_000;
/** Cached states; beyond this the cache starts anew (RE2's way), which bounds memory and costs time only. */
const MAX_STATES = 500;
const UNKNOWN = -1;
const DEAD = -2;
const END_OF_TEXT = -1;

class Assembler {
  readonly program: Instruction[] = [];
  isTooLarge = false;

  private push(instruction: Instruction): number {
    if (this.program.length >= MAX_INSTRUCTIONS) this.isTooLarge = true;
    else this.program.push(instruction);
    return this.program.length - 1;
  }

  emit(node: RegexNode): void {
    if (this.isTooLarge) return;
    if (node.kind === 'set') this.push({ type: 'set', ranges: node.ranges });
    else if (node.kind === 'assert') this.push({ type: 'assert', what: node.what });
    else if (node.kind === 'sequence') for (const part of node.parts) this.emit(part);
    else if (node.kind === 'choice') this.emitChoice(node.branches);
    else this.emitRepeat(node);
  }

  private emitChoice(branches: readonly RegexNode[]): void {
    const jumps: number[] = [];
    branches.forEach((branch, index) => {
      const split = index < branches.length - 1 ? this.push({ type: 'split', other: 0 }) : undefined;
      this.emit(branch);
      if (split === undefined) return;
      jumps.push(this.push({ type: 'jump', to: 0 }));
      this.program[split] = { type: 'split', other: this.program.length };
    });
    for (const jump of jumps) this.program[jump] = { type: 'jump', to: this.program.length };
  }

  private emitRepeat({ part, min, max }: RegexNode & { kind: 'repeat' }): void {
    for (let count = 0; count < min; count++) this.emit(part);
    if (max === Number.POSITIVE_INFINITY) {
      const split = this.push({ type: 'split', other: 0 });
      this.emit(part);
      this.push({ type: 'jump', to: split });
      this.program[split] = { type: 'split', other: this.program.length };
      return;
    }
    const splits: number[] = [];
    for (let count = min; count < max && !this.isTooLarge; count++) {
      splits.push(this.push({ type: 'split', other: 0 }));
      this.emit(part);
    }
    for (const split of splits) this.program[split] = { type: 'split', other: this.program.length };
  }

  finish(): void {
    this.push({ type: 'accept' });
  }
}

/** The program of a pattern; undefined when its repetitions multiply to too large a one. */
export function assemble(node: RegexNode): readonly Instruction[] | undefined {
  const assembler = new Assembler();
  assembler.emit(node);
  assembler.finish();
  return assembler.isTooLarge ? undefined : assembler.program;
}

/** A state: instructions reached before what comes next is known, and what came before. */
interface State {
  readonly reached: readonly number[];
  readonly atStart: boolean;
  readonly afterWord: boolean;
  accepts: boolean | undefined;
}

export class Automaton {
  private readonly program: readonly Instruction[];
  /** First code unit of every class: all members of a class behave alike. */
  private readonly classStarts: readonly number[];
  private readonly classOfLatin1 = new Uint16Array(256);
  private states: State[] = [];
  private stateIds = new Map<string, number>();
  /** `state * classes + class` → state. */
  private moves = new Int16Array(0);

  constructor(program: readonly Instruction[]) {
    this.program = program;
    this.classStarts = splitAlphabet(program);
    for (let code = 0; code < 256; code++) this.classOfLatin1[code] = this.findClass(code);
    this.restart();
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    const classes = this.classStarts.length;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const kind = code < 256 ? this.classOfLatin1[code] : this.findClass(code);
      let next = this.moves[state * classes + kind];
      if (next === UNKNOWN) next = this.move(state, kind);
      if (next === DEAD) return false;
      state = next;
    }
    const end = this.states[state];
    end.accepts ??= this.close(end, END_OF_TEXT).some((pc) => this.program[pc].type === 'accept');
    return end.accepts;
  }

  private findClass(code: number): number {
    let low = 0;
    let high = this.classStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.classStarts[middle] <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private restart(): void {
    this.states = [];
    this.stateIds = new Map();
    this.moves = new Int16Array(0);
    this.stateId([0], true, false);
  }

  private stateId(reached: readonly number[], atStart: boolean, afterWord: boolean): number {
    const key = `${atStart}${afterWord}${reached.join()}`;
    const known = this.stateIds.get(key);
    if (known !== undefined) return known;
    this.stateIds.set(key, this.states.length);
    this.makeRoom();
    return this.states.push({ reached, atStart, afterWord, accepts: undefined }) - 1;
  }

  /** Most patterns meet few states: room for their moves is doubled when needed. */
  private makeRoom(): void {
    const classes = this.classStarts.length;
    if (this.moves.length > this.states.length * classes) return;
    const grown = new Int16Array(Math.min(MAX_STATES, Math.max(4, this.states.length * 2)) * classes).fill(UNKNOWN);
    grown.set(this.moves);
    this.moves = grown;
  }

  private move(from: number, kind: number): number {
    const code = this.classStarts[kind];
    const reached = new Set<number>();
    for (const pc of this.close(this.states[from], code)) {
      const instruction = this.program[pc];
      if (instruction.type === 'set' && inRanges(instruction.ranges, code)) reached.add(pc + 1);
    }
    const slot = from * this.classStarts.length + kind;
    if (reached.size === 0) {
      this.moves[slot] = DEAD;
      return DEAD;
    }
    const sorted = [...reached].sort((a, b) => a - b);
    const isFull = this.states.length >= MAX_STATES;
    if (isFull) this.restart();
    const next = this.stateId(sorted, false, inRanges(WORD, code));
    if (!isFull) this.moves[slot] = next;
    return next;
  }

  /** Everything reached without reading, given the code unit that follows. */
  private close(state: State, nextCode: number): readonly number[] {
    const isBoundary = state.afterWord !== (nextCode !== END_OF_TEXT && inRanges(WORD, nextCode));
    const holds = {
      start: state.atStart,
      end: nextCode === END_OF_TEXT,
      boundary: isBoundary,
      'no-boundary': !isBoundary,
    };
    const seen = new Set<number>();
    const pending = [...state.reached];
    for (let pc = pending.pop(); pc !== undefined; pc = pending.pop()) {
      if (seen.has(pc)) continue;
      seen.add(pc);
      const instruction = this.program[pc];
      if (instruction.type === 'jump') pending.push(instruction.to);
      else if (instruction.type === 'split') pending.push(pc + 1, instruction.other);
      else if (instruction.type === 'assert' && holds[instruction.what]) pending.push(pc + 1);
    }
    return [...seen];
  }
}

function splitAlphabet(program: readonly Instruction[]): readonly number[] {
  const starts = new Set([0]);
  const ranges = [...WORD, ...program.flatMap((instruction) => (instruction.type === 'set' ? instruction.ranges : []))];
  for (let index = 0; index < ranges.length; index += 2) {
    starts.add(ranges[index]);
    if (ranges[index + 1] < 0xffff) starts.add(ranges[index + 1] + 1);
  }
  return [...starts].sort((a, b) => a - b);
}
