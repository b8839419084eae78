// Links and configuration blocks are found where readers see them, and nowhere else.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkLinks, checkNamedFiles, fencedBlocks, slugOf } from './check-docs.ts';

const root = mkdtempSync(join(tmpdir(), 'docs-'));
mkdirSync(join(root, 'docs'));
after(() => rmSync(root, { recursive: true }));

function problemsOf(text: string): readonly string[] {
  writeFileSync(join(root, 'docs', 'a.md'), text);
  return checkLinks(root, 'docs/a.md');
}

test('links to files and headings that exist are fine', () => {
  writeFileSync(join(root, 'README.md'), '# Top\n\n## Start: `npm start`\n');
  assert.deepEqual(
    problemsOf('# Here\n[a](../README.md) [b](../README.md#start-npm-start) [c](#here) [d](https://example.com/x)\n'),
    [],
  );
});

test('links that lead nowhere are reported with their line', () => {
  assert.deepEqual(problemsOf('x\n\n[a](missing.md)\n'), ['docs/a.md:3: missing.md leads nowhere']);
  assert.deepEqual(problemsOf('[a](#nope)\n'), ['docs/a.md:1: #nope: no such heading']);
  writeFileSync(join(root, 'README.md'), '# Top\n');
  assert.deepEqual(problemsOf('[a](../README.md#gone)\n'), ['docs/a.md:1: ../README.md#gone: no such heading']);
});

test('code is not read for links, nor its comments for headings', () => {
  assert.deepEqual(problemsOf('`[a](nope.md)`\n```sh\n# not-a-heading\n[b](nope.md)\n```\n'), []);
  assert.deepEqual(problemsOf('```sh\n# inside\n```\n[a](#inside)\n'), ['docs/a.md:4: #inside: no such heading']);
});

test('files named in inline code must be there, placeholders and foreign names aside', () => {
  mkdirSync(join(root, 'src', 'wire'), { recursive: true });
  writeFileSync(join(root, 'src', 'wire', 'sse.ts'), '');
  writeFileSync(
    join(root, 'docs', 'a.md'),
    '`wire/sse.ts` `src/wire/` `src/wire/NAME.ts` `text/plain` `/v1/x`\n`wire/gone.ts`\n',
  );
  assert.deepEqual(checkNamedFiles(root, 'docs/a.md'), ['docs/a.md:2: wire/gone.ts is not there']);
});

test('only blocks marked with the word are taken, with the line they begin at', () => {
  const text = 'a\n```yaml\nb: 1\n```\n\n```yaml gateway\nc: 1\nd: 2\n```\n```yaml scenario\ne: 1\n```\n';
  assert.deepEqual(fencedBlocks(text, 'x.md', 'gateway'), [{ place: 'x.md:7', text: 'c: 1\nd: 2' }]);
  assert.deepEqual(fencedBlocks(text, 'x.md', 'scenario'), [{ place: 'x.md:11', text: 'e: 1' }]);
});

test('a heading becomes the address that Git hosts give it', () => {
  assert.equal(slugOf('What it does, and `why`'), 'what-it-does-and-why');
});
