// Google's JSON takes both spellings of a field (`inline_data`, `inlineData`); what the author's own data is keeps its names.
import { isObject } from '../../json.ts';

/** Members whose value is not Google's: arguments, results, schemas of the caller. */
const FOREIGN: ReadonlySet<string> = new Set([
  'args',
  'response',
  'properties',
  'parametersJsonSchema',
  'responseJsonSchema',
  'labels',
]);

export function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const camel = name.replace(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [camel, FOREIGN.has(camel) ? member : inCamelCase(member)];
    }),
  );
}
