// Whatever way an exchange ends, its place at a backend with a concurrency limit is given back once, and nothing is left waiting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConcurrencySettings } from '../model/admission.ts';
import { DEFAULT_CONCURRENCY } from '../model/defaults.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { answerOf } from './testing/exchanges.ts';
import { backend, route, target } from './testing/gateway-model.ts';
import { replyOf, Stage } from './testing/stage.ts';

const QUEUE = { size: 2, timeoutMs: 500 };

function fixed(limit: number): ConcurrencySettings {
  return { ...DEFAULT_CONCURRENCY, min: limit, max: limit, initial: limit, isAdaptive: false, queue: QUEUE };
}

type Count = 'with-second' | 'alone';

/** `a` with two places, and `b` with one behind it. */
function stageOf(count: Count): Stage {
  const b = count === 'alone' ? [] : [backend('b', { concurrency: fixed(1) })];
  const targets = [target('a'), ...b.map(() => target('b', 1, 1))];
  const timeouts = { totalMs: 2000 };
  const match = [{ methods: ['GET'] }];
  return new Stage({
    backends: [backend('a', { concurrency: fixed(2) }), ...b],
    routes: [
      route('high', targets, { timeouts, isDefault: false, admissionClass: 'high', match }),
      route('low', targets, { timeouts, admissionClass: 'low' }),
    ],
  });
}

function get(stage: Stage) {
  return stage.request({ line: 'GET /x' });
}

function answerAll(stage: Stage): void {
  while (stage.open.length > 0) stage.answer(stage.open[0].call);
}

test('what finds no place waits, then gets it; what finds none in the queue is answered 503 with the reason', async () => {
  const stage = stageOf('alone');
  const [first] = [get(stage), get(stage)];
  const [third, fourth] = [get(stage), get(stage)];
  const fifth = get(stage);
  assert.deepEqual([stage.open.length, stage.waiting('a')], [2, 2]);
  assert.equal(fifth.status, 503);
  assert.equal(fifth.errorCode, 'upstream.overloaded');
  assert.match(replyOf(fifth).head.lines, /retry-after: 1\r\n/);
  assert.match(replyOf(fifth).head.lines, /proxy-status: .*error=connection_limit_reached/);
  stage.answer(stage.open[0].call);
  assert.deepEqual([first.status, stage.open.length, stage.waiting('a')], [200, 2, 1]);
  stage.pass(600);
  assert.deepEqual([third.status, fourth.errorCode], [0, 'upstream.overloaded']);
  answerAll(stage);
  assert.deepEqual([stage.inFlight('a'), third.status], [0, 200]);
  await stage.close();
});

test('what its backend sheds is asked of the next target while that has room', async () => {
  const stage = stageOf('with-second');
  const exchanges = Array.from({ length: 6 }, () => get(stage));
  assert.deepEqual([stage.inFlight('a'), stage.waiting('a'), stage.inFlight('b')], [2, 2, 1]);
  assert.deepEqual(
    exchanges.map(({ errorCode }) => errorCode),
    [undefined, undefined, undefined, undefined, undefined, 'upstream.overloaded'],
  );
  answerAll(stage);
  await stage.close();
});

test('a retry at the same backend keeps its place, one at another gives it to who waits', async () => {
  const stage = stageOf('with-second');
  get(stage);
  get(stage);
  const third = get(stage);
  stage.settle(stage.open[0].call).onFailure({ code: 'upstream.connect-failed', detail: '', neverSent: true });
  assert.deepEqual([stage.inFlight('a'), stage.inFlight('b'), stage.waiting('a')], [2, 1, 0]);
  assert.equal(third.status, 0);
  answerAll(stage);
  assert.deepEqual([stage.inFlight('a'), stage.inFlight('b')], [0, 0]);
  await stage.close();
});

test('time in the queue counts for the limit of the whole exchange', async () => {
  const stage = stageOf('alone');
  get(stage);
  get(stage);
  stage.pass(1800);
  const late = get(stage);
  const waiting = stage.waiting('a');
  stage.pass(300);
  assert.deepEqual([waiting, late.status], [1, 0], 'the first two have passed their limit, and made room');
  stage.pass(1800);
  assert.equal(late.errorCode, 'upstream.total-timeout');
  await stage.close();
});

test('a generation that drains gives its places back as its exchanges end', async () => {
  const stage = stageOf('alone');
  get(stage);
  get(stage);
  const { runtime } = stage;
  const disposed = runtime.dispose();
  assert.equal(runtime.activeExchanges, 2);
  assert.equal(stage.inFlight('a'), 2);
  answerAll(stage);
  await disposed;
  assert.equal(stage.inFlight('a'), 0);
  await stage.close();
});

const ADAPTIVE: ConcurrencySettings = { ...DEFAULT_CONCURRENCY, min: 4, initial: 4, queue: { size: 0, timeoutMs: 1 } };

/** Rounds in which the backend has all it may have; each of its answers is begun at once and of use after `ms`. */
function work(stage: Stage, rounds: number, ms: number): void {
  const request = {
    line: 'POST /v1/chat/completions',
    fields: ['Content-Type: application/json'],
    body: '{"model":"m","stream":true,"messages":[]}',
  };
  const head = ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked'];
  for (let round = 0; round < rounds; round++) {
    for (let free = stage.limitOf('ai') - stage.inFlight('ai'); free > 0; free--) stage.request(request);
    const calls = stage.open.map(({ call }) => call);
    for (const { receiver } of calls) receiver.onHead(answerOf('POST', head));
    stage.pass(ms);
    for (const call of calls) {
      stage.piece(call, 'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n');
      stage.piece(call, 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      stage.settle(call).onAnswerEnd(undefined);
    }
  }
}

test('a limit learns from when streams begin to be of use, not from their heads', async () => {
  const stage = new Stage({
    backends: [backend('ai', { isAi: true, concurrency: ADAPTIVE })],
    routes: [route('r', [target('ai')])],
  });
  work(stage, 200, 100);
  const calm = stage.limitOf('ai');
  assert.ok(calm > 40, `${calm} while latency stays the same`);
  work(stage, 20, 500);
  assert.ok(stage.limitOf('ai') < calm / 2, `${stage.limitOf('ai')} when it is five times that`);
  assert.equal(stage.inFlight('ai'), 0);
  await stage.close();
});

test('errors and refusals, however quick, do not move a limit', async () => {
  const stage = new Stage({
    backends: [backend('plain', { concurrency: ADAPTIVE })],
    routes: [route('r', [target('plain')])],
  });
  const answerWith = (statuses: readonly number[]) => {
    for (let round = 0; round < 100; round++) {
      for (let request = 0; request < 4; request++) get(stage);
      stage.pass(100);
      while (stage.open.length > 0) stage.answer(stage.open[0].call, statuses[round % statuses.length]);
    }
  };
  answerWith([500, 404, 429]);
  assert.equal(stage.limitOf('plain'), 4);
  answerWith([200]);
  assert.ok(stage.limitOf('plain') > 4, 'good answers do');
  await stage.close();
});

test('a bug leaves nothing counted, and the next request is served', async () => {
  const stage = stageOf('alone');
  stage.breaksNext = true;
  const broken = [get(stage), get(stage), get(stage)];
  assert.deepEqual(
    broken.map(({ status }) => status),
    [500, 500, 500],
  );
  assert.equal(stage.bugs.length, 3);
  assert.deepEqual([stage.inFlight('a'), stage.endpointLoad, stage.wheel.size], [0, 0, 0]);
  stage.breaksNext = false;
  const next = get(stage);
  answerAll(stage);
  assert.equal(next.status, 200);
  await stage.close();
});

const ENDINGS = [
  'answer',
  'server-error',
  'reset',
  'not-sent',
  'first-byte-timeout',
  'cut',
  'client-gone',
  'shutdown',
] as const;

type Step =
  | { readonly kind: 'request'; readonly method: 'GET' | 'DELETE' }
  | { readonly kind: 'end'; readonly at: number; readonly how: (typeof ENDINGS)[number] }
  | { readonly kind: 'pass'; readonly ms: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      method: fc.constantFrom('GET' as const, 'DELETE' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(100), how: fc.constantFrom(...ENDINGS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 900 }) }) },
);

function endOne(stage: Stage, at: number, how: (typeof ENDINGS)[number]): void {
  const { open } = stage;
  const alive = stage.exchanges.filter(({ isFinished }) => !isFinished);
  if (alive.length === 0) return;
  if (how === 'client-gone') alive[at % alive.length].clientGone();
  else if (how === 'shutdown') alive[at % alive.length].cutShort();
  else if (open.length === 0) return;
  else endCall(stage, open[at % open.length].call, how);
}

function endCall(stage: Stage, call: UpstreamCall, how: (typeof ENDINGS)[number]): void {
  if (how === 'answer') stage.answer(call);
  else if (how === 'server-error') stage.answer(call, 503);
  else if (how === 'cut') {
    call.receiver.onHead(answerOf('GET', ['HTTP/1.1 200 OK', 'Content-Length: 9']));
    stage.settle(call).onFailure({ code: 'upstream.cut', detail: '', neverSent: false });
  } else {
    const code = how === 'first-byte-timeout' ? 'upstream.first-byte-timeout' : 'upstream.reset';
    stage.settle(call).onFailure({ code, detail: '', neverSent: how === 'not-sent' });
  }
}

test('every place taken is given back once, whatever way exchanges end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), async (steps) => {
      const stage = stageOf('with-second');
      for (const step of steps) {
        if (step.kind === 'request') stage.request({ line: `${step.method} /x` });
        else if (step.kind === 'pass') stage.pass(step.ms);
        else endOne(stage, step.at, step.how);
        assert.ok(stage.inFlight('a') <= 2 && stage.inFlight('b') <= 1);
        assert.equal(stage.inFlight('a') + stage.inFlight('b'), stage.open.length, 'one place for each call');
        const waiting = stage.exchanges.filter(({ isFinished }) => !isFinished).length - stage.open.length;
        assert.ok(stage.waiting('a') <= waiting);
      }
      for (let ms = 0; ms < 4000; ms += 100) stage.pass(100);
      assert.ok(stage.exchanges.every(({ isFinished }) => isFinished));
      assert.deepEqual([stage.inFlight('a'), stage.inFlight('b'), stage.waiting('a')], [0, 0, 0]);
      assert.deepEqual([stage.bugs, stage.wheel.size], [[], 0]);
      await stage.close();
    }),
    { numRuns: 100 },
  );
});
