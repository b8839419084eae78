// What is counted of AI exchanges: times, tokens by cache, costs of the answer and of tries beside it, the tenant's sum.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cost } from '../llm/catalog/rates.ts';
import type { GenAiRecord, SpentTry } from '../pipeline/outcome.ts';
import { MetricAggregator } from '../telemetry/metric-aggregator.ts';
import { createMetricMemory, MetricRegistry } from '../telemetry/metric-registry.ts';
import { metricFamilies } from './metric-families.ts';
import { RouteMetrics } from './route-metrics.ts';
import { exchangeOf } from './testing/exchanges.ts';

function pageOf(count: (metrics: RouteMetrics) => void): string {
  const aggregator = new MetricAggregator();
  const buffer = createMetricMemory();
  aggregator.attach(1, buffer);
  const registry = new MetricRegistry({ buffer, onSeries: (each) => aggregator.announce(1, each) });
  count(new RouteMetrics(metricFamilies(registry), 'chat'));
  return aggregator.exposition();
}

const costOf = (total: number): Cost => ({
  ...{ total, input: total, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, request: 0 },
});

const RECORD = {
  ...{ operation: 'chat', provider: 'openai', requestModel: 'm', sentModel: 'm', responseModel: 'm-1' },
  ...{ inputTokens: 100, outputTokens: 11, totalTokens: 111, cachedTokens: 60, cacheWriteTokens: 10 },
  ...{ firstTokenMs: 500, aborted: false, spent: undefined, ownCost: costOf(2e12), cost: costOf(2e12) },
} as GenAiRecord;

function exchangeWith(record: Partial<GenAiRecord>) {
  const exchange = exchangeOf('POST /v1/chat/completions');
  exchange.status = 200;
  exchange.durationMs = 1500;
  exchange.attempts = [
    { backend: 'a', endpoint: 'e', status: 503, ms: 300, error: 'upstream.reset' },
    { backend: 'b', endpoint: 'e', status: 200, ms: 1200, error: undefined },
  ];
  exchange.tenant = 'blue';
  exchange.genAi = { ...RECORD, ...record };
  return exchange;
}

const LABELS =
  'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="m",gen_ai_response_model="m-1",route="chat"';

test('times are those of the request, of the call that answered, and of each token after the first', () => {
  const page = pageOf((metrics) => metrics.record(exchangeWith({})));
  for (const line of [
    `gen_ai_client_operation_duration_sum{${LABELS}} 1.5`,
    `gen_ai_server_request_duration_sum{${LABELS}} 1.2`,
    `gen_ai_server_time_to_first_token_sum{${LABELS}} 0.5`,
    `gen_ai_server_time_per_output_token_sum{${LABELS}} 0.1`,
    'gateway_input_tokens_total{route="chat",cache="read"} 60',
    'gateway_input_tokens_total{route="chat",cache="write"} 10',
    'gateway_input_tokens_total{route="chat",cache="none"} 30',
    'agentgateway_tokens_total{route_name="chat",token_type="output"} 11',
    'agentgateway_requests_total{route_name="chat",model="m"} 1',
  ])
    assert.ok(page.includes(`${line}\n`), line);
});

test('a stream that was cut has no time per token, one without a price no cost', () => {
  const page = pageOf((metrics) =>
    metrics.record(exchangeWith({ aborted: true, ownCost: undefined, cost: undefined })),
  );
  assert.doesNotMatch(page, /time_per_output_token/);
  assert.doesNotMatch(page, /cost_usd_total\{/);
});

test('what a try beside the answer cost is counted where it was spent, and with the tenant', () => {
  const spent = { provider: 'anthropic', sentModel: 'c', responseModel: 'c-1', cost: costOf(5e11) } as SpentTry;
  const page = pageOf((metrics) => {
    metrics.record(exchangeWith({ spent: [spent], cost: costOf(25e11) }));
    metrics.record(exchangeWith({}));
  });
  const name = 'agentgateway_gen_ai_client_cost_usd_total';
  const labels = LABELS.replace('provider_name', 'system');
  const other = labels.replace('openai', 'anthropic').replace('="m"', '="c"').replace('="m-1"', '="c-1"');
  for (const line of [
    `${name}{${labels}} 4`,
    `${name}{${other}} 0.5`,
    'gateway_tenant_cost_usd_total{tenant="blue"} 4.5',
  ])
    assert.ok(page.includes(`${line}\n`), line);
  // Its tokens were nobody's answer.
  assert.ok(page.includes('agentgateway_tokens_total{route_name="chat",token_type="input"} 200\n'));
});

test('models in turns are counted apart, and an exchange that never reached a provider not at all', () => {
  const page = pageOf((metrics) => {
    for (const sentModel of ['x', 'y', 'x', 'y']) metrics.record(exchangeWith({ sentModel, responseModel: '' }));
    metrics.record(exchangeWith({ provider: '', sentModel: 'z' }));
  });
  for (const model of ['x', 'y'])
    assert.ok(page.includes(`agentgateway_requests_total{route_name="chat",model="${model}"} 2\n`));
  assert.doesNotMatch(page, /model="z"/);
});
