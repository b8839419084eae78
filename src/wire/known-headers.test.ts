// The look-up table of known names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KNOWN_HEADER_NAMES, knownHeaderId, knownHeaderIdOfBytes } from './known-headers.ts';

function idOf(name: string): number {
  const bytes = Buffer.from(name, 'latin1');
  return knownHeaderIdOfBytes(bytes, 0, bytes.length);
}

test('every known name is found in bytes, in any case', () => {
  for (const [id, name] of KNOWN_HEADER_NAMES.entries()) {
    if (id === 0) continue;
    assert.equal(knownHeaderId(name), id);
    assert.equal(idOf(name), id);
    assert.equal(idOf(name.toUpperCase()), id);
  }
});

test('a name that differs in one letter from a known one is unknown', () => {
  for (const name of KNOWN_HEADER_NAMES.slice(1)) {
    for (let index = 0; index < name.length; index++) {
      const other = `${name.slice(0, index)}~${name.slice(index + 1)}`;
      assert.equal(idOf(other), 0, other);
    }
  }
  assert.equal(idOf('x'), 0);
  assert.equal(knownHeaderId('x'), 0);
});
