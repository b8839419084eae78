// The decision after a failed try: a table of outcomes, and what must hold for every policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../errors/codes.ts';
import { RETRY_CONDITIONS, type Retry } from '../model/retry.ts';
import { type AttemptOutcome, type AttemptSituation, classOf, decideNext, pauseBefore } from './attempt.ts';
import { parseRetryAfter } from './retry-after.ts';
import { RetryPolicy } from './retry-policy.ts';

const RETRY: Retry = {
  attempts: 3,
  on: ['connect-failure', 'reset', 'timeout', 'gateway-error', 429],
  repeatsEndpoint: true,
  backoff: { kind: 'exponential', baseMs: 100, maxMs: 1000, multiplier: 2, jitter: 'none' },
  perTryMs: 0,
  maxRetryAfterMs: 5000,
  repeatsUnsafe: false,
  exclude: { methods: [], paths: [] },
  budget: undefined,
};
const SITUATION: AttemptSituation = { attempts: 1, isExcluded: false, hasWholeBody: true, isRepeatable: true };

const answered = (status: number, more: Partial<AttemptOutcome> = {}): AttemptOutcome => ({
  status,
  code: undefined,
  neverSent: false,
  retryAfterMs: -1,
  refusal: undefined,
  ...more,
});
const failed = (code: ErrorCode, neverSent = false): AttemptOutcome => answered(0, { code, neverSent });

function say(outcome: AttemptOutcome, retry: Partial<Retry> = {}, situation: Partial<AttemptSituation> = {}): string {
  const step = decideNext(new RetryPolicy({ ...RETRY, ...retry }), outcome, { ...SITUATION, ...situation });
  return step.kind === 'stop' ? step.because : `${step.reason} ${step.scope}`;
}

test('conditions and their reasons', () => {
  assert.equal(say(failed('upstream.connect-failed', true)), 'connect-failure endpoint');
  assert.equal(say(failed('upstream.reset')), 'reset endpoint');
  assert.equal(say(failed('upstream.first-byte-timeout')), 'timeout endpoint');
  assert.equal(say(answered(503)), '503 endpoint');
  assert.equal(say(answered(429)), '429 endpoint');
  assert.equal(say(answered(500)), 'condition');
  assert.equal(say(answered(500), { on: ['5xx'] }), '500 endpoint');
  assert.equal(say(answered(408), { on: ['retriable'] }), '408 endpoint');
  assert.equal(say(answered(401), { on: ['refused'] }), '401 target');
  assert.equal(say(answered(400), { on: ['refused'] }), 'condition');
  assert.equal(say(answered(400, { refusal: 'context-window' }), { on: ['refused'] }), '400 target');
  assert.equal(say(answered(400, { refusal: 'context-window' })), 'condition');
  for (const code of ['upstream.total-timeout', 'request.aborted', 'internal.bug'] as const)
    assert.equal(say(failed(code), { on: RETRY_CONDITIONS }), 'condition');
});

test('classes of outcomes', () => {
  const classes = [
    [failed('upstream.connection-limit', true), 'never-sent'],
    [failed('upstream.reset'), 'may-have-run'],
    [answered(503), 'may-have-run'],
    [answered(408), 'may-have-run'],
    [answered(429), 'refused-here'],
    [answered(404), 'refused-here'],
    [answered(400), 'refused-everywhere'],
    [answered(400, { refusal: 'model' }), 'refused-here'],
  ] as const;
  for (const [outcome, expected] of classes) assert.equal(classOf(outcome), expected);
});

test('what may have run is not run again unless that does no harm or the author allows it', () => {
  const unsafe = { isRepeatable: false };
  assert.equal(say(answered(503), {}, unsafe), 'unsafe');
  assert.equal(say(failed('upstream.reset'), {}, unsafe), 'unsafe');
  assert.equal(say(answered(503), { repeatsUnsafe: true }, unsafe), '503 endpoint');
  assert.equal(say(answered(429), {}, unsafe), '429 endpoint');
  assert.equal(say(failed('upstream.connect-failed', true), {}, unsafe), 'connect-failure endpoint');
});

test('a body that is gone cannot be sent again', () => {
  assert.equal(say(answered(503), {}, { hasWholeBody: false }), 'body');
  assert.equal(say(failed('upstream.connect-failed', true), {}, { hasWholeBody: false }), 'connect-failure endpoint');
});

test('property: excluded requests and used-up tries end, whatever the outcome and the policy', () => {
  const outcome = fc.record({
    status: fc.constantFrom(0, 400, 401, 404, 408, 429, 500, 503),
    code: fc.constantFrom('upstream.connect-failed', 'upstream.reset', undefined),
    neverSent: fc.boolean(),
    retryAfterMs: fc.integer({ min: -1, max: 100_000 }),
    refusal: fc.constantFrom('quota', undefined),
  }) as fc.Arbitrary<AttemptOutcome>;
  const conditions = fc.subarray([...RETRY_CONDITIONS, 400, 503]);
  fc.assert(
    fc.property(outcome, conditions, fc.integer({ min: 1, max: 5 }), fc.boolean(), (given, on, attempts, isBold) => {
      const retry = { on, attempts, repeatsUnsafe: isBold };
      assert.equal(say(given, retry, { isExcluded: true }), 'excluded');
      assert.equal(say(given, retry, { attempts }), 'attempts');
      const plain = say(given, retry, { attempts: 0, isRepeatable: false });
      if (!isBold && classOf(given) === 'may-have-run') assert.ok(plain === 'unsafe' || plain === 'condition');
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('excluded methods and paths', () => {
  const policy = new RetryPolicy({
    ...RETRY,
    exclude: { methods: ['POST'], paths: ['/pay/*', '/exact', '/a/*/b', '/*.bin'] },
  });
  const excluded = (path: string) => policy.excludes('GET', path);
  assert.ok(policy.excludes('POST', '/x') && !policy.excludes('GET', '/x'));
  assert.deepEqual(['/pay', '/pay/', '/pay/1/2', '/exact', '/a/x/b', '/x.bin'].map(excluded), Array(6).fill(true));
  assert.deepEqual(['/payment', '/exact/1', '/a/x/y/b', '/', '/x/y.bin'].map(excluded), Array(5).fill(false));
  assert.ok(new RetryPolicy({ ...RETRY, exclude: { methods: [], paths: ['/*'] } }).excludes('GET', '/any/thing'));
});

test('pauses: none for a fresh endpoint where nothing ran, what the endpoint asks for where it is tried again', () => {
  const policy = new RetryPolicy(RETRY);
  const pause = (outcome: AttemptOutcome, isFresh: boolean, remainingMs = Number.POSITIVE_INFINITY) =>
    pauseBefore(
      policy,
      { outcomeClass: classOf(outcome), retryAfterMs: outcome.retryAfterMs },
      { retry: 2, previousMs: 0, isFresh, remainingMs },
      () => 0.5,
    );
  assert.equal(pause(failed('upstream.connect-failed', true), true), 0);
  assert.equal(pause(answered(429, { retryAfterMs: 4000 }), true), 0);
  assert.equal(pause(answered(503), true), 200);
  assert.equal(pause(failed('upstream.connect-failed', true), false), 200);
  assert.equal(pause(answered(429, { retryAfterMs: 4000 }), false), 4000);
  assert.equal(pause(answered(429, { retryAfterMs: 10 }), false), 200);
  assert.equal(pause(answered(429, { retryAfterMs: 6000 }), false), -1, 'longer than we wait');
  assert.equal(pause(answered(503), true, 200), -1, 'the exchange would be over');
});

test('Retry-After: seconds and dates', () => {
  const nowMs = Date.UTC(2026, 10, 24, 12, 0, 0);
  assert.equal(parseRetryAfter('0', nowMs), 0);
  assert.equal(parseRetryAfter(' 120 ', nowMs), 120_000);
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 12:00:07 GMT', nowMs), 7000);
  assert.equal(parseRetryAfter('Tuesday, 24-Nov-26 12:00:07 GMT', nowMs), 7000);
  assert.equal(parseRetryAfter('Tue Nov 24 12:00:07 2026', nowMs), 7000);
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 11:00:00 GMT', nowMs), 0);
  for (const text of ['', '-1', '5.5', 'soon', '1e3', '2026-11-24', '99999999999'])
    assert.equal(parseRetryAfter(text, nowMs), -1, text);
});
