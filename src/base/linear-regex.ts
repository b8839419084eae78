// Regular expressions matched by an automaton that is built while it is used: time grows with the text, never with what the
// text makes the pattern try, so a client cannot stall a worker with a crafted path. Whole-text match only, no captures.
import { Automaton, assemble, type Instruction } from './automaton.ts';
import { inRanges, parseRegex, type RegexNode, type RegexProblem } from './regex-syntax.ts';

/** Its automaton is made when the first text is asked about: of thousands of patterns a thread may never meet most. */
export class LinearRegex {
  /** Every match begins with it. */
  readonly literalPrefix: string;
  /** Characters that stand for themselves: longer is more specific. */
  readonly literalLength: number;
  private readonly source: string;
  private automaton: Automaton | undefined;

  constructor(source: string, node: RegexNode) {
    this.source = source;
    this.literalPrefix = literalStart(node);
    this.literalLength = countLiterals(node);
  }

  /** A text that matches; undefined when none was found at the first try. */
  get sample(): string | undefined {
    const sample = sampleOf(understood(this.source).node);
    return this.matches(sample) ? sample : undefined;
  }

  /** Whether the whole text matches. */
  matches(text: string): boolean {
    this.automaton ??= new Automaton(understood(this.source).program);
    return this.automaton.matches(text);
  }
}

/** The single code unit of a literal, else undefined. */
function literalOf(node: RegexNode): string | undefined {
  if (node.kind !== 'set' || node.ranges.length !== 2 || node.ranges[0] !== node.ranges[1]) return undefined;
  return String.fromCharCode(node.ranges[0]);
}

function literalStart(node: RegexNode): string {
  let prefix = '';
  for (const part of node.kind === 'sequence' ? node.parts : [node]) {
    const literal = literalOf(part);
    if (literal === undefined && !(part.kind === 'assert' && part.what === 'start')) break;
    prefix += literal ?? '';
  }
  return prefix;
}

function countLiterals(node: RegexNode): number {
  if (node.kind === 'sequence') return node.parts.reduce((sum, part) => sum + countLiterals(part), 0);
  if (node.kind === 'choice') return Math.min(...node.branches.map(countLiterals));
  if (node.kind === 'repeat') return node.min === 0 ? 0 : countLiterals(node.part) * node.min;
  return literalOf(node) === undefined ? 0 : 1;
}

/** The shortest text the tree allows, assertions unread; letters and digits are taken where a set has them. */
function sampleOf(node: RegexNode): string {
  if (node.kind === 'assert') return '';
  if (node.kind === 'sequence') return node.parts.map(sampleOf).join('');
  if (node.kind === 'choice') return sampleOf(node.branches[0]);
  if (node.kind === 'repeat') return sampleOf(node.part).repeat(node.min);
  const letter = ['x', 'a', 'A', '0', '-'].find((candidate) => inRanges(node.ranges, candidate.charCodeAt(0)));
  return letter ?? String.fromCharCode(node.ranges[0]);
}

interface Understood {
  readonly node: RegexNode;
  readonly program: readonly Instruction[];
}

function understand(source: string): Understood | { readonly problem: RegexProblem } {
  const node = parseRegex(source);
  if ('problem' in node) return node;
  const program = assemble(node);
  if (program === undefined)
    return { problem: { kind: 'unsafe', reason: 'its repetitions multiply to too large a program' } };
  return { node, program };
}

/** Of a source that was understood before. */
function understood(source: string): Understood {
  const again = understand(source);
  if ('problem' in again) throw new Error(`the regex ${source} was understood once`);
  return again;
}

/** A matcher, or why the pattern is refused. */
export function compileRegex(source: string): LinearRegex | { readonly problem: RegexProblem } {
  const found = understand(source);
  return 'problem' in found ? found : new LinearRegex(source, found.node);
}
