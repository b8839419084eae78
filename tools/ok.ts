// The gate, `npm run ok`: types, layers, lint and format, docs, then every test beside the code (unit, contract, golden)
// and the tools' own. One line per step with its seconds; all steps run, so that one look shows everything that is wrong.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { addCounts, NO_TESTS, runTests, sumLine, type TestCounts } from './run-tests.ts';

interface Step {
  readonly name: string;
  /** Counts of tests; a step that is no test file gives one failure or none. */
  run(): TestCounts | Promise<TestCounts>;
}

const ONE_FAILURE: TestCounts = { passed: 0, failed: 1, skipped: [] };

/** In CI every server is there, so nothing may be left out. */
const skipsFail = process.env.SWITCHYARD_CI === '1';

function command(name: string, program: string, ...parameters: readonly string[]): Step {
  return {
    name,
    run() {
      const result = spawnSync(program, parameters, {
        encoding: 'utf8',
        timeout: 300_000,
        env: { ...process.env, FORCE_COLOR: '0' },
      });
      if (result.status === 0) return NO_TESTS;
      process.stdout.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
      return ONE_FAILURE;
    },
  };
}

/** Test files that need little of the machine: as many at a time as it has cores. */
function tests(name: string, ...globs: readonly string[]): Step {
  return { name, run: () => runTests(globs, { concurrency: availableParallelism(), skipsFail }) };
}

/** Test files that start whole gateways: one at a time, so that their deadlines measure the gateway and not each other. */
export function wholeTests(name: string, ...globs: readonly string[]): Step {
  return { name, run: () => runTests(globs, { concurrency: 1, skipsFail }) };
}

const node = process.execPath;
const STEPS: readonly Step[] = [
  command('types', 'node_modules/.bin/tsc', '--noEmit', '-p', '.'),
  command('layers', node, 'tools/check-layers.ts'),
  command('lint, format', process.execPath, 'tools/biome.cjs', 'ci', '--colors=off', '--error-on-warnings', '.'),
  command('reference', node, 'tools/write-reference.ts', '--check'),
  command('docs, examples', node, 'tools/check-docs.ts'),
  tests('unit, contract, golden', 'src/**/*.test.ts', 'tools/**/*.test.ts'),
  tests('scenarios', 'test/scenario/**/*.test.ts'),
];

/** Runs steps in order and prints a line for each. */
export async function runSteps(steps: readonly Step[]): Promise<TestCounts> {
  let total = NO_TESTS;
  for (const step of steps) {
    const startedAt = performance.now();
    const counts = await step.run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
    const sum = counts === NO_TESTS || counts === ONE_FAILURE ? '' : `  ${sumLine(counts)}`;
    console.log(`${counts.failed === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(24)}${seconds} s${sum}`);
    total = addCounts(total, counts);
  }
  return total;
}

export function runGate(): Promise<TestCounts> {
  return runSteps(STEPS);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const total = await runGate();
  console.log(sumLine(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
}
