// Runs node:test files, shows only what failed, and gives the counts to the gate and to `npm test`.
import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';

/** A test that was left out, with the reason its author gave. */
export interface SkippedTest {
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: [] };

export function addCounts(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: [...left.skipped, ...right.skipped],
  };
}

/** The last line of `npm test`; machines read it. */
export function sumLine(counts: TestCounts): string {
  const skipped = counts.skipped.length === 0 ? '' : `, ${counts.skipped.length} skipped`;
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

interface TestFailure {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly details: { readonly type?: string; readonly error: Error };
}

/** A suite fails only because a test in it did, and a test because a subtest did: those lines would say nothing new. */
function isEcho(failure: TestFailure): boolean {
  const kind = (failure.details.error as { failureType?: string }).failureType;
  return failure.details.type === 'suite' || kind === 'subtestsFailed';
}

function describeFailure(failure: TestFailure): string {
  const error = failure.details.error;
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  const place = failure.file === undefined ? '' : ` (${relative(process.cwd(), failure.file)}:${failure.line ?? 0})`;
  return `  not ok: ${failure.name}${place}\n${text.replaceAll(/^/gm, '      ')}\n`;
}

/**
 * Runs every file that a glob finds, each in a process of its own. With `skipsFail` (CI, where every server is
 * installed) a test that is left out counts as failed, so that a missing server cannot pass for a green run.
 */
export async function runTests(globs: readonly string[], skipsFail: boolean): Promise<TestCounts> {
  const files = globSync([...globs], { exclude: (name) => name === 'node_modules' }).sort();
  if (files.length === 0) return NO_TESTS;
  const skipped: SkippedTest[] = [];
  const output = new Map<string, string>();
  let totals = { passed: 0, failed: 0 };
  const stream = run({ files, concurrency: true, timeout: 120_000, isolation: 'process' });
  stream.on('test:stdout', ({ file, message }) => output.set(file, (output.get(file) ?? '') + message));
  stream.on('test:stderr', ({ file, message }) => output.set(file, (output.get(file) ?? '') + message));
  stream.on('test:pass', ({ name, file, skip }) => {
    if (skip === undefined || skip === false) return;
    skipped.push({ name, file: relative(process.cwd(), file ?? ''), reason: typeof skip === 'string' ? skip : '' });
  });
  stream.on('test:fail', (failure) => {
    if (!isEcho(failure)) process.stdout.write(describeFailure(failure));
  });
  stream.on('test:summary', ({ file, counts, success }) => {
    if (file !== undefined && !success) process.stdout.write(output.get(file) ?? '');
    if (file === undefined) totals = { passed: counts.passed, failed: counts.tests - counts.passed - counts.skipped };
  });
  for await (const _ of stream);
  if (!skipsFail) return { ...totals, skipped };
  for (const test of skipped)
    process.stdout.write(`  not ok: ${test.name} (${test.file}) was left out: ${test.reason}\n`);
  return { passed: totals.passed, failed: totals.failed + skipped.length, skipped: [] };
}
