// Hosts of a name as endpoints: whatever the order of records and the doubles among them, each address once and by a stable id.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from '../../model/backend.ts';
import type { GatewayModel } from '../../model/gateway-model.ts';
import { expandModel, questionsOf, withHosts } from './expand-model.ts';

const DNS = { kind: 'address', name: 'svc.test', port: 8080, isTls: false, family: 'auto' } as const;

function named(parts: Partial<Backend> = {}): Backend {
  return { id: 'b', name: 'b', endpoints: [], dns: DNS, ...parts } as unknown as Backend;
}

test('addresses are endpoints with the name they were found by', () => {
  const { endpoints } = withHosts(named(), [
    { addresses: ['10.0.0.1', 'fd00::1'] },
    { addresses: ['fd00::2'] },
    { addresses: ['10.0.0.1'] },
  ]);
  assert.deepEqual(endpoints, [
    {
      id: 'b/http://10.0.0.1:8080',
      url: 'http://10.0.0.1:8080',
      weight: 1,
      hostName: 'svc.test',
      alternates: ['fd00::1'],
    },
    { id: 'b/http://[fd00::2]:8080', url: 'http://[fd00::2]:8080', weight: 1, hostName: 'svc.test' },
  ]);
});

test('services bring port, priority, weight and the name of their own', () => {
  const service = { target: 'one.test', port: 9000, priority: 10, weight: 3 };
  const backend = named({ dns: { ...DNS, kind: 'srv', isTls: true } });
  const { endpoints } = withHosts(backend, [{ addresses: ['10.0.0.1'], service }]);
  const url = 'https://10.0.0.1:9000';
  assert.deepEqual(endpoints, [{ id: `b/${url}`, url, weight: 3, priority: 10, hostName: 'one.test' }]);
});

test('backends with written endpoints stay the same objects, and only names are asked for', () => {
  const written = named({ dns: undefined as never, name: 'w' });
  const { dns: _dns, ...plain } = written;
  const model = { backends: [plain, named()] } as unknown as GatewayModel;
  const expanded = expandModel(model, () => [{ addresses: ['10.0.0.1'] }]);
  assert.equal(expanded.backends[0], plain);
  assert.equal(expanded.backends[1].endpoints.length, 1);
  assert.deepEqual(questionsOf(model), [{ kind: 'address', name: 'svc.test', family: 'auto' }]);
  const none = { backends: [plain] } as unknown as GatewayModel;
  assert.equal(
    expandModel(none, () => []),
    none,
  );
});
