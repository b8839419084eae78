// Only what we signed, for this backend, until it expires.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointTag, StickyTokens } from './sticky-token.ts';

const SECRET = '0123456789abcdef';
const CLAIM = { tag: endpointTag('a/http://one:80'), session: 'abcdefghijkl', expiresAt: 1000 };

test('reads what it issued, in every instance with the secret, until it expires', () => {
  const token = new StickyTokens(SECRET, 'a').issue(CLAIM);
  assert.match(token, /^[\w.-]+$/);
  const tokens = new StickyTokens(SECRET, 'a');
  assert.deepEqual(tokens.read(token, 999), CLAIM);
  assert.deepEqual(tokens.read(token, 999), CLAIM, 'from memory');
  assert.equal(tokens.read(token, 1000), undefined);
  const endless = tokens.issue({ ...CLAIM, expiresAt: 0 });
  assert.equal(tokens.read(endless, 4_000_000_000)?.expiresAt, 0);
});

test('refuses what another secret or backend signed, and every change of one character', () => {
  const token = new StickyTokens(SECRET, 'a').issue(CLAIM);
  assert.equal(new StickyTokens('fedcba9876543210', 'a').read(token, 0), undefined);
  assert.equal(new StickyTokens(SECRET, 'b').read(token, 0), undefined);
  const tokens = new StickyTokens(SECRET, 'a');
  for (let at = 0; at < token.length; at++) {
    const changed = `${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`;
    assert.equal(tokens.read(changed, 0), undefined, String(at));
  }
  for (const odd of ['', '...', token.slice(1), `${token}=`, 'a'.repeat(10_000)])
    assert.equal(tokens.read(odd, 0), undefined);
});

test('remembers a bounded number of tokens', () => {
  const tokens = new StickyTokens(SECRET, 'a');
  const first = tokens.issue(CLAIM);
  tokens.read(first, 0);
  for (let session = 0; session < 5000; session++) tokens.read(tokens.issue({ ...CLAIM, session: `s${session}` }), 0);
  assert.equal((tokens as unknown as { known: Map<string, unknown> }).known.size, 4096);
  assert.deepEqual(tokens.read(first, 0), CLAIM);
});
