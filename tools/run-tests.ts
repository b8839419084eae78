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
  const lines = text.split('\n').filter((line) => !/^\s+at .*\bnode:internal\//.test(line));
  return `  not ok: ${failure.name}${place}\n${lines.map((line) => `      ${line}`).join('\n')}\n`;
}

export interface RunOptions {
  /** Files at a time, each in a process of its own. */
  readonly concurrency: number;
  /** CI, where every server is installed: a test left out counts as failed, so that a missing server cannot pass for green. */
  readonly skipsFail: boolean;
}

/** Follows one run: prints what failed as it fails, and counts. */
class RunRecord {
  readonly skipped: SkippedTest[] = [];
  passed = 0;
  failed = 0;
  private readonly output = new Map<string, string>();

  follow(stream: ReturnType<typeof run>): void {
    stream.on('test:stdout', ({ file, message }) => this.keepOutput(file, message));
    stream.on('test:stderr', ({ file, message }) => this.keepOutput(file, message));
    stream.on('test:pass', ({ name, file, skip, todo }) => {
      const place = relative(process.cwd(), file ?? '');
      if (todo !== undefined && todo !== false) process.stdout.write(`  not ok: ${name} (${place}) is marked todo\n`);
      if (skip === undefined || skip === false) return;
      this.skipped.push({ name, file: place, reason: typeof skip === 'string' ? skip : '' });
    });
    stream.on('test:fail', (failure) => {
      if (!isEcho(failure)) process.stdout.write(describeFailure(failure));
      // A file that failed as a whole (a wrong import, a crash) has no summary of its own.
      if (failure.name === failure.file) this.showOutput(failure.file);
    });
    stream.on('test:summary', ({ file, counts, success }) => {
      if (file !== undefined && !success) this.showOutput(file);
      if (file !== undefined) return;
      this.passed = counts.passed;
      this.failed = counts.tests - counts.passed - counts.skipped;
    });
  }

  private keepOutput(file: string, message: string): void {
    this.output.set(file, (this.output.get(file) ?? '') + message);
  }

  private showOutput(file: string): void {
    process.stdout.write(this.output.get(file) ?? '');
    this.output.delete(file);
  }
}

/** Runs every file that a glob finds. */
export async function runTests(globs: readonly string[], options: RunOptions): Promise<TestCounts> {
  const files = globSync([...globs], { exclude: (name) => name === 'node_modules' }).sort();
  if (files.length === 0) return NO_TESTS;
  const record = new RunRecord();
  const stream = run({ files, concurrency: options.concurrency, timeout: 120_000, isolation: 'process' });
  record.follow(stream);
  for await (const _ of stream);
  const { passed, failed, skipped } = record;
  if (!options.skipsFail) return { passed, failed, skipped };
  for (const { name, file, reason } of skipped)
    process.stdout.write(`  not ok: ${name} (${file}) left out: ${reason}\n`);
  return { passed, failed: failed + skipped.length, skipped: [] };
}
