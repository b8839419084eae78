// What a request costs over all its tries: answers that failed, answers that lost, answers that were cut; and where it is told.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CatalogData } from '../llm/catalog/catalog-data.ts';
import type { RetryBudget } from '../model/retry.ts';
import type { Route } from '../model/route.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { answerOf } from './testing/exchanges.ts';
import { backend, route, target } from './testing/gateway-model.ts';
import { replyOf, Stage } from './testing/stage.ts';

const rates = (input: number, output: number) => ({ input: { base: input }, output: { base: output } });
const CATALOG: CatalogData = {
  version: 'v1',
  providers: [],
  overrides: [
    { provider: 'a', model: '*', rates: rates(1000, 10_000) },
    { provider: 'b', model: '*', rates: rates(1, 10) },
  ],
  backends: ['a', 'b', 'c'].map((name) => ({ name, provider: 'openai', catalogId: undefined })),
};

const AI = { isAi: true } as const;

function stageWith(context: TestContext, names: readonly string[], parts: Partial<Route> = {}): Stage {
  const stage = new Stage({
    backends: names.map((name) => backend(name, AI)),
    routes: [
      route(
        'r',
        names.map((name, tier) => target(name, 1, tier)),
        parts,
      ),
    ],
  });
  stage.resources.costs.use({ catalog: CATALOG, estimate: true });
  context.after(() => stage.close());
  return stage;
}

function ask(stage: Stage, rest: object = {}, fields: readonly string[] = []): Exchange {
  const messages = [{ role: 'user', content: 'hello there' }];
  const body = JSON.stringify({ model: 'm', messages, ...rest });
  return stage.request({
    line: 'POST /v1/chat/completions',
    fields: ['Content-Type: application/json', `Content-Length: ${body.length}`, ...fields],
    body,
  });
}

const usage = (input: number, output: number) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
});

function sendJson(stage: Stage, host: string, value: object): void {
  const call = stage.at(`${host}.test`);
  const text = JSON.stringify(value);
  const head = ['HTTP/1.1 200 OK', 'Content-Type: application/json', `Content-Length: ${text.length}`];
  call.receiver.onHead(answerOf('POST', head));
  stage.piece(call, text);
  if (!call.isCancelled) stage.settle(call).onAnswerEnd(undefined);
}

function openStream(stage: Stage, host: string): void {
  const head = ['HTTP/1.1 200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked'];
  stage.at(`${host}.test`).receiver.onHead(answerOf('POST', head));
}

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const delta = event({ model: 'm', choices: [{ index: 0, delta: { content: 'word' }, finish_reason: null }] });
const finish = event({ model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });

test('the head of a JSON answer says its cost, whatever a gateway behind us said', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage);
  const call = stage.at('b.test');
  const text = JSON.stringify({ model: 'm-1', choices: [], usage: usage(7, 5) });
  const head = ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'X-Switchyard-Cost: 9'];
  call.receiver.onHead(answerOf('POST', [...head, `Content-Length: ${text.length}`]));
  assert.equal(replyOf(exchange).isBegun, false);
  stage.piece(call, text.slice(0, 10));
  assert.equal(replyOf(exchange).isBegun, false);
  stage.piece(call, text.slice(10));
  stage.settle(call).onAnswerEnd(undefined);
  assert.match(replyOf(exchange).head.lines, /\r\nx-switchyard-cost: 0\.000000000057\r\n/);
  assert.doesNotMatch(replyOf(exchange).head.lines, /X-Switchyard-Cost: 9/);
  assert.equal(replyOf(exchange).text, text);
  assert.equal(replyOf(exchange).isEnded, true);
  const { genAi } = exchange;
  assert.equal(genAi?.cost?.total, 7 * 1 + 5 * 10);
  assert.deepEqual([genAi?.priceVersion, genAi?.estimated, genAi?.aborted], ['v1', false, false]);
});

test('an answer longer than is held goes on without the field', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage);
  const call = stage.at('b.test');
  call.receiver.onHead(
    answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'Transfer-Encoding: chunked']),
  );
  stage.piece(call, `{"model":"m","choices":["${'x'.repeat(300_000)}`);
  assert.equal(replyOf(exchange).isBegun, true);
  stage.piece(call, `"],"usage":${JSON.stringify(usage(1, 1))}}`);
  stage.settle(call).onAnswerEnd(undefined);
  assert.doesNotMatch(replyOf(exchange).head.lines, /x-switchyard-cost/);
  assert.equal(exchange.genAi?.cost?.total, 11);
});

test('an answer that comes bit by bit goes on without the field', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage);
  const call = stage.at('b.test');
  const text = JSON.stringify({ model: 'm', choices: [], usage: usage(1, 1) });
  const head = ['HTTP/1.1 200 OK', 'Content-Type: application/json', `Content-Length: ${text.length}`];
  call.receiver.onHead(answerOf('POST', head));
  stage.piece(call, text.slice(0, 5));
  stage.pass(99);
  stage.piece(call, text.slice(5, 10));
  assert.equal(replyOf(exchange).isBegun, false);
  stage.pass(1);
  stage.piece(call, text.slice(10, 15));
  assert.deepEqual([replyOf(exchange).isBegun, replyOf(exchange).text], [true, text.slice(0, 15)]);
  stage.piece(call, text.slice(15));
  stage.settle(call).onAnswerEnd(undefined);
  assert.equal(replyOf(exchange).text, text);
  assert.doesNotMatch(replyOf(exchange).head.lines, /x-switchyard-cost/);
  assert.equal(exchange.genAi?.cost?.total, 11);
});

test('a failed answer that told its tokens is paid for beside the good one', (context) => {
  const stage = stageWith(context, ['a', 'b']);
  const exchange = ask(stage);
  sendJson(stage, 'a', { model: 'm-a', usage: usage(3, 2), error: { message: 'overloaded' } });
  sendJson(stage, 'b', { model: 'm-b', choices: [], usage: usage(7, 5) });
  const { genAi } = exchange;
  const spent = 3 * 1000 + 2 * 10_000;
  assert.equal(genAi?.ownCost?.total, 57);
  assert.equal(genAi?.cost?.total, spent + 57);
  assert.deepEqual(
    genAi?.spent?.map(({ backend: name, responseModel, cost }) => [name, responseModel, cost?.total]),
    [['a', 'm-a', spent]],
  );
  assert.match(replyOf(exchange).head.lines, /x-switchyard-cost: 0\.000000023057\r\n/);
  const explained = stage.resources.costs.recent.explain(exchange.requestId);
  assert.equal(explained?.total, spent + 57);
  assert.deepEqual(
    explained?.tries.map(({ backend: name, isAnswer, total, lines }) => [name, isAnswer, total, lines.length]),
    [
      ['a', false, spent, 2],
      ['b', true, 57, 2],
    ],
  );
  for (const { lines, total } of explained?.tries ?? [])
    assert.equal(
      lines.reduce((sum, { amount }) => sum + amount, 0),
      total,
    );
});

test('a try without a price leaves the request without a cost, not with a part of it', (context) => {
  const stage = stageWith(context, ['c', 'b']);
  const exchange = ask(stage);
  sendJson(stage, 'c', { model: 'm', usage: usage(3, 2), error: { message: 'no' } });
  sendJson(stage, 'b', { model: 'm', choices: [], usage: usage(7, 5) });
  assert.equal(exchange.genAi?.ownCost?.total, 57);
  assert.equal(exchange.genAi?.cost, undefined);
  assert.doesNotMatch(replyOf(exchange).head.lines, /x-switchyard-cost/);
});

test('a stream that failed before its first word, with its tokens told', (context) => {
  const stage = stageWith(context, ['a', 'b']);
  const exchange = ask(stage, { stream: true });
  openStream(stage, 'a');
  stage.piece(
    stage.at('a.test'),
    event({ model: 'm', choices: [], usage: usage(9, 0) }) + event({ error: { message: 'overloaded' } }),
  );
  openStream(stage, 'b');
  const call = stage.at('b.test');
  stage.piece(call, delta + delta + finish + event({ model: 'm', choices: [], usage: usage(9, 2) }));
  stage.piece(call, 'data: [DONE]\n\n');
  stage.settle(call).onAnswerEnd(undefined);
  assert.equal(exchange.streamEnd, 'complete');
  assert.equal(exchange.genAi?.cost?.total, 9000 + 9 + 20);
});

test('a client that takes trailers reads the cost behind its stream', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage, { stream: true });
  exchange.acceptsTrailers = true;
  let told: string | undefined;
  replyOf(exchange).end = (trailers?: { lines(): string }) => {
    told = trailers?.lines();
  };
  openStream(stage, 'b');
  const call = stage.at('b.test');
  stage.piece(call, delta + finish + event({ model: 'm', choices: [], usage: usage(9, 2) }));
  stage.piece(call, 'data: [DONE]\n\n');
  stage.settle(call).onAnswerEnd(undefined);
  assert.match(replyOf(exchange).head.lines, /\r\ntrailer: x-switchyard-cost\r\n/);
  assert.equal(told, 'x-switchyard-cost: 0.000000000029\r\n');
});

test('a stream that breaks is billed by what came of it', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage, { stream: true });
  openStream(stage, 'b');
  const call = stage.at('b.test');
  const role = event({ model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
  stage.piece(call, role + delta + delta + delta);
  stage.fail(call);
  const { genAi } = exchange;
  assert.deepEqual([exchange.streamEnd, genAi?.aborted, genAi?.estimated], ['upstream-cut', true, true]);
  // Three words; four bytes of the request to a token.
  const input = Math.ceil(exchange.requestBytes / 4);
  assert.ok(input > 10);
  assert.deepEqual([genAi?.outputTokens, genAi?.inputTokens], [3, input]);
  assert.equal(genAi?.cost?.total, input + 30);
});

test('counts that were told before a client left are taken as they are', (context) => {
  const stage = stageWith(context, ['b']);
  const exchange = ask(stage, { stream: true });
  openStream(stage, 'b');
  stage.piece(stage.at('b.test'), delta + event({ model: 'm', choices: [], usage: usage(9, 2) }));
  exchange.clientGone();
  const { genAi } = exchange;
  assert.deepEqual([genAi?.aborted, genAi?.estimated, genAi?.cost?.total], [true, false, 29]);
});

test('who left before an answer, and who was refused, pays nothing', (context) => {
  const stage = stageWith(context, ['b']);
  const gone = ask(stage);
  gone.clientGone();
  const refused = ask(stage);
  const call = stage.at('b.test');
  stage.answer(call, 400);
  for (const { genAi } of [gone, refused]) assert.deepEqual([genAi?.cost, genAi?.totalTokens], [undefined, -1]);
});

test('an answer that lost against a quicker one is paid for, at its own place and price', (context) => {
  const budget: RetryBudget = { ratio: 0.1, minPerSecond: 10 };
  const hedge = { delay: { kind: 'fixed', ms: 100 }, max: 1, budget } as const;
  const stage = stageWith(context, ['a', 'b'], { hedge });
  const exchange = ask(stage, { stream: true });
  openStream(stage, 'a');
  stage.piece(stage.at('a.test'), event({ model: 'm-a', choices: [], usage: usage(4, 0) }));
  stage.pass(200);
  openStream(stage, 'b');
  const call = stage.at('b.test');
  stage.piece(call, delta + finish + event({ model: 'm', choices: [], usage: usage(4, 1) }));
  stage.piece(call, 'data: [DONE]\n\n');
  stage.settle(call).onAnswerEnd(undefined);
  assert.deepEqual(
    exchange.genAi?.spent?.map(({ backend: name, responseModel, cost }) => [name, responseModel, cost?.total]),
    [['a', 'm-a', 4000]],
  );
  assert.equal(exchange.genAi?.cost?.total, 4000 + 4 + 10);
});

test('a gateway without AI prices holds nothing and tells nothing', (context) => {
  const stage = stageWith(context, ['b']);
  stage.resources.costs.use({ catalog: undefined, estimate: false });
  const exchange = ask(stage);
  const call = stage.at('b.test');
  call.receiver.onHead(answerOf('POST', ['HTTP/1.1 200 OK', 'Content-Type: application/json', 'X-Switchyard-Cost: 9']));
  assert.equal(replyOf(exchange).isBegun, true);
  assert.match(replyOf(exchange).head.lines, /X-Switchyard-Cost: 9/);
  exchange.clientGone();
});
