// The ratio of cached input is that of all counted tokens of a route.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricAggregator } from '../telemetry/metric-aggregator.ts';
import { METRIC_DEFINITIONS } from '../telemetry/metric-definitions.ts';
import { createMetricMemory, MetricRegistry } from '../telemetry/metric-registry.ts';
import { CacheGauges } from './cache-gauges.ts';

test('cached tokens of a route over all of its input, refreshed at each look', () => {
  const aggregator = new MetricAggregator();
  const buffer = createMetricMemory();
  aggregator.attach(0, buffer);
  const registry = new MetricRegistry({ buffer, onSeries: (announcement) => aggregator.announce(0, announcement) });
  const tokens = registry.counter(METRIC_DEFINITIONS.inputTokens);
  const gauges = new CacheGauges(registry, (take) => aggregator.forEachSum(METRIC_DEFINITIONS.inputTokens, take));
  aggregator.beforeExposition(() => gauges.refresh());
  assert.doesNotMatch(aggregator.exposition(), /gateway_cached_input_ratio/);
  tokens.series('chat', 'read').add(30);
  tokens.series('chat', 'none').add(60);
  tokens.series('chat', 'write').add(10);
  tokens.series('other', 'none').add(5);
  tokens.series('idle', 'none').add(0);
  const text = aggregator.exposition();
  assert.match(text, /gateway_cached_input_ratio\{route="chat"\} 0\.3\n/);
  assert.match(text, /gateway_cached_input_ratio\{route="other"\} 0\n/);
  assert.doesNotMatch(text, /gateway_cached_input_ratio\{route="idle"\}/);
  tokens.series('chat', 'read').add(20);
  assert.match(aggregator.exposition(), /gateway_cached_input_ratio\{route="chat"\} 0\.416667\n/);
});
