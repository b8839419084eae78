// Places, variables, files and bounds of the YAML reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Substitution } from './substitution.ts';
import { parseYaml } from './yaml-document.ts';

const substitution: Substitution = {
  environment: { NAME: 'value', EMPTY: '' },
  readFile: (path) => (path === 'key.pem' ? 'KEY\n' : undefined),
};

/** Variables are written `%{NAME}` here, so that no text looks like a template. */
function spell(text: string): string {
  return text.replaceAll('%{', '${');
}

function values(text: string): readonly unknown[] {
  const { documents, problems } = parseYaml(text, substitution);
  assert.deepEqual(problems, []);
  return documents.map((document) => document.value);
}

function problems(text: string): string[] {
  return parseYaml(text, substitution).problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

test('places of keys, values and of what is missing', () => {
  const [document] = parseYaml('a:\n  - name: x\n    port: 80\n', substitution).documents;
  assert.deepEqual(document.locate(['a', 0, 'port'], 'key'), { line: 3, column: 5 });
  assert.deepEqual(document.locate(['a', 0, 'port'], 'value'), { line: 3, column: 11 });
  assert.deepEqual(document.locate(['a', 0, 'missing'], 'key'), { line: 2, column: 5 });
});

test('many documents, JSON, merge keys', () => {
  assert.deepEqual(values('a: 1\n---\n{"b": [true, null]}\n'), [{ a: 1 }, { b: [true, null] }]);
  assert.deepEqual(values('x: &x {b: 1, c: 2}\ny:\n  <<: *x\n  c: 3'), [{ x: { b: 1, c: 2 }, y: { b: 1, c: 3 } }]);
});

test('variables and files', () => {
  assert.deepEqual(
    values(spell("a: 'x-%{NAME}-$%{NAME}'\nb: %{NO:-d} %{EMPTY:-e}\nc: '@file key.pem'\nd: @file key.pem")),
    [{ a: spell('x-value-%{NAME}'), b: 'd e', c: 'KEY', d: 'KEY' }],
  );
  assert.deepEqual(problems(spell('a: 1\nb: %{NO}')), ['2:4 config.unset-variable']);
  assert.deepEqual(problems('a: "@file no"'), ['1:4 config.missing-file']);
  assert.deepEqual(problems(spell('a: %{no-name}')), ['1:4 config.wrong-value']);
});

test('bad syntax has its place; bombs are bounded', () => {
  assert.deepEqual(problems('a: 1\na: 2'), ['2:1 config.duplicate-key']);
  assert.deepEqual(problems('a: "x'), ['1:6 config.syntax']);
  assert.deepEqual(problems('__proto__: 1'), ['1:1 config.bad-key']);
  assert.deepEqual(problems('a: *nothing'), ['1:4 config.syntax']);
  assert.deepEqual(problems('['.repeat(100_000)), ['1:1 config.syntax']);
  assert.deepEqual(problems('a: &a [*a]'), ['1:1 config.syntax']);
  const rows = Array.from(
    { length: 9 },
    (_, row) => `k${row}: &k${row} [${Array(9).fill(row === 0 ? 1 : `*k${row - 1}`)}]`,
  );
  assert.deepEqual(problems(rows.join('\n')), ['1:1 config.syntax']);
});

test('never throws', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    '{',
    '}',
    ']',
    '"',
    '&x ',
    '*x',
    '<<',
    spell('%{A}'),
    '|',
    '? ',
    '#',
    '---\n',
    '!t ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 40 }).map((list) => list.join('')),
      ),
      (text) => {
        parseYaml(text, substitution);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});
