// The tail of a long event is the same however its bytes arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventTail, TAIL_BYTES } from './event-tail.ts';

test('keeps the last bytes, in any pieces', () => {
  const size = fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 3 * TAIL_BYTES }));
  const tail = new EventTail();
  fc.assert(
    fc.property(fc.array(size, { maxLength: 8 }), (sizes) => {
      const total = sizes.reduce((sum, each) => sum + each, 0);
      const whole = Buffer.from(Array.from({ length: total }, (_, i) => i % 251));
      tail.reset();
      let at = 0;
      for (const each of sizes) {
        tail.push(whole, at, at + each);
        at += each;
      }
      assert.deepEqual(tail.bytes.subarray(0, tail.length), whole.subarray(Math.max(0, total - TAIL_BYTES)));
    }),
    { seed: 31, numRuns: 200 },
  );
});
