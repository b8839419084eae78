// The lag gauge over two windows of a virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLoopLag } from './event-loop-lag.ts';
import { createMetricMemory, MetricRegistry } from './metric-registry.ts';

test('the gauge shows the worst delay of the last windows, then forgets it', () => {
  const buffer = createMetricMemory(64);
  let slot = -1;
  const registry = new MetricRegistry({
    buffer,
    onSeries: (each) => {
      slot = each.slot;
    },
  });
  let now = 1000;
  const lag = new EventLoopLag(registry, '1', { now: () => now });
  const shown = (): number => new Float64Array(buffer)[slot];
  const tickAfter = (ms: number): void => {
    now += ms;
    lag.tick();
  };
  tickAfter(100);
  assert.equal(shown(), 0);
  tickAfter(350);
  assert.equal(shown(), 0.25);
  for (let i = 0; i < 110; i++) tickAfter(100);
  assert.equal(shown(), 0.25);
  for (let i = 0; i < 100; i++) tickAfter(100);
  assert.equal(shown(), 0);
});
