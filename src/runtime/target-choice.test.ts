// Algorithms that choose among backends: each backend counts as the sum of its endpoints, and nobody is taken who may not be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEndpointTableMemory, createLedgerMemory, EndpointTable } from '../state/endpoint-table.ts';
import { balancerRegistry } from '../upstream/balancers/registry.ts';
import { seededRandom } from '../upstream/testing/fake-pool.ts';
import type { CompiledBackend } from './compiled-backend.ts';
import { BackendPool, BalancedTargets } from './target-choice.ts';

const ROWS = 12;
const ALGORITHMS = [...balancerRegistry.values()].filter(({ hashOn }) => hashOn === undefined);
const everyone = (): boolean => true;

interface Written {
  readonly weight: number;
  readonly rows: readonly number[];
  readonly isUp?: boolean;
}

class Setting {
  readonly table = new EndpointTable(createEndpointTableMemory(ROWS, 0), createLedgerMemory(ROWS));
  readonly pool: BackendPool;

  constructor(written: readonly Written[]) {
    const targets = written.map(({ weight, rows, isUp = true }, index) => {
      const set = { endpoints: rows.map((row) => ({ row })) };
      return { weight, backend: { name: `b${index}`, set, isUsable: () => isUp } as unknown as CompiledBackend };
    });
    this.pool = new BackendPool(targets, this.table, () => 1000);
    this.pool.refresh();
  }

  choice(name: string): BalancedTargets {
    const definition = balancerRegistry.get(name);
    assert.ok(definition !== undefined);
    const parsed = definition.schema.parse({});
    assert.ok(parsed.ok);
    return new BalancedTargets({ definition, config: parsed.value }, this.pool, seededRandom(3));
  }
}

test('a backend is what its endpoints are together', () => {
  const { pool, table } = new Setting([
    { weight: 2, rows: [0, 1] },
    { weight: 1, rows: [2] },
  ]);
  table.addInFlight(0, 3);
  table.addInFlight(1, 2);
  table.recordAnswer(0, 10, 1000);
  table.recordErrorAnswer(1, 30, 1000);
  assert.deepEqual([pool.inFlight(0), pool.inFlight(1)], [5, 0]);
  assert.equal(pool.latencyMicroseconds(0), 10_000, 'an endpoint that was never measured says nothing');
  assert.equal(pool.latencyMicroseconds(1), 0);
  assert.equal(pool.errorsPerThousand(0), Math.round(table.errorsPerThousand(1, 1000) / 2));
  assert.deepEqual([pool.share(0), pool.weight(1), pool.id(1)], [2000, 1, 'b1']);
});

test('least_conn takes the backend with the fewest requests under way for its weight', () => {
  const setting = new Setting([
    { weight: 3, rows: [0, 1] },
    { weight: 1, rows: [2] },
  ]);
  const { table } = setting;
  const choice = setting.choice('least_conn');
  table.addInFlight(0, 1);
  table.addInFlight(1, 1);
  table.addInFlight(2, 1);
  assert.equal(choice.pick(everyone), 0, '2 / 3 against 1 / 1');
  table.addInFlight(1, 2);
  assert.equal(choice.pick(everyone), 1, '4 / 3 against 1 / 1');
});

for (const { name } of ALGORITHMS) {
  test(`property: ${name} takes only who may be taken, up ones first, and somebody while anybody is left`, () => {
    const backend = fc.record({ weight: fc.nat(3), isUp: fc.boolean(), isEligible: fc.boolean(), busy: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(backend, { minLength: 1, maxLength: ROWS }), (written) => {
        const setting = new Setting(written.map(({ weight, isUp }, row) => ({ weight, isUp, rows: [row] })));
        for (const [row, { busy }] of written.entries()) setting.table.addInFlight(row, busy);
        const choice = setting.choice(name);
        const may = written.map(({ weight, isEligible }) => weight > 0 && isEligible);
        const up = written.map(({ isUp }, index) => may[index] && isUp);
        for (let round = 0; round < 6; round++) {
          const index = choice.pick((at) => written[at].isEligible);
          if (!may.includes(true)) assert.equal(index, -1);
          else assert.ok(up.includes(true) ? up[index] : may[index], `${index} of ${JSON.stringify(written)}`);
        }
      }),
      { seed: 21, numRuns: 200 },
    );
  });
}

test('a copy is asked without moving the original', () => {
  const setting = new Setting([
    { weight: 3, rows: [0] },
    { weight: 2, rows: [1] },
  ]);
  const choice = setting.choice('weighted_round_robin');
  for (let round = 0; round < 20; round++) {
    const expected = choice.clone().pick(everyone);
    assert.equal(choice.clone().pick(everyone), expected);
    assert.equal(choice.pick(everyone), expected);
  }
});
