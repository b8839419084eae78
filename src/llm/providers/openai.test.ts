// OpenAI as its official SDK reaches it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testProvider } from '../provider.contract.ts';
import { openai } from './openai.ts';

testProvider(openai);

test('sends organization and project beside the key', () => {
  const plain = openai.compile({});
  assert.equal(plain.credentialLines('sk-1'), 'authorization: Bearer sk-1\r\n');
  const counted = openai.compile({ organization: 'org-1', project: 'proj_1' });
  assert.equal(
    counted.credentialLines('sk-1'),
    'authorization: Bearer sk-1\r\nopenai-organization: org-1\r\nopenai-project: proj_1\r\n',
  );
});

test('refuses ids that are none', () => {
  assert.equal(openai.schema.parse({ organization: 'org 1' }).ok, false);
  assert.equal(openai.schema.parse({ project: 'p\r\nx: 1' }).ok, false);
});

test('offers the operations of the API and no other', () => {
  const adapter = openai.compile({});
  assert.equal(adapter.path('chat', 'gpt-4o'), '/chat/completions');
  assert.equal(adapter.path('responses', 'gpt-4o'), '/responses');
  assert.equal(adapter.path('rerank', 'gpt-4o'), undefined);
  assert.equal(adapter.acceptsStreamOptions, true);
});
