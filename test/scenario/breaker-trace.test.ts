// A breaker shared by two workers against its written-out table of transitions (src/state/testing/breaker-model.ts): every request
// of two minutes of changing weather is let through or refused as the table says, and not one probe more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../../src/scenario/request-record.ts';
import { type BreakerRules, TICK_MS } from '../../src/state/shared-breaker.ts';
import { type Facts, initialFacts, step } from '../../src/state/testing/breaker-model.ts';
import { runAsExpected } from './support/run.ts';

const RULES: BreakerRules = {
  consecutiveFailures: 4,
  openAtSuccessRate: 0.6,
  minOutcomes: 10,
  windowMs: 5000,
  openMs: 2000,
  maxOpenMs: 8000,
  jitter: 0,
  stableMs: 6000,
  probes: 3,
  quorum: 2,
  probeMs: 3000,
};

const SCENARIO = `
scenario: a breaker in changing weather
config:
  backends:
    up:
      endpoints: ["http://a:80"]
      circuit_breaker:
        failure_threshold: 4
        states:
          closed: {success_rate: "> 60%", minimum_requests: 10, window: 5s}
          open: {duration: 2s, max_duration: 8s, jitter: 0%, reset_after: 6s}
          half_open: {probe_requests: 3, success_criteria: 2/3, timeout: 3s}
  routes: [{name: all, match: {path: /*}, backend: up}]
duration: 120s
workers: 2
endpoints:
  http://a:80: {latency: {uniform: {from: 5ms, to: 60ms}}}
load: {rate: 60/s, patience: 55ms, requests: {path: /x}}
events:
  - {at: 8s, every: 30s, for: 6s, endpoint: "http://a:80", behave: {failures: {kind: status, share: 90%}}}
  - {at: 20s, every: 30s, for: 8s, endpoint: "http://a:80", behave: {failures: [{kind: status, share: 30%}, {kind: status, status: 429, share: 30%}]}}
  # So slow that clients leave before probes are answered.
  - {at: 33s, every: 60s, for: 3s, endpoint: "http://a:80", behave: {slower: 3, failures: {kind: reset, share: 60%}}}
expect:
  - requests: ">= 7000"
`;

/** Times are kept in tenths of a second, rounded so that nothing opens early. */
function roundTimes(facts: Facts): void {
  facts.openUntilMs = Math.ceil(facts.openUntilMs / TICK_MS) * TICK_MS;
  facts.probeUntilMs = Math.ceil(facts.probeUntilMs / TICK_MS) * TICK_MS;
  facts.sinceMs = Math.floor(facts.sinceMs / TICK_MS) * TICK_MS;
}

function outcomeOf({ status }: RequestRecord): 'success' | 'failure' | 'throttled' | 'abandoned' {
  if (status === 499) return 'abandoned';
  if (status === 429) return 'throttled';
  return status === 200 ? 'success' : 'failure';
}

interface Happening {
  readonly atMs: number;
  readonly request: RequestRecord;
  readonly kind: 'admit' | 'outcome';
}

function happeningsOf(requests: readonly RequestRecord[]): readonly Happening[] {
  return requests
    .flatMap((request): readonly Happening[] => [
      { atMs: request.atMs, request, kind: 'admit' },
      ...(request.attempts.length > 0 ? [{ atMs: request.endedMs, request, kind: 'outcome' as const }] : []),
    ])
    .sort((a, b) => a.atMs - b.atMs);
}

test('two workers let through and refuse exactly what the table of transitions says', async () => {
  const { requests } = await runAsExpected(SCENARIO);
  const facts = initialFacts(RULES, 0);
  const epochs = new Map<RequestRecord, number>();
  const counts = { pass: 0, probe: 0, refused: 0, uncounted: 0 };
  let [trips, closings, lost] = [0, 0, 0];
  for (const { atMs, request, kind } of happeningsOf(requests)) {
    facts.nowMs = atMs;
    const before = facts.state;
    if (kind === 'admit') {
      const given = step(facts, 'admit', facts.epoch) ?? 'refused';
      counts[given]++;
      const wasAsked = request.attempts.length > 0;
      assert.equal(wasAsked, given !== 'refused', `request at ${atMs} ms while ${before}: the table says ${given}`);
      if (!wasAsked) assert.equal(request.errorCode, 'upstream.circuit-open');
      epochs.set(request, facts.epoch);
    } else step(facts, outcomeOf(request), epochs.get(request) ?? -1);
    roundTimes(facts);
    if (before === 'closed' && facts.state === 'open') trips++;
    if (before === 'half_open' && facts.state === 'open') lost++;
    if (before === 'half_open' && facts.state === 'closed') closings++;
  }
  assert.deepEqual([...new Set(requests.map(({ worker }) => worker))].sort(), [0, 1]);
  assert.ok(
    trips >= 5 && closings >= 5 && lost >= 3,
    `${trips} trips, ${closings} closings, ${lost} failed probe rounds`,
  );
  assert.ok(counts.probe >= 20 && counts.refused >= 500, JSON.stringify(counts));
});
