// The reference page and the help text hold every fault, as the table has it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faultsHelp, faultsMarkdown } from './fault-listing.ts';
import { FAULT_NAMES, FAULTS } from './faults.ts';

test('docs/reference/simulator.md holds the table as it is', () => {
  const page = readFileSync(new URL('../../docs/reference/simulator.md', import.meta.url), 'utf8');
  const found = /<!-- faults -->\n([\s\S]*?)<!-- \/faults -->/.exec(page)?.[1];
  assert.equal(found, faultsMarkdown());
});

test('the help names every fault once, one line each', () => {
  const lines = faultsHelp().trimEnd().split('\n');
  assert.equal(lines.length, FAULT_NAMES.length);
  for (const [index, name] of FAULT_NAMES.entries()) {
    assert.ok(lines[index].startsWith(`  ${name}`) && lines[index].endsWith(FAULTS[name].summary));
  }
});
