// What every provider must keep to; run by the test of each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from './operation.ts';
import type { ProviderDefinition } from './provider.ts';

const ALL: readonly Operation[] = [
  'chat',
  'completions',
  'embeddings',
  'responses',
  'models',
  'images',
  'speech',
  'transcription',
  'rerank',
  'count-tokens',
];

/** Registers the tests of the contract for one provider. */
export function testProvider<C>(definition: ProviderDefinition<C>): void {
  const { name } = definition;

  test(`${name}: is named and described`, () => {
    assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    assert.match(definition.summary, /^[A-Z].*\.$/);
    for (const variable of [...definition.keyVariables, ...definition.baseUrlVariables])
      assert.match(variable, /^[A-Z][A-Z0-9_]*$/);
    assert.ok(definition.speaks.length > 0);
  });

  test(`${name}: has a default address that can be called, or none`, () => {
    if (definition.defaultBaseUrl === undefined) return;
    const url = new URL(definition.defaultBaseUrl);
    assert.equal(url.protocol, 'https:');
    assert.ok(!definition.defaultBaseUrl.endsWith('/'));
    assert.equal(url.search + url.hash, '');
  });

  test(`${name}: its examples are what its schema gives`, () => {
    assert.ok(definition.examples.length > 0);
    for (const { title, config } of definition.examples) {
      assert.deepEqual(definition.schema.parse(config), { ok: true, value: config }, title);
    }
  });

  test(`${name}: an unknown option is a problem`, () => {
    assert.equal(definition.schema.parse({ no_such_option: 1 }).ok, false);
  });

  for (const { title, config } of definition.examples) {
    const adapter = definition.compile(config);

    test(`${name} (${title}): has a path for exactly the operations it offers`, () => {
      for (const operation of ALL) {
        const path = adapter.path(operation, 'some-model');
        assert.equal(path !== undefined, adapter.operations.includes(operation), operation);
        if (path !== undefined) assert.match(path, /^(\/[\w.:~-]+)+$/);
      }
    });

    if (adapter.tokenNeed !== undefined) {
      test(`${name} (${title}): its secret is what tokens are made of, and is never sent`, () => {
        assert.ok(!adapter.credentialLines('sk-secret').includes('sk-secret'));
      });
      continue;
    }

    test(`${name} (${title}): its credential is complete header lines and holds the secret`, () => {
      const lines = adapter.credentialLines('sk-secret');
      assert.match(lines, /^([a-z][a-z0-9-]*: [\x21-\x7e][\x20-\x7e]*\r\n)+$/);
      assert.ok(lines.includes('sk-secret'));
    });

    test(`${name} (${title}): a secret cannot smuggle in a header, and is not told`, () => {
      for (const secret of ['sk\r\nx-evil: 1', 'sk\nx', 'sk\u0000'])
        assert.throws(
          () => adapter.credentialLines(secret),
          (error: Error) => !error.message.includes('sk'),
        );
    });
  }
}
