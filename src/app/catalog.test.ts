// The definitions of this build behind the native dialect: what is wrong in a balancer's settings is found at its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateDocuments } from '../dialects/translate-documents.ts';
import { createCatalog } from './catalog.ts';

function translate(backend: string, environment: Readonly<Record<string, string>> = {}) {
  const text = `backends:\n  b: ${backend}\nroutes: [{backend: b}]\n`;
  const options = { environment, readFile: () => undefined, catalog: createCatalog() };
  return translateDocuments([{ source: 'a.yaml', text }], options);
}

function findings(backend: string, environment?: Readonly<Record<string, string>>): readonly string[] {
  return translate(backend, environment).findings.map(
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

const AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE000000000',
  AWS_SECRET_ACCESS_KEY: 'secret-of-environment',
  AWS_SESSION_TOKEN: 'token',
};

/** Address, key and options of the one backend. */
function bedrockOf(written: string, environment: Readonly<Record<string, string>>): readonly unknown[] {
  const { fragments, findings: found } = translate(`{provider: bedrock${written}}`, environment);
  assert.deepEqual(found, []);
  const backend = fragments[0].backends?.[0];
  return [backend?.endpoints[0]?.url, backend?.provider?.apiKey, backend?.provider?.config];
}

test('options and key of Bedrock come from the variables of the AWS SDK, in pairs that belong together', () => {
  const url = 'https://bedrock-runtime.eu-west-1.amazonaws.com:443';
  const keys = { region: 'eu-west-1', access_key_id: 'AKIDEXAMPLE000000000', api: 'converse', session_token: 'token' };
  assert.deepEqual(bedrockOf('', AWS), [url, 'secret-of-environment', keys]);
  const both = { ...AWS, AWS_BEARER_TOKEN_BEDROCK: 'bearer' };
  assert.deepEqual(bedrockOf('', both), [url, 'bearer', { region: 'eu-west-1', api: 'converse' }]);
  assert.deepEqual(bedrockOf(', api_key: written', both), [url, 'written', { region: 'eu-west-1', api: 'converse' }]);
  assert.deepEqual(bedrockOf(', options: {access_key_id: AKIDWRITTEN000000000}', both), [
    url,
    'secret-of-environment',
    { ...keys, access_key_id: 'AKIDWRITTEN000000000' },
  ]);
  assert.deepEqual(bedrockOf(', api_key: k, options: {region: us-east-1}', {}), [
    'https://bedrock-runtime.us-east-1.amazonaws.com:443',
    'k',
    { region: 'us-east-1', api: 'converse' },
  ]);
});

test('an address of the environment counts for more than a region of it, and less than a written one', () => {
  const environment = { ...AWS, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'http://127.0.0.1:9' };
  assert.equal(bedrockOf('', environment)[0], 'http://127.0.0.1:9');
  const written = bedrockOf(', options: {region: us-east-1}', environment);
  assert.equal(written[0], 'https://bedrock-runtime.us-east-1.amazonaws.com:443');
});

test('a Bedrock without a region is told what to give, and a wrong region is told once', () => {
  const missing = findings('{provider: bedrock, api_key: k}');
  assert.equal(missing.length, 1);
  assert.match(missing[0], /config\.missing-key .*\(give "options\.region" or set AWS_REGION or AWS_DEFAULT_REGION\)$/);
  assert.equal(findings('{provider: bedrock, api_key: k, options: {region: nowhere}}').length, 1);
  assert.deepEqual(findings('{provider: bedrock, api_key: k, base_url: "http://127.0.0.1:1"}'), []);
});
