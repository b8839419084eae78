// Whatever way an exchange ends, its place at a backend with a concurrency limit is given back once, and nothing is left waiting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import type { ConcurrencySettings } from '../model/admission.ts';
import { DEFAULT_CONCURRENCY } from '../model/defaults.ts';
import { backendRowId, rowIdsOf } from '../model/row-ids.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { retryBudgetKey } from '../state/retry-budget.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { Admissions } from './admissions.ts';
import { compileRuntime } from './compile.ts';
import { answerOf, exchangeOf, RecordedWriter } from './testing/exchanges.ts';
import { backend, gatewayModel, route, target, threadResources } from './testing/gateway-model.ts';

const QUEUE = { size: 2, timeoutMs: 500 };

function fixed(limit: number): ConcurrencySettings {
  return { ...DEFAULT_CONCURRENCY, min: limit, max: limit, initial: limit, isAdaptive: false, queue: QUEUE };
}

/** A gateway in one thread whose endpoints are played by the test: `a`, then `b` behind it, each with a limit. */
class Stage {
  readonly calls: UpstreamCall[] = [];
  readonly exchanges: Exchange[] = [];
  readonly wheel: DeadlineWheel;
  nowMs = 1000;
  private readonly resources;
  private readonly rows: Record<string, number>;
  private readonly model;
  readonly runtime;

  constructor(withSecond: 'with-second' | 'alone') {
    const b = withSecond === 'alone' ? [] : [backend('b', { concurrency: fixed(1) })];
    const targets = [target('a'), ...b.map(() => target('b', 1, 1))];
    const parts = { timeouts: { totalMs: 2000 } };
    this.model = gatewayModel({
      backends: [backend('a', { concurrency: fixed(2) }), ...b],
      routes: [
        route('high', targets, { ...parts, isDefault: false, admissionClass: 'high', match: [{ methods: ['GET'] }] }),
        route('low', targets, { ...parts, admissionClass: 'low' }),
      ],
    });
    const now = () => this.nowMs;
    this.wheel = new DeadlineWheel({ now });
    const real = threadResources();
    const pool = { dispatch: (call: UpstreamCall) => this.take(call) };
    this.resources = {
      ...real,
      wheel: this.wheel,
      nowMs: now,
      admissions: new Admissions(real.admissions.table, { wheel: this.wheel, nowMs: now, random: () => 0, tick() {} }),
      pools: { acquire: () => pool, release() {}, close() {} } as never,
    };
    const keys = [...rowIdsOf(this.model), ...this.model.backends.map(({ id }) => retryBudgetKey(id))];
    this.rows = Object.fromEntries(keys.map((key, row) => [key, row]));
    this.runtime = compileRuntime(this.model, this.rows, this.resources, 1);
  }

  private take(call: UpstreamCall): void {
    call.sentAtMs = this.nowMs;
    this.calls.push(call);
  }

  request(method: 'GET' | 'DELETE'): Exchange {
    const exchange = exchangeOf(`${method} /x`, [], { writer: new RecordedWriter(), startedAtMs: this.nowMs });
    this.exchanges.push(exchange);
    this.runtime.handlerFor('default')?.handle(exchange);
    return exchange;
  }

  /** Calls somebody still waits for. */
  get open(): readonly UpstreamCall[] {
    return this.calls.filter((call) => !call.isCancelled);
  }

  /** Takes the call out: nothing is heard of it afterwards. */
  settle(call: UpstreamCall): UpstreamCall['receiver'] {
    this.calls.splice(this.calls.indexOf(call), 1);
    return call.receiver;
  }

  answer(call: UpstreamCall, status = 200): void {
    const receiver = this.settle(call);
    receiver.onHead(answerOf('GET', [`HTTP/1.1 ${status} Some`, 'Content-Length: 0']));
    if (!call.isCancelled) receiver.onAnswerEnd(undefined);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.wheel.advance();
  }

  inFlight(name: 'a' | 'b'): number {
    return this.resources.admissions.table.inFlight(this.rows[backendRowId(name)] ?? 15);
  }

  waiting(): number {
    return this.resources.admissions.table.waitingUpTo(this.rows[backendRowId('a')], 2);
  }

  async close(): Promise<void> {
    await this.runtime.dispose();
    this.resources.close();
  }
}

function headOf({ writer }: Exchange): RecordedWriter['head'] {
  return (writer as RecordedWriter).head;
}

test('what finds no place waits, then gets it; what finds none in the queue is answered 503 with the reason', async () => {
  const stage = new Stage('alone');
  const [first] = [stage.request('GET'), stage.request('GET')];
  const [third, fourth] = [stage.request('GET'), stage.request('GET')];
  const fifth = stage.request('GET');
  assert.deepEqual([stage.calls.length, stage.waiting()], [2, 2]);
  assert.equal(fifth.status, 503);
  assert.equal(fifth.errorCode, 'upstream.overloaded');
  assert.match(headOf(fifth).lines, /retry-after: 1\r\n/);
  assert.match(headOf(fifth).lines, /proxy-status: .*error=connection_limit_reached/);
  stage.answer(stage.calls[0]);
  assert.deepEqual([first.status, stage.calls.length, stage.waiting()], [200, 2, 1]);
  stage.pass(600);
  assert.deepEqual([third.status, fourth.errorCode], [0, 'upstream.overloaded']);
  while (stage.calls.length > 0) stage.answer(stage.calls[0]);
  assert.deepEqual([stage.inFlight('a'), third.status], [0, 200]);
  await stage.close();
});

test('what its backend sheds is asked of the next target while that has room', async () => {
  const stage = new Stage('with-second');
  const exchanges = Array.from({ length: 6 }, () => stage.request('GET'));
  assert.deepEqual([stage.inFlight('a'), stage.waiting(), stage.inFlight('b')], [2, 2, 1]);
  assert.deepEqual(
    exchanges.map(({ errorCode }) => errorCode),
    [undefined, undefined, undefined, undefined, undefined, 'upstream.overloaded'],
  );
  while (stage.calls.length > 0) stage.answer(stage.calls[0]);
  await stage.close();
});

test('a retry at the same backend keeps its place, one at another gives it to who waits', async () => {
  const stage = new Stage('with-second');
  stage.request('GET');
  stage.request('GET');
  const third = stage.request('GET');
  stage.settle(stage.calls[0]).onFailure({ code: 'upstream.connect-failed', detail: '', neverSent: true });
  assert.deepEqual([stage.inFlight('a'), stage.inFlight('b'), stage.waiting()], [2, 1, 0]);
  assert.equal(third.status, 0);
  while (stage.calls.length > 0) stage.answer(stage.calls[0]);
  assert.deepEqual([stage.inFlight('a'), stage.inFlight('b')], [0, 0]);
  await stage.close();
});

test('time in the queue counts for the limit of the whole exchange', async () => {
  const stage = new Stage('alone');
  stage.request('GET');
  stage.request('GET');
  stage.pass(1800);
  const late = stage.request('GET');
  const waiting = stage.waiting();
  stage.pass(300);
  assert.deepEqual([waiting, late.status], [1, 0], 'the first two have passed their limit, and made room');
  stage.pass(1800);
  assert.equal(late.errorCode, 'upstream.total-timeout');
  await stage.close();
});

test('a generation that drains gives its places back as its exchanges end', async () => {
  const stage = new Stage('alone');
  stage.request('GET');
  stage.request('GET');
  const { runtime } = stage;
  const disposed = runtime.dispose();
  assert.equal(runtime.activeExchanges, 2);
  assert.equal(stage.inFlight('a'), 2);
  while (stage.calls.length > 0) stage.answer(stage.calls[0]);
  await disposed;
  assert.equal(stage.inFlight('a'), 0);
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
  else endCall(stage, open[at % open.length], how);
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
      const stage = new Stage('with-second');
      for (const step of steps) {
        if (step.kind === 'request') stage.request(step.method);
        else if (step.kind === 'pass') stage.pass(step.ms);
        else endOne(stage, step.at, step.how);
        assert.ok(stage.inFlight('a') <= 2 && stage.inFlight('b') <= 1);
        assert.equal(stage.inFlight('a') + stage.inFlight('b'), stage.open.length, 'one place for each call');
        const waiting = stage.exchanges.filter(({ isFinished }) => !isFinished).length - stage.open.length;
        assert.ok(stage.waiting() <= waiting);
      }
      for (let ms = 0; ms < 4000; ms += 100) stage.pass(100);
      assert.ok(stage.exchanges.every(({ isFinished }) => isFinished));
      assert.deepEqual([stage.inFlight('a'), stage.inFlight('b'), stage.waiting()], [0, 0, 0]);
      await stage.close();
    }),
    { numRuns: 100 },
  );
});
