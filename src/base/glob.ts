// Path globs: `*` is any run inside one segment, `**` any run at all, everything else stands for itself.
// Matched by stepping a set of positions, so the cost is text length times pattern length whatever a client sends.

const STAR = -1;
const GLOBSTAR = -2;
const SLASH = 47;

function tokensOf(pattern: string): number[] {
  const tokens: number[] = [];
  for (const part of pattern.split(/(\*+)/)) {
    if (part.startsWith('*')) tokens.push(part.length === 1 ? STAR : GLOBSTAR);
    else for (let index = 0; index < part.length; index++) tokens.push(part.charCodeAt(index));
  }
  return tokens;
}

/** Positions in a glob's tokens reached so far; one for all, because matching never waits. */
let reached = new Uint8Array(64);

export class Glob {
  /** Text in front of the first star: every match begins with it. */
  readonly literalPrefix: string;
  /** Characters that stand for themselves: longer is more specific. */
  readonly literalLength: number;
  /** A path that matches. */
  readonly sample: string;
  private readonly hasStars: boolean;
  private readonly literalSuffix: string;
  /** What lies between prefix and suffix; begins and ends with a star. */
  private readonly tokens: readonly number[];

  constructor(pattern: string) {
    const first = pattern.indexOf('*');
    const last = pattern.lastIndexOf('*');
    this.hasStars = first !== -1;
    this.literalPrefix = first === -1 ? pattern : pattern.slice(0, first);
    this.literalSuffix = first === -1 ? '' : pattern.slice(last + 1);
    this.literalLength = pattern.replaceAll('*', '').length;
    this.sample = pattern.replaceAll(/\*+/g, 'x');
    this.tokens = first === -1 ? [] : tokensOf(pattern.slice(first, last + 1));
    if (reached.length <= this.tokens.length) reached = new Uint8Array(this.tokens.length * 2);
  }

  matches(path: string): boolean {
    if (!this.hasStars) return path === this.literalPrefix;
    const end = path.length - this.literalSuffix.length;
    if (end < this.literalPrefix.length) return false;
    if (!path.startsWith(this.literalPrefix) || !path.endsWith(this.literalSuffix)) return false;
    if (this.tokens.length > 1) return this.step(path, this.literalPrefix.length, end);
    if (this.tokens[0] === GLOBSTAR) return true;
    const slash = path.indexOf('/', this.literalPrefix.length);
    return slash === -1 || slash >= end;
  }

  private step(path: string, start: number, end: number): boolean {
    const { tokens } = this;
    const last = tokens.length;
    reached.fill(0, 0, last + 1);
    reached[0] = 1;
    this.skipStars();
    for (let at = start; at < end; at++) {
      const code = path.charCodeAt(at);
      for (let index = last - 1; index >= 0; index--) {
        // A position is reached over the literal before it, or kept by its own star; stars are left by `skipStars`.
        reached[index + 1] = (tokens[index] === code ? reached[index] : 0) | this.stays(index + 1, code);
      }
      reached[0] = this.stays(0, code);
      this.skipStars();
    }
    return reached[last] === 1;
  }

  /** Whether a star at `index` takes one more character. */
  private stays(index: number, code: number): number {
    if (index >= this.tokens.length) return 0;
    const token = this.tokens[index];
    return token === GLOBSTAR || (token === STAR && code !== SLASH) ? reached[index] : 0;
  }

  /** A star may stand for nothing: its successor is reached with it. */
  private skipStars(): void {
    const { tokens } = this;
    for (let index = 0; index < tokens.length; index++) {
      if (reached[index] === 1 && tokens[index] < 0) reached[index + 1] = 1;
    }
  }
}
