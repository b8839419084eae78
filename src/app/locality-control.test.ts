// Regions and zones judged by the main thread, over the real tables and with a clock of the test's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Backend, Endpoint } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { FailoverSettings, Locality } from '../model/locality.ts';
import { withLocality } from '../model/resolve-locality.ts';
import { placeRowId, regionRowId, rowIdsOf } from '../model/row-ids.ts';
import { backend, gatewayModel, ORIGIN } from '../runtime/testing/gateway-model.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { LocalityTable, OUT_FAILED, OUT_SLOW } from '../state/locality-table.ts';
import { LocalityControl } from './locality-control.ts';

const REGIONS = ['fra', 'ams'];

const FAILOVER: FailoverSettings = {
  origin: ORIGIN,
  regions: REGIONS,
  conditions: { healthBelow: 0.95, responseTimeAboveMs: 1000, errorRateAbove: 0.05 },
  windowMs: 10_000,
  leaveAfter: { count: 3, of: 5 },
  returnAfter: { count: 5, of: 5 },
  holdDownMs: 60_000,
  minRequests: 20,
  rampMs: 30_000,
  dns: { ttlMs: 30_000, geographic: true },
};

function endpoint(host: string, region: string): Endpoint {
  return { id: `b/${host}` as Id<'endpoint'>, url: `http://${host}:80`, weight: 1, region };
}

function modelOf(locality: Locality): GatewayModel {
  const written = backend('b', {
    endpoints: REGIONS.flatMap((name) => [1, 2].map((n) => endpoint(`${name}${n}`, name))),
  });
  return gatewayModel({ backends: [withLocality(written, locality)], locality });
}

interface Timer {
  readonly everyMs: number;
  nextMs: number;
  readonly call: () => void;
}

class Fixture {
  nowMs = 0;
  readonly down = new Set<string>();
  readonly lines: string[] = [];
  readonly table: EndpointTable;
  readonly localities: LocalityTable;
  readonly control: LocalityControl;
  private readonly timers = new Set<Timer>();
  private rows: Readonly<Record<string, number>> = {};

  constructor() {
    const memory = createEndpointTableMemory(32, 0);
    this.table = new EndpointTable(memory, createLedgerMemory(32));
    this.localities = new LocalityTable(memory.localities, 0);
    this.control = new LocalityControl({
      time: {
        now: () => this.nowMs,
        every: (everyMs, call) => {
          const timer = { everyMs, nextMs: this.nowMs + everyMs, call };
          this.timers.add(timer);
          return () => this.timers.delete(timer);
        },
      },
      endpoints: this.table,
      localities: this.localities,
      isUsable: (_backend: Backend, id) => !this.down.has(id),
      say: (line) => this.lines.push(line),
    });
  }

  follow(locality: Locality): void {
    const model = modelOf(locality);
    this.rows = Object.fromEntries(rowIdsOf(model).map((id, row) => [id, row]));
    this.control.follow(model, this.rows);
  }

  row(id: string): number {
    return this.rows[id];
  }

  answer(host: string, parts: { count: number; ms: number; failed?: number }): void {
    const row = this.row(`b/${host}`);
    for (let turn = 0; turn < parts.count; turn++) this.table.recordAnswer(row, parts.ms, this.nowMs);
    for (let turn = 0; turn < (parts.failed ?? 0); turn++) this.table.recordErrorAnswer(row, parts.ms, this.nowMs);
  }

  /** Second by second; `each` happens before the timers of that second. */
  run(seconds: number, each: () => void = () => {}): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000;
      each();
      for (const timer of [...this.timers]) {
        if (timer.nextMs > this.nowMs) continue;
        timer.nextMs += timer.everyMs;
        timer.call();
      }
    }
  }

  states(): readonly string[] {
    return this.control.regions.view(this.nowMs).regions.map(({ state }) => state);
  }

  hasFailed(region: string): boolean {
    return (this.localities.outBits(this.row(regionRowId(region))) & OUT_FAILED) !== 0;
  }
}

function start(locality: Locality = { failover: FAILOVER }): Fixture {
  const fixture = new Fixture();
  fixture.follow(locality);
  return fixture;
}

test('a primary region with too many errors is left after three bad windows, and taken back after its hold-down', () => {
  const fixture = start();
  const fine = () => fixture.answer('fra1', { count: 10, ms: 50 });
  fixture.run(100, fine);
  assert.deepEqual(fixture.states(), ['active', 'standby']);
  fixture.run(20, () => fixture.answer('fra1', { count: 9, ms: 50, failed: 1 }));
  assert.equal(fixture.hasFailed('fra'), false);
  fixture.run(10, () => fixture.answer('fra1', { count: 9, ms: 50, failed: 1 }));
  assert.equal(fixture.hasFailed('fra'), true);
  assert.deepEqual(fixture.states(), ['out', 'active']);
  const [fra] = fixture.control.regions.view(fixture.nowMs).regions;
  assert.deepEqual(fra.reasons, ['errors 10 % > 5 %']);
  assert.deepEqual([fra.failover?.holdsForMs, fra.role, fra.force], [60_000, 'primary', 'auto']);
  assert.match(fixture.lines[0], /^region fra has failed: errors 10 % > 5 %, 3 of 5 windows; next in order: ams$/);
  fixture.run(59);
  assert.equal(fixture.hasFailed('fra'), true);
  fixture.run(1);
  assert.deepEqual(fixture.states(), ['active', 'standby']);
  assert.equal(fixture.localities.returnedForMs(fixture.row(regionRowId('fra')), fixture.nowMs + 5000), 5000);
  assert.equal(fixture.lines.length, 2);
});

test('health below its condition, and answers slower than theirs, do the same', () => {
  const ill = start();
  ill.down.add('b/fra1');
  ill.run(30);
  assert.deepEqual(ill.states(), ['out', 'active']);
  assert.deepEqual(ill.control.regions.view(ill.nowMs).regions[0].reasons, ['health 50 % < 95 %']);
  const slow = start();
  slow.run(30, () => slow.answer('fra2', { count: 5, ms: 2500 }));
  assert.deepEqual(slow.states(), ['out', 'active']);
  assert.match(slow.lines[0], /response time 2500 ms > 1000 ms/);
});

test('few requests decide nothing about errors and time', () => {
  const fixture = start();
  fixture.run(200, () => fixture.answer('fra1', { count: 0, ms: 9000, failed: 1 }));
  assert.deepEqual(fixture.lines, []);
});

test('ten minutes of noise do not move a region that keeps its conditions on average', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const fixture = start();
    let state = seed;
    const random = (): number => {
      state = (state * 16_807) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    fixture.run(600, () => {
      // 2 % errors, 600 ms give or take half of it, against limits of 5 % and 1 s.
      for (let turn = 0; turn < 20; turn++)
        fixture.answer('fra1', { count: 1, ms: 300 + 600 * random(), failed: random() < 0.02 ? 1 : 0 });
    });
    assert.deepEqual(fixture.lines, [], `seed ${seed}`);
  }
});

test('an operator has the last word, in both directions', () => {
  const fixture = start();
  assert.equal(fixture.control.regions.force({ region: 'fra', force: 'out' }), undefined);
  assert.deepEqual(fixture.states(), ['out', 'active']);
  assert.equal(fixture.control.regions.force({ region: 'fra', force: 'auto' }), undefined);
  assert.deepEqual(fixture.states(), ['active', 'standby']);
  fixture.run(30, () => fixture.answer('fra1', { count: 5, ms: 5, failed: 5 }));
  assert.deepEqual(fixture.states(), ['out', 'active']);
  fixture.control.regions.force({ region: 'fra', force: 'in' });
  assert.deepEqual(fixture.states(), ['active', 'standby']);
  assert.equal(fixture.control.regions.force({ region: 'nowhere', force: 'in' }), 'there is no region "nowhere"');
});

test('the DNS answer follows: hosts that are up, of each region for its own clients, else of the active one', () => {
  const fixture = start();
  fixture.down.add('b/ams1');
  const dns = () => fixture.control.regions.view(fixture.nowMs).dns;
  assert.deepEqual(dns(), {
    ttlSeconds: 30,
    geographic: true,
    default: { for: '*', region: 'fra', hosts: ['fra1', 'fra2'] },
    answers: [
      { for: 'fra', region: 'fra', hosts: ['fra1', 'fra2'] },
      { for: 'ams', region: 'ams', hosts: ['ams2'] },
    ],
  });
  fixture.control.regions.force({ region: 'fra', force: 'out' });
  assert.deepEqual(dns()?.default, { for: '*', region: 'ams', hosts: ['ams2'] });
  assert.deepEqual(dns()?.answers[0], { for: 'fra', region: 'ams', hosts: ['ams2'] });
});

test('a verdict outlives a reload; a region that nobody watches any more is not out', () => {
  const fixture = start();
  fixture.run(30, () => fixture.answer('fra1', { count: 5, ms: 5, failed: 5 }));
  fixture.follow({ failover: { ...FAILOVER, minRequests: 30 } });
  assert.equal(fixture.hasFailed('fra'), true);
  fixture.run(20);
  assert.equal(fixture.hasFailed('fra'), true, 'the hold-down goes on');
  const geo = { origin: ORIGIN, regions: [], fallback: 'priority', header: 'x' } as const;
  const regions = REGIONS.map((name, index) => ({ name, priority: index, clients: [] }));
  fixture.follow({ geo: { ...geo, regions } });
  assert.equal(fixture.hasFailed('fra'), false);
});

test('reloads that follow each other closely keep no window from its end', () => {
  const fixture = start();
  fixture.run(30, () => {
    fixture.answer('fra1', { count: 5, ms: 5, failed: 5 });
    fixture.follow({ failover: { ...FAILOVER, minRequests: 20 } });
  });
  assert.equal(fixture.hasFailed('fra'), true);
});

test('a region of clients over its latency threshold is left out for them, and said', () => {
  const regions = REGIONS.map((name, index) => ({ name, priority: index, clients: [] }));
  const fixture = start({
    geo: { origin: ORIGIN, regions, fallback: 'nearest', header: 'x', latencyThresholdMs: 200 },
  });
  const isSlow = () => (fixture.localities.outBits(fixture.row(placeRowId('b', 'region', 'fra'))) & OUT_SLOW) !== 0;
  fixture.run(10, () => fixture.answer('fra1', { count: 5, ms: 100 }));
  assert.equal(isSlow(), false);
  fixture.run(15, () => fixture.answer('fra1', { count: 5, ms: 600 }));
  assert.equal(isSlow(), true);
  assert.match(fixture.lines[0], /^region fra of backend b is too slow: \d+ ms, at most 200 ms$/);
  fixture.run(40);
  assert.equal(isSlow(), false);
});

test('requests beyond the cap are said once per event', () => {
  const fixture = new Fixture();
  const zoned = backend('b', { endpoints: [{ ...endpoint('x', 'fra'), zone: 'a' }, endpoint('y', 'fra')] });
  const locality: Locality = {
    zones: {
      origin: ORIGIN,
      zones: [{ name: 'a' }],
      ownZone: 'a',
      crossZone: { enabled: true, penaltyFactor: 1.5, maxRatio: 0.3, healthFloor: 0.5 },
    },
  };
  const model = gatewayModel({ backends: [withLocality(zoned, locality)], locality });
  const rows = Object.fromEntries(rowIdsOf(model).map((id, row) => [id, row]));
  fixture.control.follow(model, rows);
  fixture.localities.countBreach(rows[placeRowId('b', 'zone', '')]);
  fixture.run(5, () => fixture.localities.countBreach(rows[placeRowId('b', 'zone', '')]));
  assert.deepEqual(fixture.lines, ['backend b: more leaves zone a than its cap, because less than 50 % of it is up']);
});
