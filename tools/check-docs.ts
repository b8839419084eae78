// Documents that cannot go stale: every link and file name leads somewhere, every configuration shown to a reader (```yaml gateway
// blocks, examples/*/gateway.yaml) passes `switchyard check`, every scenario (```yaml scenario, examples/*/scenario.yaml) comes out
// as it says. Part of the gate (`npm run docs`).
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Block {
  /** `file:line` of the first line inside the fence. */
  readonly place: string;
  readonly text: string;
}

const FENCE = /^```/;

/** A heading's address as Git hosts make it: lower case, punctuation dropped, blanks to dashes. */
export function slugOf(heading: string): string {
  const text = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return text.trim().replaceAll(/\s/g, '-');
}

/** Lines outside fenced blocks, the others blank, so that line numbers stay. */
function proseLines(text: string): readonly string[] {
  let inFence = false;
  return text.split('\n').map((line) => {
    const isFence = FENCE.test(line.trimStart());
    if (isFence) inFence = !inFence;
    return inFence || isFence ? '' : line;
  });
}

function anchorsOf(text: string): ReadonlySet<string> {
  const headings = proseLines(text).flatMap((line) => /^#{1,6}\s+(.*)$/.exec(line)?.[1] ?? []);
  return new Set(headings.map(slugOf));
}

/** Links of a document that lead nowhere. Addresses with a scheme are not followed: the gate works without a network. */
export function checkLinks(root: string, file: string): readonly string[] {
  const problems: string[] = [];
  const text = readFileSync(join(root, file), 'utf8');
  proseLines(text).forEach((line, index) => {
    for (const [, address] of line.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(address)) continue;
      const [path, anchor] = address.split('#');
      const target = path === '' ? join(root, file) : join(root, dirname(file), path);
      const place = `${file}:${index + 1}`;
      if (!existsSync(target)) problems.push(`${place}: ${address} leads nowhere`);
      else if (anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor)) {
        problems.push(`${place}: ${address}: no such heading`);
      }
    }
  });
  return problems;
}

/**
 * Files named in inline code that are not there: `src/wire/sse.ts`, or `wire/sse.ts` for short. Words in capitals are
 * placeholders, and only names with a known beginning are taken for files of ours.
 */
export function checkNamedFiles(root: string, file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const folders = new Set([
    'src',
    'tools',
    'docs',
    'test',
    'bench',
    'bin',
    ...globSync('src/*', { cwd: root }).map((path) => path.slice(4)),
  ]);
  return proseLines(text).flatMap((line, index) =>
    [...line.matchAll(/`([a-z0-9-]+)\/([\w./-]*)`/g)]
      .filter(([, folder, rest]) => folders.has(folder) && !/\b[A-Z]{4,}\b/.test(rest))
      .map(([, folder, rest]) => `${folder}/${rest}`)
      .filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, 'src', path)))
      .map((path) => `${file}:${index + 1}: ${path} is not there`),
  );
}

/** Blocks fenced as ```yaml with this word: complete files that a reader may copy. */
export function fencedBlocks(text: string, file: string, word: 'gateway' | 'scenario'): readonly Block[] {
  const blocks: Block[] = [];
  let open: { readonly start: number; readonly isMeant: boolean } | undefined;
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    if (!FENCE.test(line)) return;
    if (open === undefined) open = { start: index + 1, isMeant: line.trimEnd() === `\`\`\`yaml ${word}` };
    else {
      const { start, isMeant } = open;
      if (isMeant) blocks.push({ place: `${file}:${start + 1}`, text: lines.slice(start, index).join('\n') });
      open = undefined;
    }
  });
  return blocks;
}

type Command = 'check' | 'test';

function tryFile(
  command: Command,
  root: string,
  { path, shownAs }: { path: string; shownAs: string },
): readonly string[] {
  const result = spawnSync(join(root, 'bin', 'switchyard'), [command, path], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (result.status === 0) return [];
  return [`${shownAs}: \`switchyard ${command}\` refuses it:\n${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd()];
}

function tryBlocks(command: Command, root: string, blocks: readonly Block[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-docs-'));
  try {
    return blocks.flatMap((block, index) => {
      const path = join(folder, `block-${index}.yaml`);
      writeFileSync(path, block.text);
      return tryFile(command, root, { path, shownAs: block.place });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function checkDocs(root: string): readonly string[] {
  const documents = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'bench/*.md', 'changes/*.md'], {
    cwd: root,
  }).sort();
  const blocks = (word: 'gateway' | 'scenario'): readonly Block[] =>
    documents.flatMap((file) => fencedBlocks(readFileSync(join(root, file), 'utf8'), file, word));
  const examples = (name: string): readonly string[] => globSync(`examples/*/${name}`, { cwd: root }).sort();
  return [
    ...documents.flatMap((file) => checkLinks(root, file)),
    ...documents.flatMap((file) => checkNamedFiles(root, file)),
    ...tryBlocks('check', root, blocks('gateway')),
    ...tryBlocks('test', root, blocks('scenario')),
    ...examples('gateway.yaml').flatMap((path) => tryFile('check', root, { path, shownAs: path })),
    ...examples('scenario.yaml').flatMap((path) => tryFile('test', root, { path, shownAs: path })),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = checkDocs(dirname(import.meta.dirname));
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
