// The hash agrees with the published algorithm, so that other programs can foretell where a key goes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { murmur3, rehash } from './murmur3.ts';

test('known answers of the reference implementation', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0, 0xba6bd213],
    ['hello', 0, 0x248bfa47],
    ['hello, world', 0, 0x149bbb7f],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
    ['a', 0x9747b28c, 0x7fa09ea6],
    ['aa', 0x9747b28c, 0x5d211726],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['\0\0\0', 0, 0x85f0b427],
    ['\xff\xff\xff\xff', 0, 0x76293b50],
  ];
  for (const [text, seed, expected] of cases) assert.equal(murmur3(text, seed), expected, JSON.stringify(text));
});

test('keys spread evenly, and another turn is another place', () => {
  const counts = new Array<number>(100).fill(0);
  let repeated = 0;
  for (let key = 0; key < 100_000; key++) {
    const hash = murmur3(`session-${key}`);
    counts[hash % 100]++;
    if (rehash(hash, 1) % 100 === hash % 100) repeated++;
  }
  assert.ok(counts.every((count) => count > 850 && count < 1150));
  assert.ok(repeated > 850 && repeated < 1150);
});
