// From the files of a command line to reports: each scenario read, run and judged. The reports are data; cli/ prints them.
import { readSources } from '../control/sources/file-source.ts';
import type { Finding } from '../model/finding.ts';
import { percentileOf } from './distribution.ts';
import { judge } from './judge.ts';
import type { StateChange } from './observed-state.ts';
import { readScenario, type ScenarioText } from './read-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Environment } from './scenario-document.ts';
import { type SaidLine, Simulation, type SimulationResult } from './simulation.ts';
import type { Verdict } from './verdict.ts';

const SCENARIO_KEY = /^scenario\s*:/m;

/** The load as a whole. */
export interface TrafficSummary {
  readonly requests: number;
  readonly errors: number;
  readonly attempts: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Attempts by endpoint. */
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
}

export type ScenarioReport =
  /** It cannot be run. */
  | { readonly kind: 'refused'; readonly source: string; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'ran';
      readonly source: string;
      readonly name: string;
      readonly seed: number;
      readonly workers: number;
      readonly simulatedMs: number;
      readonly verdicts: readonly Verdict[];
      /** Undefined without a load. */
      readonly traffic: TrafficSummary | undefined;
      readonly changes: readonly StateChange[];
      readonly said: readonly SaidLine[];
    };

export interface RunOptions {
  readonly environment: Environment;
  /** In place of those of the files. */
  readonly seed?: number | undefined;
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function summarise({ requests }: SimulationResult): TrafficSummary | undefined {
  if (requests.length === 0) return undefined;
  const attempts = requests.flatMap((request) => request.attempts);
  const times = requests.map(({ atMs, endedMs }) => endedMs - atMs).sort((a, b) => a - b);
  return {
    requests: requests.length,
    errors: requests.filter(({ isError }) => isError).length,
    attempts: attempts.length,
    byStatus: countBy(requests.map(({ status }) => (status === 0 ? 'none' : String(status)))),
    byEndpoint: countBy(attempts.map(({ endpoint }) => endpoint)),
    latencyMs: {
      p50: percentileOf(times, 0.5),
      p95: percentileOf(times, 0.95),
      p99: percentileOf(times, 0.99),
      max: percentileOf(times, 1),
    },
  };
}

export async function runScenario(scenario: Scenario): Promise<Extract<ScenarioReport, { kind: 'ran' }>> {
  const result = await new Simulation(scenario).run();
  const { source, name, seed, workers } = scenario;
  return {
    kind: 'ran',
    source,
    name,
    seed,
    workers,
    simulatedMs: result.endedMs,
    verdicts: judge(scenario, result),
    traffic: summarise(result),
    changes: result.changes,
    said: result.said,
  };
}

/** The scenarios of files and folders; what cannot be read is a finding like any other. Of a folder those files that say `scenario:`. */
export function findScenarios(paths: readonly string[]): {
  readonly scenarios: readonly ScenarioText[];
  readonly findings: readonly Finding[];
} {
  const named = new Set(paths);
  const { documents, findings } = readSources(paths);
  return { scenarios: documents.filter(({ source, text }) => named.has(source) || SCENARIO_KEY.test(text)), findings };
}

export async function runScenarioText(text: ScenarioText, { environment, seed }: RunOptions): Promise<ScenarioReport> {
  const { scenario, findings } = readScenario(text, environment);
  if (scenario === undefined) return { kind: 'refused', source: text.source, findings };
  return runScenario(seed === undefined ? scenario : { ...scenario, seed });
}

export function isGood(report: ScenarioReport): boolean {
  return report.kind === 'ran' && report.verdicts.every(({ ok }) => ok);
}
