// The breaker written out as a table of transitions, slow and obvious: what state/shared-breaker.ts must do, step by step.
// The first line that fits an event is the one that holds. Only for tests.
import type { BreakerRules, Outcome } from '../shared-breaker.ts';

export type Event = 'admit' | Outcome;
export type ModelAdmission = 'refused' | 'pass' | 'probe' | 'uncounted';

export interface Facts {
  readonly rules: BreakerRules;
  state: 'closed' | 'open' | 'half_open';
  force: 'auto' | 'open' | 'closed';
  /** One more at every change of state: outcomes of an older one count for nothing. */
  epoch: number;
  nowMs: number;
  failures: number;
  window: { readonly bucket: number; readonly isFailure: boolean }[];
  taken: number;
  succeeded: number;
  failed: number;
  openUntilMs: number;
  probeUntilMs: number;
  sinceMs: number;
  doublings: number;
  openings: number;
}

interface Line {
  readonly from: Facts['state'];
  readonly on: readonly Event[];
  readonly when: string;
  readonly holds: (facts: Facts) => boolean;
  readonly to: Facts['state'];
  readonly gives?: ModelAdmission;
  readonly effect?: (facts: Facts) => void;
}

const always = (): boolean => true;

function inWindow({ window, nowMs, rules }: Facts): Facts['window'] {
  const newest = Math.floor(nowMs / (rules.windowMs / 10));
  return window.filter(({ bucket }) => bucket > newest - 10);
}

function isRateLow(facts: Facts): boolean {
  const { rules } = facts;
  const outcomes = [...inWindow(facts), { bucket: 0, isFailure: true }];
  if (rules.openAtSuccessRate < 0 || outcomes.length < rules.minOutcomes) return false;
  return outcomes.filter(({ isFailure }) => !isFailure).length <= rules.openAtSuccessRate * outcomes.length;
}

function remember(facts: Facts, isFailure: boolean): void {
  facts.window.push({ bucket: Math.floor(facts.nowMs / (facts.rules.windowMs / 10)), isFailure });
}

function takeProbe(facts: Facts): void {
  facts.taken++;
  facts.probeUntilMs = Math.max(facts.probeUntilMs, facts.nowMs + facts.rules.probeMs);
}

function opening(doublings: (facts: Facts) => number): (facts: Facts) => void {
  return (facts) => {
    facts.doublings = facts.openings === 0 ? 0 : doublings(facts);
    const { openMs, maxOpenMs } = facts.rules;
    facts.openUntilMs = facts.nowMs + Math.min(openMs * 2 ** facts.doublings, maxOpenMs);
    facts.openings++;
  };
}

const openAfterUse = opening((facts) =>
  facts.nowMs - facts.sinceMs >= facts.rules.stableMs ? 0 : facts.doublings + 1,
);
const openAfterProbes = opening((facts) => facts.doublings + 1);

const isOneTooMany = ({ rules, failures }: Facts): boolean =>
  rules.consecutiveFailures > 0 && failures + 1 >= rules.consecutiveFailures;
const hasProbes = ({ taken, rules }: Facts): boolean => taken < rules.probes;

// biome-ignore format: a table is read by its columns
export const STATE_TABLE: readonly Line[] = [
  { from: 'closed', on: ['admit'], when: 'always', holds: always, to: 'closed', gives: 'pass' },
  { from: 'closed', on: ['success'], when: 'always', holds: always, to: 'closed', effect: (facts) => { facts.failures = 0; remember(facts, false); } },
  { from: 'closed', on: ['failure'], when: 'one failure too many in a row', holds: isOneTooMany, to: 'open', effect: openAfterUse },
  { from: 'closed', on: ['failure', 'throttled'], when: 'too few successes in the window', holds: isRateLow, to: 'open', effect: openAfterUse },
  { from: 'closed', on: ['failure'], when: 'otherwise', holds: always, to: 'closed', effect: (facts) => { facts.failures++; remember(facts, true); } },
  { from: 'closed', on: ['throttled'], when: 'otherwise', holds: always, to: 'closed', effect: (facts) => remember(facts, true) },
  { from: 'closed', on: ['abandoned'], when: 'always', holds: always, to: 'closed' },
  { from: 'open', on: ['admit'], when: 'its time is not over', holds: ({ nowMs, openUntilMs }) => nowMs < openUntilMs, to: 'open', gives: 'refused' },
  { from: 'open', on: ['admit'], when: 'its time is over', holds: always, to: 'half_open', gives: 'probe', effect: takeProbe },
  { from: 'half_open', on: ['admit'], when: 'a probe is left', holds: hasProbes, to: 'half_open', gives: 'probe', effect: takeProbe },
  { from: 'half_open', on: ['admit'], when: 'probes may still answer', holds: ({ nowMs, probeUntilMs }) => nowMs < probeUntilMs, to: 'half_open', gives: 'refused' },
  { from: 'half_open', on: ['admit'], when: 'a probe was lost', holds: always, to: 'open', gives: 'refused', effect: openAfterProbes },
  { from: 'half_open', on: ['success'], when: 'the quorum is reached', holds: ({ succeeded, rules }) => succeeded + 1 >= rules.quorum, to: 'closed' },
  { from: 'half_open', on: ['success'], when: 'otherwise', holds: always, to: 'half_open', effect: (facts) => { facts.succeeded++; } },
  { from: 'half_open', on: ['failure', 'throttled'], when: 'the quorum is out of reach', holds: ({ failed, rules }) => failed + 1 > rules.probes - rules.quorum, to: 'open', effect: openAfterProbes },
  { from: 'half_open', on: ['failure', 'throttled'], when: 'otherwise', holds: always, to: 'half_open', effect: (facts) => { facts.failed++; } },
  { from: 'half_open', on: ['abandoned'], when: 'always', holds: always, to: 'half_open', effect: (facts) => { facts.taken--; } },
];

export function initialFacts(rules: BreakerRules, nowMs: number): Facts {
  const counters = { failures: 0, taken: 0, succeeded: 0, failed: 0, openUntilMs: 0, probeUntilMs: 0 };
  const times = { nowMs, sinceMs: nowMs, doublings: 0, openings: 0, epoch: 0 };
  return { rules, state: 'closed', force: 'auto', window: [], ...counters, ...times };
}

/** Walks the table. `epoch`: of the admission whose outcome this is. */
export function step(facts: Facts, event: Event, epoch: number): ModelAdmission | undefined {
  if (event === 'admit' && facts.force === 'open') return 'refused';
  if (event === 'admit' && facts.force === 'closed') return 'uncounted';
  if (event !== 'admit' && epoch !== facts.epoch) return undefined;
  if (event !== 'admit' && facts.state === 'closed' && facts.force !== 'auto') return undefined;
  const line = STATE_TABLE.find(({ from, on, holds }) => from === facts.state && on.includes(event) && holds(facts));
  if (line === undefined) throw new Error(`the table has no line for ${event} while ${facts.state}`);
  if (line.to === facts.state) {
    line.effect?.(facts);
    return line.gives;
  }
  Object.assign(facts, { state: line.to, epoch: facts.epoch + 1, taken: 0, succeeded: 0, failed: 0, failures: 0 });
  line.effect?.(facts);
  facts.sinceMs = facts.nowMs;
  if (line.to === 'closed') facts.window = [];
  return line.gives;
}
