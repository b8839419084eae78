// The tokenizer itself, loaded when first asked. Only for threads that may stand still: loading takes a third of a second.

type Encoding = 'o200k_base' | 'cl100k_base';
type CountTokens = (text: string) => number;

/** Models of before 2024 count otherwise. Other providers keep their tokenizers to themselves: OpenAI's newest stands in. */
export function encodingOf(model: string): Encoding {
  return /^(gpt-4(-|$)(?!o)|gpt-3\.5|text-embedding)/.test(model.replace(/^.*\//, '')) ? 'cl100k_base' : 'o200k_base';
}

const loaded = new Map<Encoding, CountTokens>();

/** A text that spells a special token (`<|endoftext|>`) is text like any other. */
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** Longest run without a break between space and text that is counted in one piece. Words are shorter; so are most sentences of scripts without space. */
const MAX_RUN = 256;

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/**
 * The text cut inside its overlong runs only. The tokenizer takes the square of a run's length: a quarter of a megabyte of one letter,
 * which any client may send, would keep it for minutes. A cut costs a token at most.
 */
export function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  let run = 0;
  let wasSpace = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isSpaceNow = isSpace(unit);
    run = isSpaceNow === wasSpace ? run + 1 : 1;
    wasSpace = isSpaceNow;
    // Not inside a pair of surrogates.
    if (run <= MAX_RUN || (unit >= 0xdc00 && unit <= 0xdfff)) continue;
    pieces.push(text.slice(start, at));
    start = at;
    run = 1;
  }
  pieces.push(text.slice(start));
  return pieces;
}

async function load(encoding: Encoding): Promise<CountTokens> {
  const { countTokens } =
    encoding === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  return (text) => piecesOf(text).reduce((sum, piece) => sum + countTokens(piece, AS_TEXT), 0);
}

export async function tokenizerFor(model: string): Promise<CountTokens> {
  const encoding = encodingOf(model);
  const count = loaded.get(encoding) ?? (await load(encoding));
  loaded.set(encoding, count);
  return count;
}

export async function countTokens(text: string, model: string): Promise<number> {
  return (await tokenizerFor(model))(text);
}
