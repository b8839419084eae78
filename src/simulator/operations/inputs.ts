// The four shapes of `prompt` and `input`: a text, texts, a list of token numbers, lists of token numbers.
import { countTokens } from '../tokens.ts';

export interface InputText {
  readonly text: string;
  readonly tokens: number;
}

/** Undefined when it is none of the four shapes, or empty. */
export function readInputs(value: unknown): readonly InputText[] | undefined {
  if (typeof value === 'string') return [fromText(value)];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (isNumbers(value)) return [fromNumbers(value)];
  const inputs = (value as readonly unknown[]).map((entry) => {
    if (typeof entry === 'string') return fromText(entry);
    return isNumbers(entry) ? fromNumbers(entry) : undefined;
  });
  return inputs.every((input) => input !== undefined) ? inputs : undefined;
}

function fromText(text: string): InputText {
  return { text, tokens: countTokens(text) };
}

/** Token numbers cannot be turned back into words here; they are shown as they came. */
function fromNumbers(numbers: readonly number[]): InputText {
  return { text: `tokens ${numbers.join(' ')}`, tokens: numbers.length };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => Number.isInteger(entry));
}
