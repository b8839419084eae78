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

async function load(encoding: Encoding): Promise<CountTokens> {
  const { countTokens } =
    encoding === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base');
  return (text) => countTokens(text, AS_TEXT);
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
