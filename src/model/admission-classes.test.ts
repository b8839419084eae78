// Admission classes that decide nothing are told of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONCURRENCY } from './defaults.ts';
import type { GatewayModel } from './gateway-model.ts';
import { checkAdmissionClasses } from './proofs/admission-classes.ts';

const origin = { source: 'gateway.yaml', dialect: 'native', pointer: '/routes/0', line: 3 };

function model(targets: readonly string[]): GatewayModel {
  const route = {
    name: 'r',
    origin,
    admissionClass: 'high',
    action: { kind: 'forward', targets: targets.map((backend) => ({ backend })) },
  };
  const backends = [{ id: 'limited', concurrency: DEFAULT_CONCURRENCY }, { id: 'free' }];
  return { routes: [route], backends } as unknown as GatewayModel;
}

test('a class that no backend asks for is a note at its route', () => {
  const [finding] = checkAdmissionClasses(model(['free']));
  assert.equal(finding.severity, 'note');
  assert.equal(finding.origin.line, 3);
  assert.match(finding.message, /"high" of the route "r" decides nothing/);
});

test('one limited backend among the targets is enough', () => {
  assert.deepEqual(checkAdmissionClasses(model(['free', 'limited'])), []);
});
