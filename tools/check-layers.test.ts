// The layer checker over small trees in a temporary folder: every rule finds its breach, and a clean tree has none.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkLayers, type LayerRules } from './check-layers.ts';
import { readImports } from './source-imports.ts';

const RULES: LayerRules = {
  layers: { base: [], model: ['base'], filters: ['base', 'model'], runtime: ['base', 'model', 'filters'] },
  hot: ['filters', 'runtime'],
  compilers: [/^runtime\/compile/],
  extensions: [{ folder: 'filters', shared: ['registry'] }],
  packages: { model: ['yaml'] },
  testPackages: ['fast-check'],
  pure: ['base', 'model'],
  longFiles: ['model/table.ts'],
};

const OPENING = '// What it is for.\n';

/** Problems of a tree given as path below src/ → text after the opening comment. */
function check(tree: Readonly<Record<string, string>>, opening = OPENING): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(join(root, 'src', dirname(path)), { recursive: true });
      writeFileSync(join(root, 'src', path), opening + text);
    }
    return checkLayers(root, RULES);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('a tree that keeps every rule has no problems', () => {
  const problems = check({
    'base/clock.ts': "import { isIP } from 'node:net';\nexport const now = isIP;\n",
    'model/route.ts':
      "import { parse } from 'yaml';\nimport { now } from '../base/clock.ts';\nexport { now, parse };\n",
    'model/table.ts': '\n'.repeat(500),
    'filters/cors.ts': "import type { now } from '../model/route.ts';\nexport type Cors = typeof now;\n",
    'filters/cors/parts.ts': 'export {};\n',
    'filters/cors.test.ts':
      "import fc from 'fast-check';\nimport type { Cors } from './cors.ts';\nfc.sample as Cors;\n",
    'filters/registry.ts': "import './cors.ts';\n",
    'runtime/compile.ts': "import { now } from '../model/route.ts';\nnow;\n",
    'extend.ts': "export * from './filters/registry.ts';\n",
  });
  assert.deepEqual(problems, []);
});

test('each breach is reported with its file and line', () => {
  const cases: readonly (readonly [path: string, text: string, expected: string])[] = [
    ['base/a.ts', "import '../model/b.ts';\n", 'src/base/a.ts:2: base may not import model (model/b.ts)'],
    [
      'base/a.ts',
      "import type { B } from '../model/b.ts';\n",
      'src/base/a.ts:2: base may not import model (model/b.ts)',
    ],
    [
      'base/a.ts',
      "export {\n  b,\n} from '../model/b.ts';\n",
      'src/base/a.ts:2: base may not import model (model/b.ts)',
    ],
    [
      'base/a.ts',
      "const b = await import('../model/b.ts');\n",
      'src/base/a.ts:2: base may not import model (model/b.ts)',
    ],
    [
      'base/a.ts',
      "new Worker(new URL('../model/b.ts', import.meta.url));\n",
      'src/base/a.ts:2: base may not import model (model/b.ts)',
    ],
    ['base/a.ts', "import '../../tools/x.ts';\n", 'src/base/a.ts:2: leaves src/ for ../tools/x.ts'],
    ['base/a.ts', "import { parse } from 'yaml';\n", 'src/base/a.ts:2: base may not import the package yaml'],
    ['base/a.ts', "import fc from 'fast-check';\n", 'src/base/a.ts:2: base may not import the package fast-check'],
    ['base/a.ts', "import { connect } from 'node:net';\n", 'src/base/a.ts:2: base is pure and may not import node:net'],
    [
      'filters/a.ts',
      "import '../model/b.ts';\n",
      'src/filters/a.ts:2: hot code may only `import type` from model (model/b.ts)',
    ],
    [
      'filters/a.ts',
      "import { type B } from '../model/b.ts';\n",
      'src/filters/a.ts:2: hot code may only `import type` from model (model/b.ts)',
    ],
    ['filters/a.ts', "import './b/parts.ts';\n", 'src/filters/a.ts:2: a imports its sibling b (filters)'],
    ['other/a.ts', '', 'src/other/a.ts: layers.js has no line for this folder'],
    ['base/a.ts', '\n'.repeat(400), 'src/base/a.ts: 401 lines, at most 400: split it'],
    ['base/utils.ts', '', 'src/base/utils.ts: "utils" says nothing; name the thing'],
    ['base/common/a.ts', '', 'src/base/common/a.ts: "common" says nothing; name the thing'],
    ['base/camelCase.ts', '', 'src/base/camelCase.ts: "camelCase" is not kebab-case'],
  ];
  for (const [path, text, expected] of cases) assert.deepEqual(check({ [path]: text }), [expected], text);
});

test('a file without an opening comment is reported', () => {
  assert.deepEqual(check({ 'base/a.ts': 'export {};\n' }, ''), [
    'src/base/a.ts:1: the file must open with a comment that says what it is for',
  ]);
});

test('tests may read the model and set extensions side by side, but keep to the layers', () => {
  const tree = { 'filters/a.test.ts': "import './b.ts';\nimport '../model/c.ts';\nimport '../runtime/d.ts';\n" };
  assert.deepEqual(check(tree), ['src/filters/a.test.ts:4: filters may not import runtime (runtime/d.ts)']);
});

test('a ring of imports is reported once, types included', () => {
  const problems = check({
    'base/a.ts': "import { b } from './b.ts';\nb;\n",
    'base/b.ts': "import type { C } from './c.ts';\nexport type B = C;\n",
    'base/c.ts': "import { a } from './a.ts';\na;\n",
    'base/d.ts': "import './a.ts';\n",
  });
  assert.deepEqual(problems, ['src/base/a.ts: imports go round: base/a.ts → base/b.ts → base/c.ts → base/a.ts']);
});

test('text that only looks like an import is not one', () => {
  const text = [
    "// import { a } from './a.ts';",
    " * see import('./b.ts')",
    'const c = "import d from \'./d.ts\'";',
    "export const from = 'e';",
    "export type F = 'f' | 'g';",
    "export interface H { readonly from: 'h' }",
  ].join('\n');
  assert.deepEqual(readImports(text), []);
});

test('what stands in the braces is read by its name there', () => {
  const [found] = readImports("import one, {\n  two,\n  three as four,\n} from './x.ts';\n");
  assert.equal(found.specifier, './x.ts');
  assert.deepEqual(found.names, ['two', 'three']);
});
