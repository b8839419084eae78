// `require_parameters` goes by the tables of translation: what passes as bytes says all, what is dropped or refused is not told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../../llm/formats/openai.ts';
import { providerRegistry } from '../../llm/providers/registry.ts';
import type { CompiledProvider } from '../compiled-backend.ts';
import type { Candidate } from './candidate.ts';
import { takesParameters } from './parameter-check.ts';

const CANDIDATE: Candidate = {
  offer: { backend: 'b', provider: 'p', weight: 1, tier: 0, override: undefined, models: undefined, isOfRoute: true },
  model: 'm',
  tier: 0,
  weight: 1,
  why: '',
  isNamed: true,
};

function takes(provider: string, names: readonly string[], operation: 'chat' | 'images' = 'chat'): boolean {
  const adapter = providerRegistry.get(provider)?.compile({} as never);
  assert.ok(adapter !== undefined);
  const request = { model: 'm', operation, isStream: false, format: openai, names };
  return takesParameters({ adapter } as CompiledProvider, CANDIDATE, request);
}

test('bytes that pass through say everything', () => {
  assert.equal(takes('openai', ['messages', 'logit_bias', 'whatever_comes']), true);
});

test('a translated request is asked field by field', () => {
  assert.equal(takes('anthropic', ['messages', 'temperature', 'tools', 'own_member']), true);
  assert.equal(takes('anthropic', ['messages', 'logit_bias']), false);
});

test('an operation that is not offered takes nothing', () => {
  assert.equal(takes('anthropic', ['prompt'], 'images'), false);
});
