// Ids and the lines that tell of them are of one draw, and every draw is new.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdLines, REQUEST_ID_LINE_LENGTH } from './id-lines.ts';
import { NEW_TRACE_FLAGS, parseTraceParent } from './trace-parent.ts';

test('lines and ids belong together, over the end of a batch too', () => {
  const ids = new IdLines();
  const seen = new Set<string>();
  for (let request = 0; request < 200; request++) {
    ids.next();
    const [traceId, spanId, lines] = [ids.traceId(), ids.spanId(), ids.lines()];
    const [requestId, traceparent, ...rest] = lines.split('\r\n');
    assert.equal(requestId, `x-request-id: ${traceId}`);
    assert.deepEqual(rest, ['']);
    assert.equal(lines.slice(0, REQUEST_ID_LINE_LENGTH), `${requestId}\r\n`);
    assert.deepEqual(parseTraceParent(traceparent.slice('traceparent: '.length)), {
      traceId,
      parentId: spanId,
      flags: NEW_TRACE_FLAGS,
    });
    seen.add(traceId).add(spanId);
  }
  assert.equal(seen.size, 400);
});

test('ids are the random bytes in hexadecimal, and what was given stays when a new batch is drawn', () => {
  let fills = 0;
  const ids = new IdLines((bytes) => {
    fills++;
    for (let index = 0; index < bytes.length; index++) bytes[index] = (index + fills) & 255;
  });
  ids.next();
  const first = [ids.traceId(), ids.spanId(), ids.lines()];
  assert.deepEqual(first.slice(0, 2), ['0102030405060708090a0b0c0d0e0f10', '1112131415161718']);
  const copy = first.map((text) => Buffer.from(text).toString());
  while (fills < 2) ids.next();
  assert.deepEqual(first, copy);
  assert.equal(ids.traceId(), '02030405060708090a0b0c0d0e0f1011');
});

test('an id of zeroes is drawn again', () => {
  let fills = 0;
  const ids = new IdLines((bytes) => {
    fills++;
    bytes.fill(fills === 1 ? 0 : fills & 255);
  });
  for (let request = 0; request < 64; request++) {
    ids.next();
    assert.doesNotMatch(ids.traceId(), /^0+$/);
    assert.doesNotMatch(ids.spanId(), /^0+$/);
  }
});
