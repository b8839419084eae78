// Turns what the validation library says into problems in our words: a stable code, a path, the accepted names and the nearest one.
// No message repeats a value: it may be a secret that stood in the environment.
import type * as z from 'zod';
import { nearestName } from '../base/nearest-name.ts';
import type { SchemaProblem } from './schema.ts';

type Path = readonly (string | number)[];
type Issue = z.core.$ZodIssue;

/** The library does not say which keys would be right, so every object gives them as the message of that issue, joined by this. */
export const KEY_SEPARATOR = '\n';

const OWN_WORDS = 'expected ';

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'nothing',
};

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function didYouMean(nearest: string | undefined): { readonly mend: string } | undefined {
  return nearest === undefined ? undefined : { mend: `did you mean "${nearest}"?` };
}

function wrongType(path: Path, expected: string, found: unknown): SchemaProblem {
  if (found === undefined && path.length > 0) {
    const key = path[path.length - 1];
    return { path, code: 'config.missing-key', message: `"${key}" is required: expected ${expected}` };
  }
  return { path, code: 'config.wrong-type', message: `expected ${expected}, found ${kindOf(found)}` };
}

function wrongValue(path: Path, values: readonly unknown[], found: unknown): SchemaProblem {
  const names = values.map(String);
  if (found === undefined || (typeof found === 'object' && found !== null)) {
    return wrongType(path, names.length === 1 ? `"${names[0]}"` : `one of ${names.join(', ')}`, found);
  }
  return {
    path,
    code: 'config.wrong-value',
    message: names.length === 1 ? `expected ${names[0]}` : `not an accepted value; accepted: ${names.join(', ')}`,
    ...didYouMean(nearestName(String(found), names)),
  };
}

function acceptedHere(names: readonly string[]): string {
  return names.join() === '' ? 'nothing can be set here' : `accepted here: ${names.join(', ')}`;
}

function unknownKeys(path: Path, keys: readonly string[], accepted: readonly string[]): SchemaProblem[] {
  return keys.map((key) => ({
    path: [...path, key],
    code: 'config.unknown-key',
    message: `unknown key "${key}"`,
    mend: didYouMean(nearestName(key, accepted))?.mend ?? acceptedHere(accepted),
  }));
}

/** Of the branches of a union, the one whose first problem lies deepest: that is what the author was writing. */
function nearestBranch(path: Path, branches: readonly (readonly Issue[])[], root: unknown): readonly SchemaProblem[] {
  const problems = branches.map((issues) => translate(issues, root, path));
  const depth = (list: readonly SchemaProblem[]) => Math.max(0, ...list.map((problem) => problem.path.length));
  const inside = problems.filter((list) => depth(list) > path.length);
  if (inside.length > 0) {
    const unfit = (list: readonly SchemaProblem[]) =>
      list.filter((problem) => problem.path.length <= path.length).length;
    return inside.toSorted((a, b) => unfit(a) - unfit(b) || depth(b) - depth(a) || a.length - b.length)[0];
  }
  const flat = problems.flat();
  const specific = flat.filter(
    (problem) => problem.code !== 'config.wrong-type' && problem.code !== 'config.missing-key',
  );
  if (specific.length > 0) return specific.slice(0, 1);
  const wanted = flat.map((problem) => /expected (.+?)(?:, found .*)?$/.exec(problem.message)?.[1] ?? 'something else');
  return [wrongType(path, [...new Set(wanted)].join(' or '), valueAt(root, path))];
}

/** Schemas of scalars say what they expect themselves: the message begins so. */
function ownWords(issue: Issue): string | undefined {
  return issue.message.startsWith(OWN_WORDS) ? issue.message.slice(OWN_WORDS.length) : undefined;
}

function translateOne(issue: Issue, root: unknown, base: Path): readonly SchemaProblem[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const found = valueAt(root, path);
  switch (issue.code) {
    case 'invalid_type':
      return [wrongType(path, ownWords(issue) ?? TYPE_WORDS[issue.expected] ?? issue.expected, found)];
    case 'unrecognized_keys':
      return unknownKeys(path, issue.keys, issue.message.split(KEY_SEPARATOR));
    case 'invalid_value':
      return [wrongValue(path, issue.values, found)];
    case 'invalid_union':
      if (ownWords(issue) !== undefined) return [wrongType(path, String(ownWords(issue)), found)];
      return nearestBranch(path, issue.errors, root);
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array')
        return [{ path, code: 'config.wrong-value', message: 'must not be empty' }];
      return [{ path, code: 'config.wrong-value', message: `too small: the least accepted is ${issue.minimum}` }];
    case 'too_big':
      return [{ path, code: 'config.wrong-value', message: `too large: the most accepted is ${issue.maximum}` }];
    default:
      return [{ path, code: 'config.wrong-value', message: issue.message }];
  }
}

function translate(issues: readonly Issue[], root: unknown, base: Path): readonly SchemaProblem[] {
  return issues.flatMap((issue) => translateOne(issue, root, base));
}

/** Problems of a failed parse of `root`, in the order found; one for each place, since the next is mostly its echo. */
export function toProblems(issues: readonly Issue[], root: unknown): readonly SchemaProblem[] {
  const problems = translate(issues, root, []);
  const isFirst = (problem: SchemaProblem, index: number) =>
    problems.findIndex((other) => toKey(other.path) === toKey(problem.path)) === index;
  return problems.filter(isFirst);
}

function toKey(path: Path): string {
  return JSON.stringify(path);
}
