// A second endpoint beside a slow one: when it is asked, which answer the client gets, and that nothing stays counted for the other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Id } from '../base/types.ts';
import type { Backend, Endpoint } from '../model/backend.ts';
import { DEFAULT_BREAKER, DEFAULT_CONCURRENCY, DEFAULT_RETRY } from '../model/defaults.ts';
import type { HedgeSettings } from '../model/hedge.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { answerOf } from './testing/exchanges.ts';
import { backend, route, target } from './testing/gateway-model.ts';
import { replyOf, Stage } from './testing/stage.ts';

const HEDGE: HedgeSettings = {
  delay: { kind: 'fixed', ms: 200 },
  max: 1,
  budget: { ratio: 0.1, minPerSecond: 100 },
};

function endpoints(...hosts: readonly string[]): readonly Endpoint[] {
  return hosts.map((host) => ({ id: `${host}:80` as Id<'endpoint'>, url: `http://${host}`, weight: 1 }));
}

interface StageOptions {
  readonly hosts?: readonly string[];
  readonly hedge?: Partial<HedgeSettings>;
  readonly parts?: Partial<Backend>;
  readonly totalMs?: number;
}

/** One backend whose endpoints are asked in their order. */
function stageOf({ hosts = ['one', 'two', 'three'], hedge = {}, parts = {}, totalMs = 0 }: StageOptions = {}): Stage {
  return new Stage({
    backends: [backend('b', { endpoints: endpoints(...hosts), breaker: DEFAULT_BREAKER, ...parts })],
    routes: [route('r', [target('b')], { hedge: { ...HEDGE, ...hedge }, timeouts: { totalMs } })],
  });
}

const GET = { line: 'GET /x' };

function attemptsOf({
  attempts,
}: Exchange): readonly (readonly [endpoint: string, status: number, error: string | undefined])[] {
  return attempts.map(({ endpoint, status, error }) => [new URL(endpoint).hostname, status, error] as const);
}

/** Nothing is owed to anybody any more. */
async function assertSettled(stage: Stage): Promise<void> {
  assert.deepEqual(stage.hosts, []);
  assert.equal(stage.endpointLoad, 0);
  assert.equal(stage.wheel.size, 0);
  assert.ok(stage.exchanges.every(({ isFinished }) => isFinished));
  assert.deepEqual(stage.bugs, []);
  await stage.close();
}

test('another endpoint is asked once the delay has passed, and the first useful answer wins', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  const [first] = stage.hosts;
  const slow = stage.at(first);
  stage.pass(190);
  assert.deepEqual(stage.hosts, [first]);
  stage.pass(40);
  assert.equal(stage.hosts.length, 2);
  const second = stage.hosts[1];
  assert.notEqual(second, first);
  stage.answer(stage.at(second));
  assert.equal(exchange.status, 200);
  assert.equal(slow.isCancelled, true, 'the loser is given up at once');
  assert.deepEqual(attemptsOf(exchange), [
    [first, 0, 'hedge-lost'],
    [second, 200, undefined],
  ]);
  assert.equal(stage.endpointFailures, 0, 'being slower is no failure');
  await assertSettled(stage);
});

test('an answer of the first endpoint ends the other try', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  const [first] = stage.hosts;
  stage.pass(230);
  const second = stage.hosts[1];
  stage.answer(stage.at(first));
  assert.deepEqual(attemptsOf(exchange), [
    [first, 200, undefined],
    [second, 0, 'hedge-lost'],
  ]);
  await assertSettled(stage);
});

test('an answer that comes before the delay costs no second try', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  stage.pass(100);
  stage.answer(stage.open[0].call);
  stage.pass(1000);
  assert.equal(exchange.attempts.length, 1);
  await assertSettled(stage);
});

test('an error of the further try is not the client’s while the first goes on', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  const [first] = stage.hosts;
  stage.pass(230);
  stage.answer(stage.open[1].call, 503);
  assert.deepEqual([exchange.status, stage.hosts], [0, [first]]);
  assert.equal(stage.endpointFailures, 1, 'but the breaker hears of it');
  stage.answer(stage.at(first));
  assert.equal(exchange.status, 200);
  await assertSettled(stage);
});

test('when the first fails, the one beside it goes on alone, and nobody else is asked', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  stage.pass(230);
  const second = stage.hosts[1];
  stage.fail(stage.open[0].call);
  assert.deepEqual(stage.hosts, [second]);
  stage.answer(stage.at(second));
  assert.equal(exchange.status, 200);
  assert.equal(exchange.attempts.length, 2);
  await assertSettled(stage);
});

test('when both fail, a third endpoint is asked as after any failure', async () => {
  const stage = stageOf();
  const exchange = stage.request(GET);
  stage.pass(230);
  const used = stage.hosts;
  stage.fail(stage.open[0].call);
  stage.fail(stage.open[0].call);
  stage.pass(2000);
  assert.equal(stage.hosts.length, 1);
  assert.ok(!used.includes(stage.hosts[0]));
  stage.answer(stage.open[0].call);
  assert.deepEqual([exchange.status, exchange.attempts.length], [200, 3]);
  await assertSettled(stage);
});

test('a refusal that another try would follow leaves the exchange to the one beside it, or is relayed when that fails', async () => {
  const retry = { ...DEFAULT_RETRY, on: [503] };
  for (const [ending, status] of [
    [200, 200],
    ['fails', 503],
  ] as const) {
    const stage = stageOf({ hosts: ['one', 'two'], parts: { retry } });
    const exchange = stage.request(GET);
    stage.pass(230);
    const [first, second] = stage.open.map(({ call }) => call);
    first.receiver.onHead(answerOf('GET', ['HTTP/1.1 503 Busy', 'Content-Length: 4']));
    stage.piece(first, 'bus');
    if (ending === 'fails') stage.fail(second);
    stage.piece(first, 'y');
    stage.settle(first).onAnswerEnd(undefined);
    if (ending === 200) stage.answer(second);
    assert.equal(exchange.status, status);
    assert.equal(replyOf(exchange).text, ending === 200 ? '' : 'busy');
    await assertSettled(stage);
  }
});

test('a request that must not run twice is not hedged', async () => {
  const requests = [
    { line: 'POST /x' },
    { line: 'POST /x', fields: ['Idempotency-Key: 1'] },
    { line: 'GET /x', isUpgrade: true },
  ];
  const tries = requests.map((request) => {
    const stage = stageOf();
    stage.request(request);
    stage.pass(230);
    return stage.hosts.length;
  });
  assert.deepEqual(tries, [1, 2, 1]);
});

test('what the author excludes from retries is not hedged either', async () => {
  const stage = stageOf({ parts: { retry: { ...DEFAULT_RETRY, exclude: { methods: [], paths: ['/x'] } } } });
  stage.request(GET);
  stage.pass(500);
  assert.equal(stage.hosts.length, 1);
  stage.answer(stage.open[0].call);
  await assertSettled(stage);
});

test('there is no second try where there is no second endpoint, or none that breakers let through', async () => {
  const stage = stageOf({ hosts: ['one'] });
  const exchange = stage.request(GET);
  stage.pass(500);
  stage.answer(stage.open[0].call);
  assert.equal(exchange.attempts.length, 1);
  await assertSettled(stage);
});

test('each further try waits for the delay again, up to the number allowed', async () => {
  const stage = stageOf({ hosts: ['one', 'two', 'three', 'four'], hedge: { max: 2 } });
  const exchange = stage.request(GET);
  stage.pass(230);
  assert.equal(stage.hosts.length, 2);
  stage.pass(230);
  assert.equal(stage.hosts.length, 3);
  stage.pass(1000);
  assert.equal(new Set(stage.hosts).size, 3, 'three different ones');
  stage.answer(stage.open[1].call);
  assert.deepEqual([exchange.status, exchange.attempts.length], [200, 3]);
  await assertSettled(stage);
});

test('the budget bounds further tries over requests', async () => {
  const stage = stageOf({ hedge: { budget: { ratio: 0.1, minPerSecond: 0 } } });
  let tries = 0;
  for (let request = 0; request < 60; request++) {
    stage.request(GET);
    stage.pass(230);
    tries += stage.hosts.length;
    while (stage.open.length > 0) stage.answer(stage.open[0].call);
  }
  assert.ok(tries > 60 && tries <= 66, `${tries} tries for 60 requests`);
  await assertSettled(stage);
});

test('a place that the budget does not let a further try use is free again at once', async () => {
  const stage = stageOf({
    hedge: { budget: { ratio: 0, minPerSecond: 0 } },
    parts: { concurrency: DEFAULT_CONCURRENCY },
  });
  stage.request(GET);
  stage.pass(230);
  assert.deepEqual([stage.hosts.length, stage.inFlight('b')], [1, 1]);
  stage.answer(stage.open[0].call);
  await assertSettled(stage);
});

test('first tries that were overtaken count for the quantile, which else would fall to that of the quick ones', async () => {
  const stage = stageOf({ hedge: { delay: { kind: 'quantile', share: 0.9 } } });
  for (let request = 0; request < 500; request++) {
    stage.request(GET);
    const isSlow = request % 5 === 0;
    // Until there are enough to learn from they are answered by the first.
    const longestMs = request < 60 ? 300 : 600;
    for (let ms = 0; ms < longestMs && isSlow && stage.hosts.length === 1; ms += 50) stage.pass(50);
    stage.pass(100);
    stage.answer(stage.open[stage.open.length - 1].call);
  }
  stage.request(GET);
  stage.pass(250);
  assert.equal(stage.hosts.length, 1, 'a tenth of the first tries takes more than 400 ms');
  stage.answer(stage.open[0].call);
  await assertSettled(stage);
});

test('a quantile is learned from first tries before anything is hedged by it', async () => {
  const stage = stageOf({ hedge: { delay: { kind: 'quantile', share: 0.9 } } });
  for (let request = 0; request < 60; request++) {
    stage.request(GET);
    stage.pass(100);
    assert.equal(stage.hosts.length, 1);
    stage.answer(stage.open[0].call);
  }
  stage.request(GET);
  stage.pass(90);
  assert.equal(stage.hosts.length, 1);
  stage.pass(60);
  assert.equal(stage.hosts.length, 2);
  stage.answer(stage.open[0].call);
  await assertSettled(stage);
});

test('a further try has a place of its own at a backend with a concurrency limit', async () => {
  const concurrency = { ...DEFAULT_CONCURRENCY, min: 3, max: 3, initial: 3, isAdaptive: false };
  const stage = stageOf({ parts: { concurrency } });
  stage.request(GET);
  stage.request(GET);
  assert.equal(stage.inFlight('b'), 2);
  stage.pass(230);
  assert.deepEqual([stage.inFlight('b'), stage.hosts.length], [3, 3], 'there is no room for that of the second');
  stage.answer(stage.open[2].call);
  assert.equal(stage.inFlight('b'), 1);
  stage.answer(stage.open[0].call);
  assert.equal(stage.inFlight('b'), 0);
  await assertSettled(stage);
});

test('a client that leaves, and a limit of time, end both tries', async () => {
  const stage = stageOf({ totalMs: 1000 });
  const [gone, late] = [stage.request(GET), stage.request(GET)];
  stage.pass(230);
  assert.equal(stage.hosts.length, 4);
  gone.clientGone();
  assert.equal(stage.hosts.length, 2);
  stage.pass(900);
  assert.deepEqual([gone.status, late.status, late.errorCode], [499, 504, 'upstream.total-timeout']);
  await assertSettled(stage);
});

test('an endpoint that always loses looks as slow as it was seen to be', async () => {
  const stage = stageOf({ hosts: ['one', 'two'] });
  stage.request(GET);
  stage.pass(230);
  stage.answer(stage.open[1].call);
  const latencies = [0, 1].map((row) => stage.resources.table.latencyMs(row));
  assert.ok(Math.max(...latencies) >= 200, `${latencies}`);
  await assertSettled(stage);
});

const CHAT = {
  line: 'POST /v1/chat/completions',
  fields: ['Content-Type: application/json'],
  body: '{"model":"m","stream":true,"messages":[]}',
};
const ROLE = 'data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n';
const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n';
const DONE = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

function aiStage(): Stage {
  const backends = [
    backend('slow', { isAi: true, model: 'large', breaker: DEFAULT_BREAKER }),
    backend('quick', { isAi: true, model: 'small', breaker: DEFAULT_BREAKER }),
  ];
  return new Stage({ backends, routes: [route('r', [target('slow', 1, 0), target('quick', 1, 1)], { hedge: HEDGE })] });
}

function beginStream(call: UpstreamCall): void {
  call.receiver.onHead(
    answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked']),
  );
}

test('a stream is of use with its first delta: head and role alone neither win nor lose', async () => {
  const stage = aiStage();
  const exchange = stage.request(CHAT);
  const slow = stage.at('slow.test');
  beginStream(slow);
  stage.piece(slow, ROLE);
  stage.pass(230);
  const quick = stage.at('quick.test');
  beginStream(quick);
  stage.piece(quick, ROLE);
  assert.deepEqual([exchange.status, slow.isCancelled, quick.isCancelled], [0, false, false]);
  stage.piece(quick, DELTA);
  assert.deepEqual([exchange.status, slow.isCancelled], [200, true]);
  stage.piece(quick, DONE);
  stage.settle(quick).onAnswerEnd(undefined);
  assert.equal(replyOf(exchange).text.split('"hi"').length, 2);
  assert.equal(replyOf(exchange).text.split('"role"').length, 2, 'nothing of the loser is in it');
  assert.deepEqual([exchange.upstream, exchange.genAi?.sentModel], ['quick', 'small']);
  assert.equal(exchange.streamEnd, 'complete');
  await assertSettled(stage);
});

test('a stream that lost leaves no trace in the record of the one that won', async () => {
  const stage = aiStage();
  const exchange = stage.request(CHAT);
  stage.pass(230);
  const [slow, quick] = [stage.at('slow.test'), stage.at('quick.test')];
  beginStream(quick);
  stage.piece(quick, ROLE.replace('{"choices"', '{"model":"loser","choices"'));
  beginStream(slow);
  stage.piece(slow, ROLE + DELTA);
  assert.equal(quick.isCancelled, true);
  stage.piece(slow, DONE);
  stage.settle(slow).onAnswerEnd(undefined);
  assert.deepEqual(
    [exchange.upstream, exchange.genAi?.sentModel, exchange.genAi?.responseModel],
    ['slow', 'large', ''],
  );
  await assertSettled(stage);
});

test('a completion as JSON wins when it is whole', async () => {
  const stage = aiStage();
  const exchange = stage.request({ ...CHAT, body: '{"model":"m","messages":[]}' });
  stage.pass(230);
  const [slow, quick] = [stage.at('slow.test'), stage.at('quick.test')];
  const json = ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'Content-Length: 13'];
  quick.receiver.onHead(answerOf('POST', json));
  stage.piece(quick, '{"model":');
  assert.deepEqual([exchange.status, slow.isCancelled], [0, false]);
  stage.piece(quick, '"q"}');
  stage.settle(quick).onAnswerEnd(undefined);
  assert.deepEqual([exchange.status, slow.isCancelled], [200, true]);
  assert.equal(replyOf(exchange).text, '{"model":"q"}');
  assert.equal(exchange.genAi?.responseModel, 'q');
  await assertSettled(stage);
});

test('what was read of an answer that lost is not in the record', async () => {
  const stage = aiStage();
  const exchange = stage.request({ ...CHAT, body: '{"model":"m","messages":[]}' });
  stage.pass(230);
  const [slow, quick] = [stage.at('slow.test'), stage.at('quick.test')];
  for (const call of [quick, slow])
    call.receiver.onHead(answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'Content-Length: 18']));
  stage.piece(quick, '{"model":"loser", ');
  stage.piece(slow, '{"model":"winner"}');
  stage.settle(slow).onAnswerEnd(undefined);
  assert.deepEqual([exchange.upstream, exchange.genAi?.responseModel], ['slow', 'winner']);
  await assertSettled(stage);
});

test('a stream that begins with a failure does not win', async () => {
  const stage = aiStage();
  const exchange = stage.request(CHAT);
  stage.pass(230);
  const [slow, quick] = [stage.at('slow.test'), stage.at('quick.test')];
  beginStream(quick);
  stage.piece(quick, 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\n');
  assert.deepEqual([exchange.status, quick.isCancelled, slow.isCancelled], [0, true, false]);
  beginStream(slow);
  stage.piece(slow, ROLE + DELTA + DONE);
  stage.settle(slow).onAnswerEnd(undefined);
  assert.equal(exchange.status, 200);
  await assertSettled(stage);
});

const ENDINGS = ['answer', 'server-error', 'reset', 'not-sent', 'head', 'client-gone', 'shutdown'] as const;

type Step =
  | { readonly kind: 'request'; readonly isChat: boolean }
  | { readonly kind: 'end'; readonly at: number; readonly how: (typeof ENDINGS)[number] }
  | { readonly kind: 'pass'; readonly ms: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('request' as const), isChat: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(100), how: fc.constantFrom(...ENDINGS) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400 }) }) },
);

/** Streams that have begun in this run. */
function playCall(
  stage: Stage,
  call: UpstreamCall,
  parts: { readonly how: Step & { kind: 'end' }; readonly begun: Set<UpstreamCall> },
): void {
  const { how, begun } = parts;
  if (begun.has(call)) {
    if (how.how === 'head') stage.piece(call, how.at % 3 === 0 ? DELTA : ROLE);
    else if (how.how === 'answer') {
      stage.piece(call, DELTA + DONE);
      if (!call.isCancelled) stage.settle(call).onAnswerEnd(undefined);
    } else stage.fail(call);
  } else if (how.how === 'answer') stage.answer(call);
  else if (how.how === 'server-error') stage.answer(call, 503);
  else if (how.how === 'head') {
    begun.add(call);
    beginStream(call);
  } else stage.fail(call, how.how === 'not-sent');
}

test('whatever happens to which try: one reply, nothing owed, no try left behind', async () => {
  const concurrency = { ...DEFAULT_CONCURRENCY, min: 4, max: 4, initial: 4, isAdaptive: false };
  const ai = (name: string, hosts: readonly string[]) =>
    backend(name, { isAi: true, endpoints: endpoints(...hosts), breaker: DEFAULT_BREAKER, concurrency });
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, max) => {
      const stage = new Stage({
        backends: [ai('a', ['one', 'two', 'three']), ai('b', ['four'])],
        routes: [
          route('r', [target('a', 1, 0), target('b', 1, 1)], { hedge: { ...HEDGE, max }, timeouts: { totalMs: 3000 } }),
        ],
      });
      const begun = new Set<UpstreamCall>();
      for (const step of steps) {
        const alive = stage.exchanges.filter(({ isFinished }) => !isFinished);
        if (step.kind === 'request') stage.request(step.isChat ? CHAT : { line: 'GET /v1/models' });
        else if (step.kind === 'pass') stage.pass(step.ms);
        else if (step.how === 'client-gone') alive.at(step.at % Math.max(1, alive.length))?.clientGone();
        else if (step.how === 'shutdown') alive.at(step.at % Math.max(1, alive.length))?.cutShort();
        else if (stage.open.length > 0)
          playCall(stage, stage.open[step.at % stage.open.length].call, { how: step, begun });
        assert.equal(stage.endpointLoad, stage.open.length);
        assert.equal(stage.inFlight('a') + stage.inFlight('b'), stage.open.length);
        assert.ok(stage.inFlight('a') <= 4 && stage.inFlight('b') <= 4);
      }
      for (let ms = 0; ms < 6000; ms += 100) stage.pass(100);
      await assertSettled(stage);
      assert.deepEqual([stage.inFlight('a'), stage.inFlight('b')], [0, 0]);
    }),
    { numRuns: 150 },
  );
});
