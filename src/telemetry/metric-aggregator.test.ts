// The page of metrics: sums over threads living and dead, and what promtool says to it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { MetricAggregator } from './metric-aggregator.ts';
import { METRIC_DEFINITIONS } from './metric-definitions.ts';
import { createMetricMemory, MetricRegistry } from './metric-registry.ts';
import { ProcessMetrics } from './process-metrics.ts';

function attach(aggregator: MetricAggregator, workerId: number, slots = 16_384): MetricRegistry {
  const buffer = createMetricMemory(slots);
  aggregator.attach(workerId, buffer);
  return new MetricRegistry({ buffer, onSeries: (each) => aggregator.announce(workerId, each) });
}

function linesOf(aggregator: MetricAggregator, start: string): string[] {
  return aggregator
    .exposition()
    .split('\n')
    .filter((line) => line.startsWith(start));
}

test('counters of all threads are summed, and those of dead threads stay', () => {
  const aggregator = new MetricAggregator();
  const first = attach(aggregator, 1).counter(METRIC_DEFINITIONS.requestBytes).series('r');
  const second = attach(aggregator, 2).counter(METRIC_DEFINITIONS.requestBytes).series('r');
  first.add(5);
  second.add(7);
  const name = 'gateway_request_bytes_total{';
  assert.deepEqual(linesOf(aggregator, name), ['gateway_request_bytes_total{route="r"} 12']);
  aggregator.detach(1);
  first.add(100);
  assert.deepEqual(linesOf(aggregator, name), ['gateway_request_bytes_total{route="r"} 12']);
  attach(aggregator, 1).counter(METRIC_DEFINITIONS.requestBytes).series('r').add(1);
  assert.deepEqual(linesOf(aggregator, name), ['gateway_request_bytes_total{route="r"} 13']);
});

test('gauges are summed or taken from the newest thread, and go with their thread', () => {
  const aggregator = new MetricAggregator();
  const registries = [attach(aggregator, 1), attach(aggregator, 2)];
  registries.forEach((registry, index) => {
    registry
      .gauge(METRIC_DEFINITIONS.activeRequests)
      .series()
      .set(index + 2);
    registry
      .gauge(METRIC_DEFINITIONS.configGeneration)
      .series()
      .set(index + 2);
  });
  assert.deepEqual(linesOf(aggregator, 'gateway_active_requests'), ['gateway_active_requests 5']);
  assert.deepEqual(linesOf(aggregator, 'gateway_config_generation'), ['gateway_config_generation 3']);
  aggregator.detach(2);
  assert.deepEqual(linesOf(aggregator, 'gateway_active_requests'), ['gateway_active_requests 2']);
  aggregator.detach(1);
  assert.deepEqual(linesOf(aggregator, 'gateway_active_requests'), []);
});

test('histograms are cumulative, and the count is the last bucket', () => {
  const aggregator = new MetricAggregator();
  for (const workerId of [1, 2]) {
    const series = attach(aggregator, workerId).histogram({
      name: 'h_seconds',
      kind: 'histogram',
      help: 'H.',
      labels: ['route'],
      buckets: [0.5, 1],
    });
    for (const value of [0.25, 0.75, 3]) series.series('r').observe(value);
  }
  assert.deepEqual(linesOf(aggregator, 'h_seconds'), [
    'h_seconds_bucket{route="r",le="0.5"} 2',
    'h_seconds_bucket{route="r",le="1"} 4',
    'h_seconds_bucket{route="r",le="+Inf"} 6',
    'h_seconds_sum{route="r"} 8',
    'h_seconds_count{route="r"} 6',
  ]);
});

test('label values are escaped', () => {
  const aggregator = new MetricAggregator();
  attach(aggregator, 1).counter(METRIC_DEFINITIONS.requestBytes).series('a"b\\c\nd\ud800').increment();
  assert.deepEqual(linesOf(aggregator, 'gateway_request_bytes_total'), [
    'gateway_request_bytes_total{route="a\\"b\\\\c\\nd\ufffd"} 1',
  ]);
});

test('threads that die again and again do not fill the memory with labels, and no count is lost', () => {
  const aggregator = new MetricAggregator();
  for (let life = 0; life < 4; life++) {
    const family = attach(aggregator, 1).counter(METRIC_DEFINITIONS.requestBytes);
    for (let i = 0; i < 1500; i++) family.series(`${life}-${i}`).increment();
    aggregator.detach(1);
  }
  const lines = linesOf(aggregator, 'gateway_request_bytes_total{');
  assert.ok(lines.length <= 2001, `${lines.length} series`);
  assert.equal(
    lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
    6000,
  );
});

test('figures that are asked for are refreshed before the page', () => {
  const aggregator = new MetricAggregator();
  const metrics = new ProcessMetrics(attach(aggregator, 0));
  aggregator.beforeExposition(() => metrics.refresh());
  const [memory] = linesOf(aggregator, 'process_resident_memory_bytes ');
  assert.ok(Number(memory.split(' ')[1]) > 1_000_000);
  const [before, after] = [0, 1].map(() => Number(linesOf(aggregator, 'process_cpu_seconds_total ')[0].split(' ')[1]));
  assert.ok(before > 0 && after >= before);
});

/** Every metric there is, with a value for each label that needs escapes. */
function fullPage(): string {
  const aggregator = new MetricAggregator();
  const registry = attach(aggregator, 1);
  for (const definition of Object.values(METRIC_DEFINITIONS)) {
    const labels = definition.labels.map((label) => `${label} "ä\\\n`);
    if (definition.kind === 'counter')
      registry
        .counter<readonly string[]>(definition)
        .series(...labels)
        .add(1.5);
    else if (definition.kind === 'gauge')
      registry
        .gauge<readonly string[]>(definition)
        .series(...labels)
        .set(-1);
    else
      registry
        .histogram<readonly string[]>(definition)
        .series(...labels)
        .observe(0.3);
  }
  return aggregator.exposition();
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test('promtool finds nothing wrong with the page', { skip: !hasPromtool && process.env.SWITCHYARD_CI !== '1' }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: fullPage(),
    encoding: 'utf8',
  });
  assert.equal(`${stdout}${stderr}`, '');
  assert.equal(status, 0);
});

test('every metric is on the page with its help and type', () => {
  const page = fullPage();
  for (const { name, kind } of Object.values(METRIC_DEFINITIONS)) {
    assert.ok(page.includes(`\n# TYPE ${name} ${kind}\n`) && page.includes(`# HELP ${name} `), name);
  }
});

test('a metric with an alias is shown under both names, its label renamed', () => {
  const aggregator = new MetricAggregator();
  const buffer = createMetricMemory();
  aggregator.attach(1, buffer);
  const registry = new MetricRegistry({ buffer, onSeries: (announcement) => aggregator.announce(1, announcement) });
  registry.histogram(METRIC_DEFINITIONS.genAiTokenUsage).series('input', 'chat', 'openai', 'm', 'm-1', 'r').observe(5);
  const text = aggregator.exposition();
  const shown = (name: string, provider: string): string =>
    `${name}_sum{gen_ai_token_type="input",gen_ai_operation_name="chat",${provider}="openai",gen_ai_request_model="m",gen_ai_response_model="m-1",route="r"} 5\n`;
  assert.ok(text.includes(shown('gen_ai_client_token_usage', 'gen_ai_provider_name')));
  assert.ok(text.includes(shown('agentgateway_gen_ai_client_token_usage', 'gen_ai_system')));
  assert.equal(text.match(/# TYPE agentgateway_gen_ai_client_token_usage histogram/g)?.length, 1);
});
