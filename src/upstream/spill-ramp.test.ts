// A standby level warms up by its share of the load, and takes everything at once where nobody else can carry it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { SpillRamp } from './spill-ramp.ts';

const slowStart = { durationMs: 10_000, aggression: 1, minimum: 0.1 };

class Setting {
  nowMs = 0;
  private readonly memory = createEndpointTableMemory(4, 0);
  private readonly ramp = this.another();

  /** Of another thread, or of the next generation. */
  another(): SpillRamp {
    const table = new EndpointTable(this.memory, createLedgerMemory(4));
    return new SpillRamp({
      table,
      slowStart,
      rows: [
        [0, 1],
        [2, 3],
      ],
      wallMs: () => this.nowMs,
    });
  }

  loads(planned: readonly number[], capacities: readonly number[], ramp = this.ramp): readonly number[] {
    const loads = Float64Array.from(planned);
    ramp.apply(loads, Float64Array.from(capacities));
    return [...loads].map((load) => Math.round(load * 1000) / 1000);
  }

  /** Ten requests a second. */
  run(seconds: number, planned: readonly number[], capacities: readonly number[]): void {
    for (const end = this.nowMs + seconds * 1000; this.nowMs < end; this.nowMs += 100) this.loads(planned, capacities);
  }
}

const HEALTHY = [
  [1, 0],
  [1.4, 1.4],
] as const;
const SPILLS = [
  [0.7, 0.3],
  [0.7, 1.4],
] as const;

test('load that spills over goes up with the warmth of the level, in every thread and over reloads', () => {
  const setting = new Setting();
  setting.run(20, ...HEALTHY);
  assert.deepEqual(setting.loads(...SPILLS), [0.875, 0.125]);
  setting.run(2, ...SPILLS);
  assert.deepEqual(setting.loads(...SPILLS, setting.another()), [0.778, 0.222]);
  setting.run(1, ...SPILLS);
  assert.deepEqual(setting.loads(...SPILLS), [0.7, 0.3]);
});

test('a short pause does not make a level cold, a long one does', () => {
  const setting = new Setting();
  setting.run(20, ...HEALTHY);
  setting.run(20, ...SPILLS);
  setting.run(9, ...HEALTHY);
  assert.deepEqual(setting.loads(...SPILLS), [0.7, 0.3]);
  setting.run(11, ...HEALTHY);
  assert.deepEqual(setting.loads(...SPILLS), [0.875, 0.125]);
});

test('no ramp where the warm levels cannot carry half, nor at the start', () => {
  const setting = new Setting();
  assert.deepEqual(setting.loads(...SPILLS), [0.7, 0.3], 'all are new');
  const other = new Setting();
  other.run(20, ...HEALTHY);
  assert.deepEqual(other.loads([0, 1], [0, 1.4]), [0, 1]);
  const third = new Setting();
  third.run(20, ...HEALTHY);
  assert.deepEqual(third.loads([0.4, 0.6], [0.4, 1.4]), [0.4, 0.6]);
});

test('a level that comes back after a long time takes its load from the warm standby little by little', () => {
  const setting = new Setting();
  setting.run(20, ...HEALTHY);
  setting.run(20, [0, 1], [0, 1.4]);
  assert.deepEqual(setting.loads(...HEALTHY), [0.1, 0.9]);
  setting.run(5, ...HEALTHY);
  assert.deepEqual(setting.loads(...HEALTHY), [0.5, 0.5]);
});

test('property: loads stay a whole, and no level that has none and no capacity gets any', () => {
  const step = fc.record({
    first: fc.double({ min: 0, max: 1, noNaN: true }),
    up: fc.double({ min: 0, max: 1.4, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.nat(3000), (steps, pauseMs) => {
      const setting = new Setting();
      for (const { first, up } of steps) {
        setting.nowMs += pauseMs;
        const loads = setting.loads([first, 1 - first], [up, 0]);
        assert.ok(Math.abs(loads[0] + loads[1] - 1) < 0.002 && loads.every((load) => load >= 0));
        assert.ok(first < 1 || loads[1] === 0);
      }
    }),
    { seed: 4 },
  );
});
