// The definitions of this build behind the native dialect: what is wrong in a balancer's settings is found at its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateDocuments } from '../dialects/translate-documents.ts';
import { createCatalog } from './catalog.ts';

function findings(backend: string): readonly string[] {
  const text = `backends:\n  b: ${backend}\nroutes: [{backend: b}]\n`;
  const options = { environment: {}, readFile: () => undefined, catalog: createCatalog() };
  return translateDocuments([{ source: 'a.yaml', text }], options).findings.map(
    ({ code, message, mend, origin }) =>
      `${origin.line}:${origin.column} ${code} ${message}${mend ? ` (${mend})` : ''}`,
  );
}

test('settings of balancers are checked by their own schemas', () => {
  const hash = (settings: string) => findings(`{endpoints: [x, y], balancer: {name: maglev, ${settings}}}`);
  assert.deepEqual(hash('hash_on: path'), []);
  assert.deepEqual(
    hash('hash_on: [{header: X-User}, {cookie: sid}, {query: q}, model, client_ip], bounded_load: false'),
    [],
  );
  assert.deepEqual(hash('hash_onn: path'), [
    '2:51 config.unknown-key unknown key "hash_onn" (did you mean "hash_on"?)',
  ]);
  assert.equal(hash('hash_on: pth').length, 1);
  assert.match(
    hash('hash_on: pth')[0],
    /^2:60 config\.wrong-value .*client_ip, path, model \(did you mean "path"\?\)$/,
  );
  assert.match(hash('bounded_load: 0.5')[0], /^2:65 config\.wrong-value/);
  assert.deepEqual(
    findings(
      '{endpoints: [x, y], balancer: {name: least_conn_rt, response_time_weight: 0, connection_count_weight: 0}}',
    ),
    ['2:36 config.wrong-value expected weights that leave active_connections or a response time a part of the score'],
  );
});

test('every algorithm of the vocabulary is there', () => {
  const names = [
    'weighted_round_robin',
    'round_robin',
    'random',
    'least_conn',
    'least_conn_rt',
    'p2c',
    'ring_hash',
    'maglev',
  ];
  assert.deepEqual([...createCatalog().balancers.keys()], names);
  for (const name of names) assert.deepEqual(findings(`{endpoints: [x, y], algorithm: ${name}}`), []);
});
