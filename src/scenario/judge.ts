// Everything a scenario expects, held against one run of it.
import { judgeLoad } from './judge-load.ts';
import { judgeSingle } from './judge-single.ts';
import type { ObservedState } from './observed-state.ts';
import type { Expectation, Scenario, StateExpectation } from './scenario.ts';
import type { SimulationResult } from './simulation.ts';
import { formatTime, type Verdict } from './verdict.ts';

function stateWords(isUsable: boolean | undefined, breaker: string | undefined, reason: string | undefined): string {
  const parts = [
    isUsable === undefined ? undefined : isUsable ? 'in use' : 'not in use',
    breaker === undefined ? undefined : `breaker ${breaker}`,
    reason === undefined || reason === '' ? undefined : reason,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function judgeState(what: StateExpectation, state: ObservedState | undefined): Omit<Verdict, 'origin'> {
  const { atMs, backend, endpoint, usable, breaker, reason } = what;
  const expected = `at ${formatTime(atMs)} ${endpoint ?? backend}: ${stateWords(usable, breaker, reason)}`;
  if (state === undefined) return { ok: false, expected, found: 'the configuration has no such endpoint then', atMs };
  const ok =
    (usable === undefined || usable === state.isUsable) &&
    (breaker === undefined || breaker === state.breaker) &&
    (reason === undefined || state.reasons.includes(reason));
  const found = stateWords(state.isUsable, state.breaker ?? (breaker && 'none'), state.reasons.join(', '));
  return { ok, expected, found, atMs: ok ? undefined : atMs };
}

function judgeOne(expectation: Expectation, scenario: Scenario, result: SimulationResult): Verdict {
  const { origin } = expectation;
  if (expectation.of === undefined)
    return { origin, ...judgeState(expectation.what, result.states.get(expectation.what)) };
  return { origin, ...judgeLoad(expectation, result.requests, scenario) };
}

/** In the order of the file; a bug of the gateway that a request met is a verdict too. */
export function judge(scenario: Scenario, result: SimulationResult): readonly Verdict[] {
  const bugs = result.bugs.slice(0, 1).map((stack): Verdict => {
    const origin = { source: scenario.source, dialect: 'scenario', pointer: '' };
    return { origin, ok: false, expected: 'no bug in the gateway', found: stack, atMs: undefined };
  });
  return [
    ...scenario.requests.map((single) => judgeSingle(single, result.singles.get(single) ?? [])),
    ...scenario.expect.map((expectation) => judgeOne(expectation, scenario, result)),
    ...bugs,
  ];
}
