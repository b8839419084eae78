// Replacing a path or its prefix, by Gateway API's table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changePath } from './path-rewrite.ts';

// The table of Gateway API's ReplacePrefixMatch.
const PREFIX_CASES: readonly (readonly [path: string, from: string, to: string, expected: string])[] = [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '/', '/bar'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/bar', '/', '/xyz', '/xyz/bar'],
  ['/foobar', '/foo', '/xyz', '/foobar'],
];

for (const [path, prefixFrom, prefix, expected] of PREFIX_CASES) {
  test(`${path}: ${prefixFrom} becomes ${prefix || 'nothing'}`, () =>
    assert.equal(changePath(path, { prefix, prefixFrom }), expected));
}

test('a full path replaces everything', () => assert.equal(changePath('/a/b', { path: '/c' }), '/c'));
