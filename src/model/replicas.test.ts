// Who answers reads for whom, and the warning where nobody can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from './backend.ts';
import type { GatewayModel } from './gateway-model.ts';
import { checkReplicas } from './proofs/replicas.ts';
import { replicasOf } from './replicas.ts';

const ORIGIN = { source: 'a.yaml', dialect: 'native', pointer: '/backends/x', line: 3 };
const backend = (name: string, parts: object): Backend =>
  ({ id: name, name, origin: ORIGIN, ...parts }) as unknown as Backend;
const primary = (name: string) => backend(name, { breaker: { fallback: { kind: 'read-replica' } } });
const replica = (name: string, labels: object) => backend(name, { labels: { role: 'read_replica', ...labels } });

test('a replica serves everybody, or the primary it names', () => {
  const backends = [
    primary('a'),
    primary('b'),
    replica('any', {}),
    replica('of-a', { primary: 'a' }),
    backend('plain', {}),
  ];
  const names = (of: Backend) => replicasOf(of, { backends }).map(({ name }) => name);
  assert.deepEqual(names(backends[0]), ['any', 'of-a']);
  assert.deepEqual(names(backends[1]), ['any']);
  assert.deepEqual(names(backends[4]), [], 'it does not fall back on replicas');
});

test('a replica of another kind is none, and a breaker without any is warned of at its place', () => {
  const ai = backend('ai', { labels: { role: 'read_replica' }, provider: { name: 'openai' } });
  const findings = checkReplicas({ backends: [primary('a'), ai] } as unknown as GatewayModel);
  assert.deepEqual(
    findings.map(({ severity, code, origin }) => [severity, code, origin.line]),
    [['warning', 'config.no-effect', 3]],
  );
  assert.deepEqual(checkReplicas({ backends: [primary('a'), replica('r', {})] } as unknown as GatewayModel), []);
});
