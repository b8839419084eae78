// Globs, host patterns and linear regexes against slow, obvious references.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Glob } from './glob.ts';
import { formatHost, hostCovers, hostMatches, intersectHosts, parseHostPattern } from './host-pattern.ts';
import { compileRegex, LinearRegex } from './linear-regex.ts';

const SEED = { seed: 20_261, numRuns: 3000 };

function regex(source: string): LinearRegex {
  const compiled = compileRegex(source);
  assert(compiled instanceof LinearRegex, `${source}: ${JSON.stringify(compiled)}`);
  return compiled;
}

function problemOf(source: string): string {
  const compiled = compileRegex(source);
  assert(!(compiled instanceof LinearRegex), `${source} should be refused`);
  return compiled.problem.kind;
}

/** The definition, read aloud: try every length for every star. */
function globByDefinition(pattern: string, path: string): boolean {
  if (pattern === '') return path === '';
  const star = /^\*+/.exec(pattern)?.[0];
  if (star === undefined)
    return path !== '' && pattern[0] === path[0] && globByDefinition(pattern.slice(1), path.slice(1));
  for (let taken = 0; taken <= path.length; taken++) {
    if (star.length === 1 && path.slice(0, taken).includes('/')) return false;
    if (globByDefinition(pattern.slice(star.length), path.slice(taken))) return true;
  }
  return false;
}

test('a glob matches what its definition matches', () => {
  const pattern = fc.array(fc.constantFrom('*', '**', '/', 'a', 'b'), { maxLength: 7 }).map((parts) => parts.join(''));
  const path = fc.array(fc.constantFrom('/', 'a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, path, (glob, text) => new Glob(glob).matches(text) === globByDefinition(glob, text)),
    SEED,
  );
});

test('the sample of a glob matches it', () => {
  for (const pattern of ['/a/*/b', '/**', '/a*b/**/c', '/plain', '**']) {
    const glob = new Glob(pattern);
    assert.equal(glob.matches(glob.sample), true, pattern);
  }
});

test('a regex matches what JavaScript matches', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '[ab]',
    '[^a]',
    '\\w',
    '\\d',
    '\\.',
    '\\b',
    '\\B',
    '^',
    '$',
    '[a-c/-]',
  );
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
      fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?'))
        .map(([a, quantifier]) => `(${a})${quantifier}`),
    ),
  })).node;
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '/', '.', '1', '\n', 'é', 'ł'), { maxLength: 8 });
  fc.assert(
    fc.property(tree, fc.array(text, { minLength: 1, maxLength: 5 }), (source, texts) => {
      const own = regex(source);
      const reference = new RegExp(`^(?:${source})$`);
      for (const parts of texts) assert.equal(own.matches(parts.join('')), reference.test(parts.join('')), source);
      if (own.sample !== undefined) assert.equal(reference.test(own.sample), true, source);
      assert.equal(
        texts.every((parts) => !own.matches(parts.join('')) || parts.join('').startsWith(own.literalPrefix)),
        true,
      );
    }),
    SEED,
  );
});

test('patterns that make backtracking engines explode are answered at once', () => {
  const text = 'a'.repeat(8000);
  for (const source of ['(a+)+b', '(a|a)*b', '.*.*.*.*=.*', '(.*a){20}b', '([a-z]*)*[0-9]']) {
    const started = performance.now();
    assert.equal(regex(source).matches(text), false, source);
    assert(performance.now() - started < 1000, source);
  }
});

test('what cannot be matched in linear time, or means two things, is refused', () => {
  for (const source of ['(a)\\1', '(?=a)', '(?!a)', '(?<=a)b', '\\k<x>', 'a{1,2000}', '((a{1000}){1000}){1000}']) {
    assert.equal(problemOf(source), 'unsafe', source);
  }
  for (const source of [
    '(',
    ')',
    '[a',
    '*a',
    'a**',
    '\\',
    '\\p{L}',
    '/{id}',
    '[]',
    '[z-a]',
    '^*',
    '(?m)a',
    '[[:alpha:]]',
  ]) {
    assert.equal(problemOf(source), 'invalid', source);
  }
});

test('case is ignored behind (?i), in sets too', () => {
  assert.equal(regex('(?i)/Gpt-[a-f]+').matches('/gPT-DeF'), true);
  assert.equal(regex('(?i)[^a]').matches('A'), false);
  assert.equal(regex('/Gpt').matches('/gpt'), false);
});

test('literal parts are known', () => {
  assert.equal(regex('^/api/v\\d+/users').literalPrefix, '/api/v');
  assert.equal(regex('/api/(a|b)?').literalPrefix, '/api/');
  assert.equal(regex('/a|/b').literalPrefix, '');
  assert.equal(regex('/ab*').literalPrefix, '/a');
  assert.equal(regex('/api/v\\d+/users').literalLength, '/api/v/users'.length);
});

test('a state cache that overflows goes on with the right answer', () => {
  const own = regex('(?:a|b)*a(?:a|b){12}');
  const reference = /^(?:a|b)*a(?:a|b){12}$/;
  let random = 7;
  let text = '';
  for (let index = 0; index < 30_000; index++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    text += (random >>> 16) & 1 ? 'a' : 'b';
    if (index % 5000 === 4999) assert.equal(own.matches(text), reference.test(text));
  }
});

test('host patterns: wildcards stand for one or more labels', () => {
  const wildcard = parseHostPattern('*.Example.com');
  assert(wildcard !== undefined);
  assert.deepEqual(
    ['a.example.com', 'a.b.example.com', 'example.com', '.example.com', 'aexample.com'].map((host) =>
      hostMatches(wildcard, host),
    ),
    [true, true, false, false, false],
  );
  assert.equal(formatHost(wildcard), '*.example.com');
  for (const bad of ['', 'a.*.b', '*a.com', '*.', 'a b', 'http://a'])
    assert.equal(parseHostPattern(bad), undefined, bad);
});

test('host patterns: covering and overlap agree with matching', () => {
  const label = fc.constantFrom('a', 'b');
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  const pattern = fc
    .oneof(
      name,
      name.map((text) => `*.${text}`),
      fc.constant('*'),
    )
    .map((text) => parseHostPattern(text) as NonNullable<ReturnType<typeof parseHostPattern>>);
  fc.assert(
    fc.property(pattern, pattern, fc.array(name, { maxLength: 6 }), (one, other, hosts) => {
      const both = intersectHosts(one, other);
      for (const host of hosts) {
        if (hostCovers(one, other) && hostMatches(other, host)) assert.equal(hostMatches(one, host), true);
        const isInBoth = hostMatches(one, host) && hostMatches(other, host);
        assert.equal(both !== undefined && hostMatches(both, host), isInBoth);
      }
    }),
    SEED,
  );
});
