// What Google's two APIs have in common.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelPath } from './google-provider.ts';

test('a model is one segment of the path, whatever its name', () => {
  assert.equal(modelPath('gemini-2.5-flash'), '/models/gemini-2.5-flash');
  assert.equal(modelPath('models/gemini-2.5-flash'), '/models/gemini-2.5-flash');
  assert.equal(modelPath('tunedModels/mine'), '/tunedModels/mine');
  assert.equal(modelPath('../v1/a?b#c'), '/models/..%2Fv1%2Fa%3Fb%23c');
});
