// Rewrites the golden outputs of the dialects from their inputs and prints what changed, for review: `node tools/update-goldens.ts`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { runGolden } from '../src/dialects/native/golden-case.ts';

const dialects = new URL('../src/dialects/', import.meta.url);

function update(file: URL, text: string): string | undefined {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (before === text) return undefined;
  writeFileSync(file, text);
  return before === undefined ? 'new' : 'changed';
}

function updateFolder(folder: URL): number {
  let changes = 0;
  for (const input of readdirSync(folder).filter((file) => file.endsWith('.in.yaml'))) {
    const output = runGolden(readFileSync(new URL(input, folder), 'utf8'));
    for (const part of ['model', 'findings'] as const) {
      const name = input.replace('.in.yaml', `.${part}.yaml`);
      const change = update(new URL(name, folder), output[part]);
      if (change === undefined) continue;
      changes++;
      console.log(`${change} ${name} (${output[part].split('\n').length - 1} lines)`);
    }
  }
  return changes;
}

const folders = readdirSync(dialects, { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/golden/`, dialects)),
);
const total = folders.reduce((sum, { name }) => sum + updateFolder(new URL(`${name}/golden/`, dialects)), 0);
console.log(`${total} golden files written`);
