// The adaptive limit before a backend that shares its capacity among its requests, in simulated time with fixed draws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuickRandom } from '../base/quick-random.ts';
import {
  CONCURRENCY_LEDGER_CELLS,
  ConcurrencyTable,
  createConcurrencyMemory,
  WHOLE,
} from '../state/concurrency-table.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';

const RULES = { min: 20, max: 200, initial: 20, tolerance: 1.5, isAdaptive: true };
const NORMAL = 1;

interface Job {
  leftMs: number;
  readonly startedMs: number;
}

/** `capacity` requests are served at full speed; more of them share it. A request takes `serviceMs` on average, alone. */
class LoadedBackend {
  readonly table = new ConcurrencyTable(createConcurrencyMemory(1), 0, new Int32Array(CONCURRENCY_LEDGER_CELLS));
  readonly limit = new ConcurrencyLimit(this.table, 0, RULES);
  serviceMs = 50;
  private readonly draws = new QuickRandom(() => 0.25);
  private readonly capacity: number;
  private jobs: Job[] = [];
  private nowMs = 0;
  private arrivals = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  private arrive(): boolean {
    if (!this.limit.takeAtOnce(NORMAL)) return false;
    const draw = (this.draws.next() + 1) / 2 ** 31;
    this.jobs.push({ leftMs: this.serviceMs * (0.5 - 0.5 * Math.log(draw)), startedMs: this.nowMs });
    return true;
  }

  /** Mean latency of what was answered meanwhile, and the share that was not admitted. */
  run(seconds: number, arrivalsPerSecond: number): { readonly latencyMs: number; readonly shed: number } {
    const latencies: number[] = [];
    let [offered, shed] = [0, 0];
    for (const endMs = this.nowMs + seconds * 1000; this.nowMs < endMs; this.nowMs++) {
      for (this.arrivals += arrivalsPerSecond / 1000; this.arrivals >= 1; this.arrivals--) {
        offered++;
        if (!this.arrive()) shed++;
      }
      const speed = Math.min(1, this.capacity / Math.max(1, this.jobs.length));
      for (const job of this.jobs) job.leftMs -= speed;
      for (const { leftMs, startedMs } of this.jobs) {
        if (leftMs > 0) continue;
        this.limit.give();
        latencies.push(this.nowMs - startedMs);
        this.limit.sample(WHOLE, this.nowMs - startedMs, this.nowMs);
      }
      this.jobs = this.jobs.filter(({ leftMs }) => leftMs > 0);
    }
    return { latencyMs: latencies.reduce((sum, each) => sum + each, 0) / latencies.length, shed: shed / offered };
  }

  get current(): number {
    return this.table.limit(0, RULES);
  }
}

test('load that fits is admitted whole once the limit has grown', () => {
  const backend = new LoadedBackend(30);
  backend.run(10, 500);
  assert.equal(backend.run(20, 500).shed, 0);
});

test('half as much again as the backend can bear is shed, and what is admitted takes twice its time at most', () => {
  const backend = new LoadedBackend(30);
  backend.run(20, 500);
  backend.run(20, 900);
  const { latencyMs, shed } = backend.run(20, 900);
  assert.ok(latencyMs < 110, `${latencyMs} ms`);
  assert.ok(shed > 0.3 && shed < 0.4, `${shed} shed of the third that is too much`);
});

test('a backend that has become slower for good is no longer taken for overloaded after some minutes', () => {
  const backend = new LoadedBackend(1000);
  backend.run(30, 900);
  backend.serviceMs = 150;
  backend.run(20, 900);
  assert.equal(backend.current, 20, 'three times its usual latency looks like overload');
  backend.run(280, 900);
  assert.ok(backend.current > 130, `${backend.current}, where 135 are asked for`);
});

test('never below the lowest limit, however slow', () => {
  const backend = new LoadedBackend(2);
  backend.run(30, 30);
  backend.run(30, 2000);
  assert.ok(backend.current >= 20);
});
