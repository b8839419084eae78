// What is said of a configuration without a route: an empty one is a mistake, one of settings waits for others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../model/catalog.ts';
import { s } from '../schema/builder.ts';
import { loadModel } from './load-model.ts';

const balancer = { name: 'weighted_round_robin', summary: '', schema: s.object({}), examples: [] };
const CATALOG: Catalog = {
  filters: new Map(),
  providers: new Map(),
  balancers: new Map([[balancer.name, balancer]]),
};

function saidOf(...texts: readonly string[]): readonly string[] {
  const documents = texts.map((text, index) => ({ source: `${index}.yaml`, text }));
  const options = { catalog: CATALOG, environment: {}, readFile: () => undefined };
  const { findings } = loadModel(documents, [], options);
  return findings.filter(({ code }) => code === 'config.no-routes').map(({ severity }) => severity);
}

test('a note for settings alone, a warning where something should be served or nothing is written', () => {
  assert.deepEqual(saidOf('connection_pooling: {max_connections: 9}'), ['note']);
  assert.deepEqual(saidOf('log: {enabled: false}', 'retry_config: {}'), ['note']);
  assert.deepEqual(saidOf('# nothing'), ['warning']);
  assert.deepEqual(saidOf('backends: {a: {endpoints: [one]}}'), ['warning']);
  assert.deepEqual(saidOf('log: {enabled: false}', 'listeners: [{port: 9090}]'), ['warning']);
  assert.deepEqual(saidOf('routing_config: {upstream_targets: [one]}'), []);
});
