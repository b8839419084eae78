// Every example runs as its README says, against simulators.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readExampleFile } from '../../tools/example-file.ts';
import { exampleNames, runExample } from '../../tools/run-examples.ts';

for (const name of exampleNames()) {
  test(`examples/${name}`, async () => assert.deepEqual(await runExample(name), []));
}

test('there are examples', () => assert.ok(exampleNames().length >= 5));

test('an expectation that nobody would check is refused', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-example-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'requests.yaml');
  const write = (expect: string): void =>
    writeFileSync(path, `servers: []\nrequests:\n  - {name: a, path: /, expect: ${expect}}\n`);
  write('{status: 200, backend: x}');
  assert.throws(() => readExampleFile(path), /"backend"/);
  write('{route: x}');
  assert.throws(() => readExampleFile(path), /no status/);
});
