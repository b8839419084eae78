// The gateway's own listing as Google's clients read it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geminiModelEntry, geminiModelsListing } from './models-listing.ts';

test('lists each name once, in the order given', () => {
  const { models } = JSON.parse(geminiModelsListing(['fast', 'openai/gpt-4o', 'fast'])) as {
    readonly models: readonly { readonly name: string; readonly displayName: string }[];
  };
  assert.deepEqual(
    models.map(({ name, displayName }) => [name, displayName]),
    [
      ['models/fast', 'fast'],
      ['models/openai/gpt-4o', 'openai/gpt-4o'],
    ],
  );
});

test('one of them is told alone', () => {
  assert.equal((JSON.parse(geminiModelEntry('fast')) as { name: string }).name, 'models/fast');
});
