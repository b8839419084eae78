// Comparisons as people write them in configuration (`> 10MB`, `<= 1s`, `< 0.1%`): the unit says what is compared.
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';

export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '=';

/** `bytes`, `ms`, `ratio` (0.001 for 0.1%) or a plain `number`. */
export interface Comparison {
  readonly operator: ComparisonOperator;
  readonly value: number;
  readonly unit: 'bytes' | 'ms' | 'ratio' | 'number';
}

const FORM = /^(<=|>=|==|<|>|=)\s*(\S.*)$/;

function parseOperand(text: string): Pick<Comparison, 'value' | 'unit'> | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return { value: Number(text), unit: 'number' };
  if (/^\d+(\.\d+)?\s*%$/.test(text)) return { value: Number.parseFloat(text) / 100, unit: 'ratio' };
  const ms = parseDuration(text);
  if (ms !== undefined) return { value: ms, unit: 'ms' };
  const bytes = parseByteSize(text);
  return bytes === undefined ? undefined : { value: bytes, unit: 'bytes' };
}

/** Undefined when it is no comparison. */
export function parseComparison(text: string): Comparison | undefined {
  const [, operator, operand] = FORM.exec(text.trim()) ?? [];
  if (operator === undefined) return undefined;
  const right = parseOperand(operand.trim());
  return right && { operator: operator === '==' ? '=' : (operator as ComparisonOperator), ...right };
}
