// Skeletons are written where they belong, never over a file, and only for names the project would accept.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createSkeleton } from './new.ts';

const root = mkdtempSync(join(tmpdir(), 'new-'));
after(() => rmSync(root, { recursive: true }));

test('a filter gets its file and its test under its own name', () => {
  const { ok, lines } = createSkeleton(root, 'filter', 'request-tags');
  assert.equal(ok, true);
  assert.ok(lines.includes('wrote src/filters/request-tags.ts'));
  assert.match(
    readFileSync(join(root, 'src/filters/request-tags.ts'), 'utf8'),
    /export const requestTags = defineFilter/,
  );
  assert.match(readFileSync(join(root, 'src/filters/request-tags.test.ts'), 'utf8'), /from '.\/request-tags.ts'/);
});

test('what exists is never overwritten', () => {
  mkdirSync(join(root, 'changes'), { recursive: true });
  writeFileSync(join(root, 'changes/mine.md'), 'kept');
  assert.deepEqual(createSkeleton(root, 'change', 'mine'), { ok: false, lines: ['changes/mine.md exists already'] });
  assert.equal(readFileSync(join(root, 'changes/mine.md'), 'utf8'), 'kept');
});

test('a decision takes the next number', () => {
  mkdirSync(join(root, 'docs/decisions'), { recursive: true });
  writeFileSync(join(root, 'docs/decisions/0041-before.md'), '');
  assert.equal(createSkeleton(root, 'decision', 'own-clock').lines[0], 'wrote docs/decisions/0042-own-clock.md');
});

test('an unknown kind or a name that is not kebab-case is refused with the usage', () => {
  for (const [kind, name] of [
    ['plug', 'a'],
    ['filter', 'camelCase'],
    ['filter', ''],
    ['filter', '../up'],
  ]) {
    const { ok, lines } = createSkeleton(root, kind, name);
    assert.equal(ok, false);
    assert.match(lines[0], /^usage: npm run new <filter\|decision\|change>/);
  }
});
