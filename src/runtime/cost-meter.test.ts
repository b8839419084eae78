// Counting by a tokenizer that answers later: the exchange waits for it, the thread's end does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogData } from '../llm/catalog/catalog-data.ts';
import type { TokenCounter } from '../llm/token-counter.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';
import type { CounterSeries } from '../telemetry/metric-series.ts';
import { CostMeter } from './cost-meter.ts';
import { HeldBytes } from './held-bytes.ts';
import { JsonTap } from './json-tap.ts';
import { recordUsage } from './record-usage.ts';
import { exchangeOf } from './testing/exchanges.ts';

const CATALOG: CatalogData = {
  version: 'v1',
  providers: [],
  overrides: [{ provider: 'b', model: '*', rates: { input: { base: 1 }, output: { base: 100 } } }],
  backends: [{ name: 'b', provider: 'openai', catalogId: undefined }],
};

class LaterCounter implements TokenCounter {
  readonly asked: { readonly texts: readonly string[]; answer(counts: readonly number[] | undefined): void }[] = [];

  count(texts: readonly string[], _model: string, answer: (counts: readonly number[] | undefined) => void): void {
    this.asked.push({ texts, answer });
  }
}

class Counts {
  readonly of: Record<string, number> = {};

  series(name: string): CounterSeries {
    const increment = (): void => {
      this.of[name] = (this.of[name] ?? 0) + 1;
    };
    return { increment } as CounterSeries;
  }
}

interface Bench {
  readonly meter: CostMeter;
  readonly counter: LaterCounter;
  readonly lookups: Counts;
  readonly methods: Counts;
}

function benchWith(estimate = true): Bench {
  const [lookups, methods, counter] = [new Counts(), new Counts(), new LaterCounter()];
  const metrics = { lookup: (status: string) => lookups.series(status), estimate: (by: string) => methods.series(by) };
  const meter = new CostMeter(metrics, counter);
  meter.use({ catalog: CATALOG, estimate });
  return { meter, counter, lookups, methods };
}

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a question' }] });

/** A whole JSON answer without counts. */
function answered(answer: string): { readonly exchange: Exchange; readonly record: GenAiRecord } {
  const exchange = exchangeOf('POST /v1/chat/completions', ['X-Tag: one']);
  exchange.body.setWhole(Buffer.from(BODY), 0, BODY.length);
  exchange.upstream = 'b';
  exchange.status = 200;
  exchange.requestId = 'id-1';
  exchange.responseBytes = answer.length;
  const counts = { input: -1, output: -1, total: -1, cachedInput: -1, reasoning: -1, cacheWrite: -1, cacheWrite1h: -1 };
  const record = {
    ...{
      operation: 'chat',
      provider: 'openai',
      requestModel: 'm',
      sentModel: 'm',
      responseModel: 'm',
      streaming: false,
    },
    dropped: [],
    ...{ estimated: false, aborted: false, relayedEvents: -1, relayedCharacters: -1, firstTokenMs: -1 },
  } as unknown as GenAiRecord;
  recordUsage(record, { ...counts, audioInput: -1, audioOutput: -1 });
  const held = new HeldBytes(1000);
  const tap = new JsonTap(record);
  tap.push(Buffer.from(answer), 0, answer.length, held);
  assert.equal(tap.end(held), 'complete');
  exchange.genAi = record;
  return { exchange, record };
}

const ANSWER = JSON.stringify({ model: 'm', choices: [{ message: { role: 'assistant', content: 'an answer' } }] });

test('an answer without counts waits for the tokenizer, and is marked', () => {
  const { meter, counter, lookups, methods } = benchWith();
  const { exchange, record } = answered(ANSWER);
  const { headers } = exchange;
  let ended = 0;
  assert.equal(
    meter.settles(exchange, record, () => ended++),
    true,
  );
  assert.deepEqual(counter.asked[0].texts, ['a question', 'an answer']);
  // The connection's own list is read into again meanwhile.
  assert.notEqual(exchange.headers, headers);
  assert.equal(exchange.headers.get('x-tag'), 'one');
  counter.asked[0].answer([2, 3]);
  assert.equal(ended, 1);
  assert.deepEqual([record.inputTokens, record.outputTokens, record.totalTokens], [8, 3, 11]);
  assert.deepEqual([record.estimated, record.cost?.total, record.answerBody], [true, 308, undefined]);
  assert.deepEqual([lookups.of, methods.of], [{ exact: 1 }, { tokenizer: 1 }]);
  counter.asked[0].answer([9, 9]);
  assert.deepEqual([ended, record.inputTokens], [1, 8]);
  assert.equal(meter.recent.explain('id-1')?.total, 308);
});

test('a tokenizer that cannot tell leaves it to the size', () => {
  const { meter, counter, methods } = benchWith();
  const { exchange, record } = answered(ANSWER);
  meter.settles(exchange, record, () => {});
  counter.asked[0].answer(undefined);
  assert.deepEqual(
    [record.inputTokens, record.outputTokens],
    [Math.ceil(BODY.length / 4), Math.ceil(ANSWER.length / 4)],
  );
  assert.deepEqual(methods.of, { size: 1 });
});

test('the end of the thread waits for nobody: what is being counted is estimated by size', () => {
  const { meter, counter, methods } = benchWith();
  const { exchange, record } = answered(ANSWER);
  let ended = 0;
  meter.settles(exchange, record, () => ended++);
  meter.stopWaiting();
  assert.deepEqual([ended, record.estimated, methods.of], [1, true, { size: 1 }]);
  counter.asked[0].answer([2, 3]);
  assert.equal(ended, 1);
});

test('told counts are never touched; without estimates nothing is counted', () => {
  const told = benchWith();
  const one = answered(JSON.stringify({ model: 'm', usage: { prompt_tokens: 5, completion_tokens: 1 } }));
  assert.equal(
    told.meter.settles(one.exchange, one.record, () => {}),
    false,
  );
  assert.deepEqual([told.counter.asked.length, one.record.cost?.total, one.record.estimated], [0, 105, false]);
  const off = benchWith(false);
  const other = answered(ANSWER);
  assert.equal(
    off.meter.settles(other.exchange, other.record, () => {}),
    false,
  );
  assert.deepEqual([off.counter.asked.length, other.record.totalTokens], [0, -1]);
  assert.equal(off.meter.recent.explain('id-1'), undefined);
  assert.equal(other.record.answerBody, undefined);
});

test('counts beyond belief have no cost', () => {
  const { meter, lookups } = benchWith();
  const { exchange, record } = answered(JSON.stringify({ model: 'm', usage: { completion_tokens: 2 ** 50 } }));
  meter.settles(exchange, record, () => {});
  assert.deepEqual([record.cost, lookups.of], [undefined, { 'out-of-range': 1 }]);
});

test('of requests with the same id the last is meant', () => {
  const { meter } = benchWith();
  for (let turn = 0; turn < 1030; turn++) {
    const { exchange, record } = answered(JSON.stringify({ model: 'm', usage: { prompt_tokens: turn } }));
    meter.settles(exchange, record, () => {});
  }
  assert.equal(meter.recent.explain('id-1')?.total, 1029);
});

test('the last requests are remembered, the oldest forgotten first', () => {
  const { meter } = benchWith();
  for (let request = 0; request < 1100; request++) {
    const { exchange, record } = answered(JSON.stringify({ model: 'm', usage: { prompt_tokens: request } }));
    exchange.requestId = `id-${request}`;
    meter.settles(exchange, record, () => {});
  }
  assert.equal(meter.recent.explain('id-1099')?.total, 1099);
  assert.equal(meter.recent.explain('id-76')?.total, 76);
  assert.equal(meter.recent.explain('id-75'), undefined);
});
