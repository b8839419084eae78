// The native dialect against its golden cases, and what must hold for every text.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { translateDocuments } from '../translate-documents.ts';
import { GOLDEN_CATALOG, runGolden } from './golden-case.ts';
import { nativeJsonSchema } from './json-schema.ts';
import { SECTIONS } from './native.ts';

const folder = new URL('golden/', import.meta.url);
const cases = readdirSync(folder).filter((file) => file.endsWith('.in.yaml'));

function golden(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

for (const file of cases) {
  const name = file.slice(0, -'.in.yaml'.length);
  test(`golden: ${name}`, () => {
    const { model, findings } = runGolden(golden(file));
    assert.equal(findings, golden(`${name}.findings.yaml`));
    assert.equal(model, golden(`${name}.model.yaml`));
    assert.ok(model.split('\n').length <= 61, 'a golden has at most 60 lines');
  });
}

const options = { environment: {}, readFile: () => undefined, catalog: GOLDEN_CATALOG };

test('a target may stand in another file; an undefined listener may not', () => {
  const { findings, fragments } = translateDocuments(
    [
      { source: 'a.yaml', text: 'routes:\n  - {name: a, backend: shared, listener: nowhere}' },
      { source: 'b.yaml', text: 'backends:\n  shared: {endpoints: [one]}' },
    ],
    options,
  );
  assert.deepEqual(
    findings.map(({ code, origin }) => [code, origin.source, origin.line]),
    [['config.undefined-listener', 'a.yaml', 2]],
  );
  assert.equal(fragments.length, 3);
  assert.equal(fragments[2].listeners?.[0].port, 8080);
});

test('no finding shows the value of a variable or a key', () => {
  const text = [
    'backends:',
    '  a: {provider: openai, api_key: "%{SECRET}", base_url: "http://u:%{SECRET}@h"}',
    '  b: {endpoints: ["http://u:%{SECRET}@h"], timeout: "%{SECRET}", balancer: {name: round_robin, x: "%{SECRET}"}}',
    'listeners: [{tls: {certificate: "%{SECRET}-----BEGIN", key: "%{SECRET}-----BEGIN"}, port: "%{SECRET}"}]',
    'routes: [{backend: a, max_body: "%{SECRET}", match: {methods: "%{SECRET}", host: "%{SECRET} x", path: "%{SECRET}"}}]',
  ]
    .join('\n')
    .replaceAll('%{', '${');
  const { findings } = translateDocuments([{ source: 'a', text }], { ...options, environment: { SECRET: 'hunter2' } });
  assert.deepEqual(new Set(findings.map(({ origin }) => origin.line)), new Set([2, 3, 4, 5]));
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/i);
});

test('the dialect may be forced, and an unknown one is named', () => {
  const codes = (dialect: string, source = 'a.yaml') =>
    translateDocuments([{ source, text: 'routes: []' }], { ...options, dialect }).findings.map(({ code, mend }) => [
      code,
      mend,
    ]);
  assert.deepEqual(codes('native', 'rules.js'), []);
  assert.deepEqual(codes('kong'), [['config.dialect-not-available', undefined]]);
  assert.deepEqual(codes('kogn'), [['config.unknown-dialect', 'did you mean "kong"?']]);
});

test('a rules module is known by its name', () => {
  const { findings, recognised } = translateDocuments([{ source: 'rules.js', text: 'module.exports = [' }], options);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['config.dialect-not-available'],
  );
  assert.deepEqual(recognised, [
    { source: 'rules.js', line: 1, dialect: 'rules', because: 'the file name ends in .js' },
  ]);
});

test('the JSON Schema has every section, and the providers of the catalog', () => {
  const schema = nativeJsonSchema(GOLDEN_CATALOG) as {
    readonly properties: Record<string, unknown>;
    readonly $schema: string;
  };
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.deepEqual(Object.keys(schema.properties).toSorted(), SECTIONS.toSorted());
  assert.match(JSON.stringify(schema), /"enum":\["openai","mistral","openai-compatible","azure"\]/);
});

test('never throws, whatever the text', () => {
  const key = fc.constantFrom(
    ...SECTIONS,
    'rules',
    'condition',
    'target',
    'sticky_sessions',
    'upstream_targets',
    'match',
    'backend',
    'backends',
    'path',
    'models',
    'endpoints',
    'provider',
    'rewrite',
    'prefix',
    'tls',
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('/a/*', '~(', 'openai', '> 1MB', 'x:1'),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const route = fc.dictionary(
    fc.oneof(key, fc.constantFrom('redirect', 'respond', 'headers', 'timeout', 'retry')),
    tree,
  );
  const structured = fc.record({
    routes: fc.array(route),
    backends: tree,
    models: tree,
    listeners: tree,
    log: tree,
    retry_config: tree,
    fallback: tree,
    circuit_breaker: tree,
    geo_routing: tree,
    multi_region: tree,
    datacenter_routing: tree,
    health_checks: tree,
    service_discovery: tree,
    routing_config: tree,
    model_routing: fc.record({ rules: fc.array(route) }),
    user_routing: tree,
  });
  const texts = fc.oneof(
    fc.string(),
    tree.map((value) => JSON.stringify(value)),
    structured.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      translateDocuments([{ source: 'x.yaml', text }], options);
    }),
    { seed: 11, numRuns: 1000 },
  );
});
