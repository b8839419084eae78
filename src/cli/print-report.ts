// What `switchyard test` prints of one scenario: what was expected, what came, and when.
import type { ScenarioReport } from '../scenario/run-scenario.ts';
import { formatCount, formatDuration, formatTime } from '../scenario/verdict.ts';
import { type Output, plural, printFindings } from './terminal.ts';

export type Detail = 'short' | 'verbose';

type Ran = Extract<ScenarioReport, { kind: 'ran' }>;

function counts(byName: Readonly<Record<string, number>>): string {
  return Object.entries(byName)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
}

function printTraffic({ traffic }: Ran, output: Output): void {
  if (traffic === undefined) return;
  const { requests, errors, attempts, latencyMs } = traffic;
  const times = Object.entries(latencyMs).map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  output.line(
    output.paint(
      'dim',
      `        ${plural(requests, 'request')}, ${plural(attempts, 'attempt')}, ${plural(errors, 'error')}; latency ${times.join(', ')}`,
    ),
  );
}

function printDetails({ traffic, changes, said }: Ran, output: Output): void {
  if (traffic !== undefined) {
    output.line(output.paint('dim', `        answers by status: ${counts(traffic.byStatus)}`));
    output.line(output.paint('dim', `        attempts by endpoint: ${counts(traffic.byEndpoint)}`));
  }
  const states = changes.map(({ atMs, backend, endpoint, reasons }) => {
    const state = reasons.length === 0 ? 'in use' : reasons.join(', ');
    return { atMs, line: `${backend} ${endpoint}: ${state}` };
  });
  for (const { atMs, line } of [...states, ...said].sort((a, b) => a.atMs - b.atMs))
    output.line(output.paint('dim', `        ${formatTime(atMs).padStart(9)}  ${line}`));
}

export function printReport(report: ScenarioReport, detail: Detail, output: Output): void {
  if (report.kind === 'refused') {
    printFindings(report.findings, output);
    return;
  }
  const { source, name, seed, workers, simulatedMs, verdicts } = report;
  output.line(
    `${output.paint('bold', source)}: ${name} (seed ${seed}, ${plural(workers, 'worker')}, ${formatTime(simulatedMs)})`,
  );
  for (const { ok, expected, found, origin, atMs } of verdicts) {
    const mark = ok ? output.paint('green', 'ok    ') : output.paint('red', 'FAILED');
    output.line(`${mark}  ${expected}${ok ? output.paint('dim', `: ${found}`) : ''}`);
    if (ok) continue;
    output.line(`        came: ${found}${atMs === undefined ? '' : `, first at ${formatTime(atMs)}`}`);
    output.line(
      output.paint(
        'dim',
        `        ${origin.source}${origin.line === undefined ? '' : `:${origin.line}:${origin.column}`}`,
      ),
    );
  }
  printTraffic(report, output);
  if (detail === 'verbose') printDetails(report, output);
}
