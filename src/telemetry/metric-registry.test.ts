// Series of one thread: the same place for the same labels, bounds, and no slot with two owners.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterDefinition } from './metric-definition.ts';
import { METRIC_DEFINITIONS } from './metric-definitions.ts';
import { createMetricMemory, MetricRegistry, type SeriesAnnouncement } from './metric-registry.ts';

const PAIRS = {
  name: 'pairs_total',
  kind: 'counter',
  help: 'Pairs.',
  labels: ['left', 'right'],
} as const satisfies CounterDefinition;

function setUp(slots: number, maxSeriesPerFamily?: number) {
  const announced: SeriesAnnouncement[] = [];
  const buffer = createMetricMemory(slots);
  const options = { buffer, onSeries: (each: SeriesAnnouncement) => void announced.push(each) };
  const registry = new MetricRegistry(maxSeriesPerFamily === undefined ? options : { ...options, maxSeriesPerFamily });
  const numbers = new Float64Array(buffer);
  const counted = (name: string, ...labels: string[]): number | undefined => {
    const found = announced.find((each) => each.definition.name === name && each.labels.join() === labels.join());
    return found === undefined ? undefined : numbers[found.slot];
  };
  return { registry, announced, numbers, counted };
}

test('the same labels give the same place, announced once, whoever asks', () => {
  const { registry, announced, counted } = setUp(64);
  registry.counter(PAIRS).series('a', 'b').increment();
  registry.counter(PAIRS).series('a', 'b').add(2);
  registry.counter(PAIRS).series('b', 'a').increment();
  assert.equal(announced.length, 2);
  assert.equal(counted('pairs_total', 'a', 'b'), 3);
  assert.equal(counted('pairs_total', 'b', 'a'), 1);
});

test('label values cannot run into each other', () => {
  const { registry, announced } = setUp(64);
  const family = registry.counter(PAIRS);
  const sets = [
    ['a', '1:b'],
    ['a1:', 'b'],
    ['', '1:a1:b'],
    ['a\u0000b', 'c'],
    ['a', 'b\u0000c'],
  ] as const;
  const distinct = new Set(sets.map(([left, right]) => family.series(left, right)));
  assert.equal(distinct.size, sets.length);
  assert.equal(announced.length, sets.length);
});

test('past the cap of a family everything is one series, and counted', () => {
  const { registry, counted } = setUp(64, 2);
  const family = registry.counter(PAIRS);
  const first = family.series('1', '');
  family.series('2', '');
  family.series('3', '').increment();
  family.series('4', '').add(4);
  first.increment();
  assert.equal(family.series('1', ''), first, 'what was known before the cap stays apart');
  assert.equal(counted('pairs_total', '_other', '_other'), 5);
  assert.equal(counted('gateway_metrics_folded_total', 'pairs_total'), 2);
  assert.equal(counted('pairs_total', '1', ''), 1);
});

test('a full memory folds, and still has room for families of a later configuration', () => {
  const { registry, counted } = setUp(100);
  const family = registry.counter(PAIRS);
  for (let i = 0; i < 200; i++) family.series(String(i), '').increment();
  const folded = counted('gateway_metrics_folded_total', 'pairs_total');
  assert.equal(folded, counted('pairs_total', '_other', '_other'));
  assert.ok(folded !== undefined && folded >= 150);
  const late = registry.gauge(METRIC_DEFINITIONS.activeRequests).series();
  late.add(1);
  late.add(1);
  late.add(-1);
  assert.equal(counted('gateway_active_requests'), 1);
});

test('no two series share a slot', () => {
  const { registry, announced } = setUp(4096);
  const histogram = registry.histogram(METRIC_DEFINITIONS.routeDuration);
  const counter = registry.counter(PAIRS);
  for (let i = 0; i < 20; i++) {
    histogram.series(String(i), 'x').observe(1);
    counter.series(String(i), 'x').increment();
  }
  const owners = new Map<number, string>();
  for (const { definition, labels, slot } of announced) {
    const width = definition.kind === 'histogram' ? definition.buckets.length + 2 : 1;
    for (let at = slot; at < slot + width; at++) {
      assert.equal(owners.get(at), undefined, `slot ${at} has two owners`);
      owners.set(at, definition.name + labels.join());
    }
  }
  assert.equal(owners.size, 20 * (METRIC_DEFINITIONS.routeDuration.buckets.length + 3));
});

test('a histogram counts a value at its bound in that bucket', () => {
  const { registry, announced, numbers } = setUp(256);
  const series = registry.histogram({ name: 'h', kind: 'histogram', help: '', labels: [], buckets: [1, 10] }).series();
  for (const value of [0, 1, 1.5, 10, 11]) series.observe(value);
  const { slot } = announced[0];
  assert.deepEqual([...numbers.subarray(slot, slot + 4)], [2, 2, 1, 23.5]);
});

test('one name with two shapes is a bug', () => {
  const { registry } = setUp(64);
  registry.counter(PAIRS);
  assert.throws(() => registry.counter({ ...PAIRS, labels: ['left'] }), /defined twice/);
});

test('long label values are cut, alike for key and page', () => {
  const { registry, announced } = setUp(64);
  const family = registry.counter(PAIRS);
  assert.equal(family.series('x'.repeat(5000), ''), family.series('x'.repeat(6000), ''));
  assert.equal(announced[0].labels[0].length, 200);
});

test('every definition keeps the rules of names', () => {
  const names = new Set<string>();
  for (const definition of Object.values(METRIC_DEFINITIONS)) {
    assert.match(definition.name, /^[a-z][a-z0-9_]*$/);
    assert.equal(definition.name.endsWith('_total'), definition.kind === 'counter', definition.name);
    assert.ok(definition.help.endsWith('.') || definition.help.endsWith('_other'), definition.name);
    if (definition.kind === 'histogram') {
      assert.deepEqual(
        [...definition.buckets],
        [...definition.buckets].sort((a, b) => a - b),
        definition.name,
      );
    }
    names.add(definition.name);
  }
  assert.equal(names.size, Object.keys(METRIC_DEFINITIONS).length);
});
