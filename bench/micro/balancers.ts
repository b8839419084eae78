// Nanoseconds of processor time per pick of every balancer, in pools of 2, 8 and 64 endpoints over the real shared table.
// `node bench/micro/balancers.ts`.
import { TurnClock } from '../../src/base/turn-clock.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../../src/state/endpoint-table.ts';
import { createLocalityMemory, LocalityTable, TOKENS } from '../../src/state/locality-table.ts';
import { RatioBucket } from '../../src/state/ratio-bucket.ts';
import type { Balancer, Choice, PoolView } from '../../src/upstream/balancer.ts';
import { balancerRegistry } from '../../src/upstream/balancers/registry.ts';
import { weightedRoundRobin } from '../../src/upstream/balancers/weighted-round-robin.ts';
import { LocalityLevel } from '../../src/upstream/locality-level.ts';
import { TableFacts } from '../../src/upstream/place-facts.ts';
import { TablePool } from '../../src/upstream/table-pool.ts';
import { ZoneShares } from '../../src/upstream/zone-shares.ts';

const PICKS = 200_000;
const ROUNDS = 6;
const SIZES = [2, 8, 64];

const clock = new TurnClock();

class Request implements Choice {
  key = 0;
  readonly region: string | undefined = undefined;
  tried(): boolean {
    return false;
  }
}

function poolOf(size: number): TablePool {
  const table = new EndpointTable(createEndpointTableMemory(size, Date.now()), createLedgerMemory(size));
  const members = Array.from({ length: size }, (_, row) => ({ id: `pool/http://10.0.0.${row}:80`, row, weight: 1 }));
  for (const { row } of members) {
    table.recordAnswer(row, 20 + row / 10, clock.wall());
    table.addInFlight(row, row % 3);
  }
  return new TablePool(members, table, { slowStart: undefined, guard: undefined, wallMs: () => clock.wall() });
}

type Compile = (pool: TablePool) => Balancer;

function compileAlgorithm(name: string): Compile {
  const definition = balancerRegistry.get(name);
  const config = definition?.schema.parse({});
  if (definition === undefined || config === undefined || !config.ok) throw new Error(`${name} does not start`);
  return (pool) => definition.compile(config.value, pool, { random: Math.random });
}

/** weighted_round_robin in three zones with a cap on leaving the first. */
function compileZones(pool: TablePool): Balancer {
  const table = new LocalityTable(createLocalityMemory(2), Date.now());
  const zones = Array.from({ length: pool.size }, (_, index) => `zone ${index % 3}`);
  const cross = {
    penalty: 1.5,
    maxRatio: 0.3,
    healthFloor: 0.5,
    bucket: new RatioBucket(table.cells, TOKENS, 0.3),
    onBreach() {},
  };
  const rule = new ZoneShares({
    capacities: [0.4, 0.3, 0.3],
    targetMicroseconds: [0, 0, 0],
    own: 0,
    isOwnFirst: false,
    cross,
    overprovisioning: 1.4,
    facts: new TableFacts(table, [0, 0, 0], [-1, -1, -1]),
    wallMs: () => clock.wall(),
  });
  const places = [...new Set(zones)].map((name) => ({
    name,
    indexes: zones.flatMap((each, index) => (each === name ? [index] : [])),
  }));
  const compile = (part: PoolView) => weightedRoundRobin.compile({}, part, { random: Math.random });
  return new LocalityLevel(pool, { places, rule, compile }, { random: Math.random });
}

function nanosecondsPerPick(name: string, compile: Compile, size: number): number {
  const balancer = compile(poolOf(size));
  const request = new Request();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    let wrong = 0;
    const started = process.threadCpuUsage().user;
    for (let turn = 0; turn < PICKS; turn++) {
      request.key = Math.imul(turn, 0x9e3779b1) >>> 0;
      if (balancer.pick(request) < 0) wrong++;
    }
    best = Math.min(best, ((process.threadCpuUsage().user - started) * 1000) / PICKS);
    if (wrong > 0) throw new Error(`${name} found no endpoint`);
  }
  return best;
}

function measure(name: string, compile: Compile, sizes: readonly number[]): void {
  const cells = sizes.map(
    (size) => `${size} endpoints ${nanosecondsPerPick(name, compile, size).toFixed(0).padStart(5)} ns`,
  );
  console.log(`${name.padEnd(21)} ${cells.join('   ')}`);
}

for (const name of balancerRegistry.keys()) measure(name, compileAlgorithm(name), SIZES);
measure('three zones', compileZones, [3, 9, 63]);
