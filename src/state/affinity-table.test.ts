// What the table remembers, forgets and never mixes up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AffinityTable, createAffinityMemory } from './affinity-table.ts';

const START = 1_700_000_000_000;

function create(rows = 16): { readonly table: AffinityTable; readonly cells: Int32Array } {
  const { prompts } = createAffinityMemory(rows);
  return { table: new AffinityTable(prompts, START), cells: new Int32Array(prompts) };
}

test('remembers by both halves of a key, until the time is over', () => {
  const { table } = create();
  table.remember({ first: 7, second: -9 }, 5, START + 1000);
  assert.equal(table.find(7, -9, START + 900), 5);
  assert.equal(table.find(7, -8, START + 900), 0);
  assert.equal(table.find(8, -9, START + 900), 0);
  assert.equal(table.find(7, -9, START + 1000), 0);
});

test('the same key is in one place, with its newest tag and time', () => {
  const { table, cells } = create();
  const key = { first: -3, second: 4 };
  table.remember(key, 5, START + 1000);
  table.remember(key, 6, START + 2000);
  assert.equal(table.find(-3, 4, START + 1500), 6);
  assert.equal(cells.filter((cell) => cell === -3).length, 1);
});

test('two threads see one table', () => {
  const { prompts } = createAffinityMemory(16);
  new AffinityTable(prompts, START).remember({ first: 1, second: 2 }, -5, START + 1000);
  assert.equal(new AffinityTable(prompts, START).find(1, 2, START), -5);
});

test('of a full line the entry goes that would be forgotten first', () => {
  const { table } = create(1);
  for (let second = 1; second <= 4; second++) table.remember({ first: 8, second }, second, START + second * 1000);
  table.remember({ first: 8, second: 5 }, 5, START + 5000);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((second) => table.find(8, second, START)),
    [0, 2, 3, 4, 5],
  );
});

test('an entry that another thread has half overwritten is not found', () => {
  for (const cell of [1, 2, 3]) {
    const { table, cells } = create(1);
    table.remember({ first: 8, second: 9 }, 5, START + 1000);
    cells[cell] ^= 64;
    assert.equal(table.find(8, 9, START), 0);
  }
});

test('any number of keys is borne, and what is found is what was remembered last', () => {
  const key = fc.record({ first: fc.integer(), second: fc.integer() });
  const write = fc.record({ key, tag: fc.integer({ min: 1 }), afterMs: fc.integer({ min: 200, max: 100_000 }) });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 200 }), (writes) => {
      const { table } = create(8);
      const last = new Map<string, number>();
      for (const { key: each, tag, afterMs } of writes) {
        table.remember(each, tag, START + afterMs);
        last.set(`${each.first} ${each.second}`, tag);
        assert.equal(table.find(each.first, each.second, START), tag);
      }
      for (const { key: each } of writes) {
        const found = table.find(each.first, each.second, START);
        assert.ok(found === 0 || found === last.get(`${each.first} ${each.second}`));
      }
    }),
    { seed: 3 },
  );
});
