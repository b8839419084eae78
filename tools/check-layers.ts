// The layer rules of layers.js over src/: who imports whom, no cycles, no extension knows its sibling, hot code sees only
// types of the model, packages stay behind their folder, and the shape of files. Part of the gate (`npm run layers`).
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readImports, type SourceImport } from './source-imports.ts';

/** What layers.js exports. */
export interface LayerRules {
  readonly layers: Readonly<Record<string, readonly string[]>>;
  readonly hot: readonly string[];
  readonly compilers: readonly RegExp[];
  readonly extensions: readonly { readonly folder: string; readonly shared: readonly string[] }[];
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly testPackages: readonly string[];
  readonly pure: readonly string[];
  readonly longFiles: readonly string[];
}

interface SourceFile {
  /** Below src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
}

const MOST_LINES = 400;
const BANNED_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'index', 'shared'];
const BUILTINS_WITH_IO = /^node:(net|tls|http|https|http2|dgram|dns|fs|child_process|worker_threads|cluster)(\/|$)/;
/** Names in those modules that only compute. */
const COMPUTING_NAMES = ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'STATUS_CODES', 'METHODS'];

const folderOf = (path: string): string => path.split('/')[0];
const isTest = (path: string): boolean => /\.(test|contract|test-d)\.ts$/.test(path);
/** Entry points of the package lie in src/ itself and only re-export. */
const isEntry = (path: string): boolean => !path.includes('/');

/** The path below src/ that a relative specifier means, or undefined for packages and built-ins. */
function targetOf(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file.path), specifier)) : undefined;
}

/** `filters/cors/parse.test.ts` → `cors`; undefined outside the folder and for the files around the extensions. */
function extensionOf(path: string, group: LayerRules['extensions'][number]): string | undefined {
  if (!path.startsWith(`${group.folder}/`)) return undefined;
  const name = path.slice(group.folder.length + 1).split(/[/.]/)[0];
  return group.shared.includes(name) ? undefined : name;
}

function checkLayer(file: SourceFile, target: string, isTypeOnly: boolean, rules: LayerRules): string | undefined {
  const from = folderOf(file.path);
  const to = folderOf(target);
  if (target.startsWith('..')) return `leaves src/ for ${target}`;
  if (from !== to && !rules.layers[from].includes(to)) return `${from} may not import ${to} (${target})`;
  // Tests may build models and set extensions side by side; layers hold for them all the same.
  if (isTest(file.path)) return undefined;
  const isHot = rules.hot.includes(from) && !rules.compilers.some((pattern) => pattern.test(file.path));
  if (isHot && to === 'model' && !isTypeOnly) return `hot code may only \`import type\` from model (${target})`;
  for (const group of rules.extensions) {
    const [own, other] = [extensionOf(file.path, group), extensionOf(target, group)];
    if (own !== undefined && other !== undefined && own !== other)
      return `${own} imports its sibling ${other} (${group.folder})`;
  }
  return undefined;
}

function checkBuiltin(file: SourceFile, found: SourceImport, rules: LayerRules): string | undefined {
  const folder = folderOf(file.path);
  if (!rules.pure.includes(folder) || found.isTypeOnly || isTest(file.path)) return undefined;
  if (!BUILTINS_WITH_IO.test(found.specifier)) return undefined;
  const isComputing = found.names.length > 0 && found.names.every((name) => COMPUTING_NAMES.includes(name));
  return isComputing ? undefined : `${folder} is pure and may not import ${found.specifier}`;
}

function checkPackage(file: SourceFile, specifier: string, rules: LayerRules): string | undefined {
  const folder = folderOf(file.path);
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (rules.packages[folder]?.includes(name)) return undefined;
  if (isTest(file.path) && rules.testPackages.includes(name)) return undefined;
  return `${folder} may not import the package ${name}`;
}

function checkImport(file: SourceFile, found: SourceImport, rules: LayerRules): string | undefined {
  if (found.specifier.startsWith('node:')) return checkBuiltin(file, found, rules);
  const target = targetOf(file, found.specifier);
  if (target === undefined) return checkPackage(file, found.specifier, rules);
  return checkLayer(file, target, found.isTypeOnly, rules);
}

function* checkShape(file: SourceFile, rules: LayerRules): Generator<string> {
  const lines = file.text.split('\n').length - 1;
  if (lines > MOST_LINES && !isTest(file.path) && !rules.longFiles.includes(file.path)) {
    yield `src/${file.path}: ${lines} lines, at most ${MOST_LINES}: split it`;
  }
  if (!/^(\/\/|\/\*)/.test(file.text))
    yield `src/${file.path}:1: the file must open with a comment that says what it is for`;
  for (const part of isEntry(file.path) ? [] : file.path.split(/[/.]/)) {
    if (BANNED_NAMES.includes(part)) yield `src/${file.path}: "${part}" says nothing; name the thing`;
    else if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)) yield `src/${file.path}: "${part}" is not kebab-case`;
  }
}

/** Imports that go round, each ring once; types count, because a ring of types is still two files that are one. */
function* checkCycles(files: ReadonlyMap<string, SourceFile>): Generator<string> {
  const done = new Set<string>();
  function* walk(path: string, trail: readonly string[]): Generator<string> {
    const start = trail.indexOf(path);
    if (start >= 0) yield `src/${path}: imports go round: ${[...trail.slice(start), path].join(' → ')}`;
    const file = files.get(path);
    if (start >= 0 || done.has(path) || file === undefined) return;
    for (const { specifier } of file.imports) {
      const target = targetOf(file, specifier);
      if (target !== undefined) yield* walk(target, [...trail, path]);
    }
    done.add(path);
  }
  for (const path of files.keys()) yield* walk(path, []);
}

/** Every breach of the rules below `root`/src, as `file:line: what`. */
export function checkLayers(root: string, rules: LayerRules): readonly string[] {
  const files = new Map<string, SourceFile>();
  for (const found of globSync('**/*.ts', { cwd: join(root, 'src') }).sort()) {
    const path = found.replaceAll('\\', '/');
    const text = readFileSync(join(root, 'src', path), 'utf8');
    files.set(path, { path, text, imports: readImports(text) });
  }
  const problems: string[] = [];
  for (const file of files.values()) {
    problems.push(...checkShape(file, rules));
    if (isEntry(file.path)) continue;
    if (rules.layers[folderOf(file.path)] === undefined)
      problems.push(`src/${file.path}: layers.js has no line for this folder`);
    else
      for (const found of file.imports) {
        const problem = checkImport(file, found, rules);
        if (problem !== undefined) problems.push(`src/${file.path}:${found.line}: ${problem}`);
      }
  }
  problems.push(...checkCycles(files));
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = dirname(import.meta.dirname);
  const rules: LayerRules = await import(pathToFileURL(join(root, 'layers.js')).href);
  const problems = checkLayers(root, rules);
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
