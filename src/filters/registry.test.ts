// Every registered filter keeps the contract of a definition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterRegistry } from './registry.ts';

test('names are unique and every example is accepted by its own schema and compiles', () => {
  assert.equal(new Set(filterRegistry.map((filter) => filter.name)).size, filterRegistry.length);
  for (const filter of filterRegistry) {
    assert.ok(filter.examples.length > 0, `${filter.name} has no example`);
    for (const { config } of filter.examples) {
      const parsed = filter.schema.parse(config);
      assert.ok(parsed.ok, `${filter.name}: ${JSON.stringify(parsed)}`);
      const compiled = filter.compile(parsed.value, { clock: { now: () => 0 } });
      assert.ok(compiled.onRequest !== undefined || compiled.onReply !== undefined);
    }
  }
});
