// The test runner over a folder of test files that pass, fail, are left out, or cannot be loaded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { addCounts, NO_TESTS, sumLine } from './run-tests.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-tests-'));
after(() => rmSync(folder, { recursive: true }));

const RUNNER = pathToFileURL(join(import.meta.dirname, 'run-tests.ts')).href;
const HEAD = "import { describe, test } from 'node:test';\n";

/** What the runner prints over one test file, its sum last. In a process of its own: node:test runs no tests inside tests. */
function runOver(text: string, skipsFail: boolean): readonly string[] {
  writeFileSync(join(folder, 'a.test.mjs'), text);
  writeFileSync(
    join(folder, 'run.mjs'),
    `import { runTests, sumLine } from '${RUNNER}';
     console.log(sumLine(await runTests(['${join(folder, '*.test.mjs')}'], { concurrency: 1, skipsFail: ${skipsFail} })));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const result = spawnSync(process.execPath, [join(folder, 'run.mjs')], { encoding: 'utf8', env });
  return `${result.stdout}${result.stderr}`.trimEnd().split('\n');
}

test('passed tests are counted and print nothing', () => {
  assert.deepEqual(runOver(`${HEAD}test('a', () => {}); describe('s', () => { test('b', () => {}); });`, false), [
    '2 passed, 0 failed',
  ]);
});

test('a failure shows its name, message and what the file printed', () => {
  const lines = runOver(`${HEAD}test('bad', () => { console.log('a trace'); throw new Error('broken'); });`, false);
  assert.match(lines[0], /^ {2}not ok: bad \(.*a\.test\.mjs:2\)$/);
  assert.match(lines[1], /Error: broken/);
  assert.ok(lines.includes('a trace'));
  assert.equal(lines.at(-1), '0 passed, 1 failed');
});

test('a file that cannot be loaded is a failure with its reason', () => {
  const lines = runOver("import './nowhere.mjs';", false);
  assert.ok(lines.some((line) => line.includes('ERR_MODULE_NOT_FOUND')));
  assert.equal(lines.at(-1), '0 passed, 1 failed');
});

test('a test left out is counted apart, and in CI as failed', () => {
  const text = `${HEAD}test('a', () => {}); test('b', { skip: 'needs promtool' }, () => {});`;
  assert.deepEqual(runOver(text, false), ['1 passed, 0 failed, 1 skipped']);
  const strict = runOver(text, true);
  assert.match(strict[0], /not ok: b \(.*\) left out: needs promtool/);
  assert.equal(strict.at(-1), '1 passed, 1 failed');
});

test('a test marked todo is not passed off as done', () => {
  const lines = runOver(`${HEAD}test('later', { todo: true }, () => {});`, false);
  assert.match(lines[0], /later .* is marked todo/);
  assert.equal(lines.at(-1), '0 passed, 1 failed');
});

test('sums add up', () => {
  const one = { passed: 1, failed: 2, skipped: [{ name: 'a', file: 'b', reason: 'c' }] };
  assert.equal(sumLine(addCounts(one, one)), '2 passed, 4 failed, 2 skipped');
  assert.equal(sumLine(addCounts(NO_TESTS, NO_TESTS)), '0 passed, 0 failed');
});
