// Nanoseconds of processor time per pick of every balancer, in pools of 2, 8 and 64 endpoints over the real shared table.
// `node bench/micro/balancers.ts`.
import { TurnClock } from '../../src/base/turn-clock.ts';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../../src/state/endpoint-table.ts';
import type { Choice } from '../../src/upstream/balancer.ts';
import { balancerRegistry } from '../../src/upstream/balancers/registry.ts';
import { TablePool } from '../../src/upstream/table-pool.ts';

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

function nanosecondsPerPick(name: string, size: number): number {
  const definition = balancerRegistry.get(name);
  const config = definition?.schema.parse({});
  if (definition === undefined || config === undefined || !config.ok) throw new Error(`${name} does not start`);
  const balancer = definition.compile(config.value, poolOf(size), { random: Math.random });
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

for (const name of balancerRegistry.keys()) {
  const cells = SIZES.map((size) => `${size} endpoints ${nanosecondsPerPick(name, size).toFixed(0).padStart(5)} ns`);
  console.log(`${name.padEnd(21)} ${cells.join('   ')}`);
}
