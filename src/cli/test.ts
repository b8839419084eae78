// `switchyard test`: runs scenarios against a configuration in simulated time, by the code that serves live traffic.
import { Command } from 'commander';
import { findScenarios, isGood, runScenarioText, type ScenarioReport } from '../scenario/run-scenario.ts';
import type { SetExitCode } from './exit-code.ts';
import { seedOption } from './options.ts';
import { printReport } from './print-report.ts';
import { type Output, outputTo, plural } from './terminal.ts';

interface TestOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly seed?: number;
}

const EXAMPLES = `
Examples:
  switchyard test scenario.yaml
  switchyard test examples/ --verbose            also which endpoint was in use when, and why not
  switchyard test scenario.yaml --seed 7         another run of chance; the same seed gives the same output
  switchyard test scenario.yaml --json | jq '.[].verdicts[] | select(.ok | not)'

A scenario names a configuration, how its endpoints behave, what is sent, and what must come of it. Nothing is listened on and
nobody is asked: time, chance and endpoints are simulated.

Exit code: 0 when everything is as expected, 1 when something is not or a scenario has errors.`;

export function testCommand(setExitCode: SetExitCode): Command {
  return new Command('test')
    .description('Run scenarios against a configuration in simulated time.')
    .argument('<files...>', 'scenario files, or folders that hold some')
    .option('--json', 'print the reports as JSON')
    .option('-v, --verbose', 'also print traffic by endpoint and every change of its state')
    .option('--seed <number>', 'in place of the seeds of the files', seedOption)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], options: TestOptions) => {
      const { scenarios, findings } = findScenarios(paths);
      const reports = findings.map(
        (finding): ScenarioReport => ({ kind: 'refused', source: finding.origin.source, findings: [finding] }),
      );
      const output = outputTo(process.stdout);
      const detail = options.verbose === true ? 'verbose' : 'short';
      if (options.json !== true) for (const report of reports) printReport(report, detail, output);
      for (const scenario of scenarios) {
        const report = await runScenarioText(scenario, { environment: process.env, seed: options.seed });
        reports.push(report);
        if (options.json !== true) printReport(report, detail, output);
      }
      if (options.json === true) output.line(JSON.stringify(reports, undefined, 2));
      else printSum(reports, output);
      setExitCode(reports.length > 0 && reports.every(isGood) ? 0 : 1);
    });
}

function printSum(reports: readonly ScenarioReport[], output: Output): void {
  const verdicts = reports.flatMap((report) => (report.kind === 'ran' ? report.verdicts : []));
  const failed = verdicts.filter(({ ok }) => !ok).length;
  const refused = reports.filter(({ kind }) => kind === 'refused').length;
  const unusable = refused === 0 ? '' : `, ${plural(refused, 'file')} not usable`;
  const areGood = failed === 0 && refused === 0 && reports.length > 0;
  const text =
    reports.length === 0 ? 'no scenario found' : `${verdicts.length - failed} as expected, ${failed} not${unusable}`;
  output.line(output.paint(areGood ? 'green' : 'red', text));
}
