// `npm test`: the gate, then whole gateways over real sockets. Says which tests were left out and how to get what they
// need; the last line is always `N passed, M failed` (a failed step of the gate that holds no tests counts as one failure).
import { runGate, runSteps, wholeTests } from './ok.ts';
import { addCounts, type SkippedTest, sumLine } from './run-tests.ts';

/** Programs that tests drive or compare with, and the Debian package that brings each. */
const PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  wrk: 'wrk',
  promtool: 'prometheus',
  jq: 'jq',
  curl: 'curl',
  'python3-venv': 'python3-venv',
};

/** How to get the program a reason names, if it names one we know. */
function howToGet(reason: string): string {
  const program = Object.keys(PACKAGES).find((name) => reason.includes(name));
  return program === undefined ? '' : ` (apt-get install ${PACKAGES[program]})`;
}

function printSkipped(skipped: readonly SkippedTest[]): void {
  if (skipped.length === 0) return;
  console.log('\nLeft out:');
  const byReason = Map.groupBy(skipped, (test) => test.reason);
  for (const [reason, group] of byReason) {
    const files = [...new Set(group.map((test) => test.file))].join(', ');
    console.log(`  ${group.length} in ${files}: ${reason || 'no reason given'}${howToGet(reason)}`);
  }
}

const gate = await runGate();
const whole = await runSteps([
  wholeTests('end to end', 'test/e2e/**/*.test.ts'),
  wholeTests('conformance', 'test/conformance/**/*.test.ts'),
  wholeTests('chaos', 'test/chaos/**/*.test.ts'),
]);
const total = addCounts(gate, whole);
printSkipped(total.skipped);
console.log(sumLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
