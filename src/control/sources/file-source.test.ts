// Reading files and folders: order, what is taken, what is passed over, and what is said when it cannot be read.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isEditorLeftover, readSources, stampSources } from './file-source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text = name): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test('a folder gives its configuration files in a stable order, nested ones too', () => {
  for (const name of ['b.yaml', 'a.json', 'sub/c.yml', 'sub/d.mjs', 'README.md', 'types.d.ts']) write(name);
  const reading = readSources([folder]);
  assert.deepEqual(
    reading.documents.map((document) => relative(folder, document.source)),
    ['a.json', 'b.yaml', 'sub/c.yml', 'sub/d.mjs'],
  );
  assert.deepEqual(reading.findings, []);
  assert.deepEqual(reading.folders, [folder, join(folder, 'sub')]);
});

test('what editors leave behind is passed over', () => {
  for (const name of ['.a.yaml.swp', '.hidden.yaml', 'a.yaml~', '#a.yaml#', '4913']) {
    assert.ok(isEditorLeftover(name), name);
    write(name);
  }
  write('a.yaml');
  assert.equal(readSources([folder]).documents.length, 1);
});

test('a file that is named is read whatever its ending, and once', () => {
  const path = write('gateway.conf');
  assert.equal(readSources([path, path]).documents.length, 1);
});

test('a ConfigMap mount: links through a folder that is swapped', () => {
  write('..first/a.yaml', 'one');
  write('..second/a.yaml', 'two and more');
  symlinkSync('..first', join(folder, '..data'));
  symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
  const before = readSources([folder]);
  assert.deepEqual(
    before.documents.map((document) => document.text),
    ['one'],
  );
  const stamp = stampSources(before.files);
  symlinkSync('..second', join(folder, '..new'));
  renameSync(join(folder, '..new'), join(folder, '..data'));
  assert.notEqual(stampSources(before.files), stamp);
  assert.deepEqual(
    readSources([folder]).documents.map((document) => document.text),
    ['two and more'],
  );
});

test('a missing file and an empty folder are errors that name them', () => {
  const missing = join(folder, 'nope.yaml');
  const reading = readSources([missing, folder]);
  assert.deepEqual(
    reading.findings.map(({ severity, code, origin }) => [severity, code, origin.source]),
    [
      ['error', 'config.file-missing', missing],
      ['error', 'config.folder-empty', folder],
    ],
  );
  assert.ok(reading.files.includes(missing), 'a missing file is watched for');
});
