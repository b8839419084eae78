// Path normalisation against RFC 3986, the WHATWG parser and itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalisePath, type PathRules } from './path-normal.ts';

const KEEP: PathRules = { encodedSlash: 'keep', encodedBackslash: 'keep', encodedNul: 'reject', mergeSlashes: false };

test('dot segments are removed as in RFC 3986 §5.2.4', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['/a/b/c/./../../g', '/a/g'],
    ['/', '/'],
    ['/.', '/'],
    ['/..', '/'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a/./', '/a/'],
    ['/.a/..b/c..', '/.a/..b/c..'],
    ['/a//../b', '/a/b'],
    ['/%2e/a/%2E%2e/b', '/b'],
  ];
  for (const [path, normal] of cases) assert.equal(normalisePath(path, KEEP), normal, path);
});

test('policy for encoded slash, backslash and NUL', () => {
  assert.equal(normalisePath('/a%2fb', { ...KEEP, encodedSlash: 'reject' }), undefined);
  assert.equal(normalisePath('/a%2f..%2fb', { ...KEEP, encodedSlash: 'decode' }), '/b');
  assert.equal(normalisePath('/a%5c..%5cb', { ...KEEP, encodedBackslash: 'decode' }), '/b');
  assert.equal(normalisePath('/a%5Cb', { ...KEEP, encodedBackslash: 'reject' }), undefined);
  assert.equal(normalisePath('/a%00', KEEP), undefined);
  assert.equal(normalisePath('/a%00', { ...KEEP, encodedNul: 'keep' }), '/a%00');
});

test('slashes are merged before dot segments are removed, and only when asked', () => {
  assert.equal(normalisePath('//a///../b', { ...KEEP, mergeSlashes: true }), '/b');
  assert.equal(normalisePath('//a///../b', KEEP), '//a//b');
  assert.equal(normalisePath('/a%2f%2fb', { ...KEEP, encodedSlash: 'decode', mergeSlashes: true }), '/a/b');
});

const segment = fc.string({
  unit: fc.constantFrom(
    'a',
    'B',
    '.',
    '..',
    '%2e',
    '%2F',
    '%5c',
    '%7e',
    '%C3',
    '%25',
    '-',
    '/',
    '//',
    '%',
    '%0',
    '%00',
  ),
  maxLength: 12,
});
const rules: fc.Arbitrary<PathRules> = fc.record({
  encodedSlash: fc.constantFrom('reject', 'keep', 'decode'),
  encodedBackslash: fc.constantFrom('reject', 'keep', 'decode'),
  encodedNul: fc.constantFrom('reject', 'keep'),
  mergeSlashes: fc.boolean(),
});

test('a normalised path is normal: a second pass changes nothing', () => {
  fc.assert(
    fc.property(segment, rules, (text, rule) => {
      const once = normalisePath(`/${text}`, rule);
      if (once === undefined) return;
      assert.equal(normalisePath(once, rule), once);
      assert.ok(once.startsWith('/'));
      assert.doesNotMatch(once, /\/\.\.?(\/|$)/);
      assert.doesNotMatch(once, /%(?![0-9A-F]{2})|%(2E|7E|41)/);
    }),
    { seed: 20, numRuns: 3000 },
  );
});

test('agrees with the WHATWG URL parser on plain paths', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', '.', '..', '/', '%2e', '-'), maxLength: 10 });
  fc.assert(
    fc.property(plain, (text) => {
      const path = `/a${text}`;
      assert.equal(normalisePath(path, KEEP), new URL(path, 'http://h').pathname.replaceAll(/%2e/gi, '.'));
    }),
    { seed: 21, numRuns: 2000 },
  );
});
