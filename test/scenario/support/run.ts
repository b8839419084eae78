// Runs a scenario written in a test, and shows the whole report when something is not as expected.
import assert from 'node:assert/strict';
import { formatFinding } from '../../../src/model/format-finding.ts';
import { percentileOf } from '../../../src/scenario/distribution.ts';
import { judge } from '../../../src/scenario/judge.ts';
import { readScenario } from '../../../src/scenario/read-scenario.ts';
import type { RequestRecord } from '../../../src/scenario/request-record.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { Simulation, type SimulationResult } from '../../../src/scenario/simulation.ts';

/** The scenario of a text that must be without fault. */
export function scenarioOf(text: string): Scenario {
  const { scenario, findings } = readScenario({ source: 'scenario.yaml', text }, {});
  assert.ok(scenario !== undefined, findings.map(formatFinding).join('\n'));
  return scenario;
}

/** The run, after every expectation of the text was met. */
export async function runAsExpected(text: string): Promise<SimulationResult> {
  const scenario = scenarioOf(text);
  const result = await new Simulation(scenario).run();
  const verdicts = judge(scenario, result);
  assert.ok(verdicts.length > 0, 'a scenario without expectations shows nothing');
  const failed = verdicts.filter(({ ok }) => !ok);
  assert.deepEqual(
    failed.map(({ expected, found, atMs }) => `${expected}: ${found} (${atMs} ms)`),
    [],
  );
  return result;
}

export function latencyOf(requests: readonly RequestRecord[], part: number): number {
  return percentileOf(
    requests.map(({ atMs, endedMs }) => endedMs - atMs).sort((a, b) => a - b),
    part,
  );
}
