// W3C Trace Context by its rules, and the ids made here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomIds } from './random-ids.ts';
import { isRequestId } from './request-id.ts';
import { continuedTraceState, parseTraceParent } from './trace-parent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

test('a valid traceparent is taken apart', () => {
  assert.deepEqual(parseTraceParent(VALID), { traceId: TRACE, parentId: SPAN, flags: '01' });
  assert.equal(parseTraceParent(`00-${TRACE}-${SPAN}-00`)?.flags, '00');
});

test('only flags that are known are sent on', () => {
  assert.equal(parseTraceParent(`00-${TRACE}-${SPAN}-ff`)?.flags, '03');
  assert.equal(parseTraceParent(`00-${TRACE}-${SPAN}-fe`)?.flags, '02');
  assert.equal(parseTraceParent(`cc-${TRACE}-${SPAN}-ff`)?.flags, '01');
});

test('of a later version the known beginning is read', () => {
  assert.equal(parseTraceParent(`cc-${TRACE}-${SPAN}-01`)?.traceId, TRACE);
  assert.equal(parseTraceParent(`cc-${TRACE}-${SPAN}-01-what-the-future-holds`)?.traceId, TRACE);
  assert.equal(parseTraceParent(`cc-${TRACE}-${SPAN}-01.what`), undefined);
});

test('everything else begins a new trace', () => {
  for (const wrong of [
    undefined,
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-0g`,
    `0x-${TRACE}-${SPAN}-01`,
    `00_${TRACE}_${SPAN}_01`,
    `${VALID}, ${VALID}`,
    `cc-${TRACE}-${SPAN}-01-x,cc-${TRACE}-${SPAN}-01-x`,
  ]) {
    assert.equal(parseTraceParent(wrong), undefined, String(wrong));
  }
});

test('tracestate is sent on with a valid trace only, and only when it is valid itself', () => {
  const parent = parseTraceParent(VALID);
  for (const right of ['congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE', 'a@b=1,,c=d e', '1a=1'])
    assert.equal(continuedTraceState(parent, right), right);
  assert.equal(continuedTraceState(undefined, 'congo=1'), undefined);
  const many = Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(',');
  for (const wrong of [
    undefined,
    '',
    ' , ',
    'a',
    '=1',
    'A=1',
    'a=b=c',
    'a=1,a=2',
    'a=\n1',
    many,
    `a=${'x'.repeat(300)}`,
  ])
    assert.equal(continuedTraceState(parent, wrong), undefined, String(wrong));
});

test('ids have their length, do not repeat, and are never all zero', () => {
  let next = 0;
  const counting = new RandomIds((bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = i % 64 < 24 ? 0 : (next++ * 37) & 255;
  });
  const seen = new Set<string>();
  for (let i = 0; i < 400; i++) {
    assert.match(counting.spanId(), /^(?!0+$)[0-9a-f]{16}$/);
    assert.match(counting.traceId(), /^(?!0+$)[0-9a-f]{32}$/);
  }
  const real = new RandomIds();
  for (let i = 0; i < 1000; i++) seen.add(real.traceId());
  assert.equal(seen.size, 1000);
});

test('a client may choose a harmless request id', () => {
  for (const right of ['a', '0af7651916cd43dd8448eb211c80319c', 'svc/1:2@x.y~z+a=-_', 'x'.repeat(128)])
    assert.ok(isRequestId(right), right);
  for (const wrong of [undefined, '', 'x'.repeat(129), 'a b', 'a"b', 'a\r\nb: c', 'a,b', 'ä', 'a\n'])
    assert.ok(!isRequestId(wrong), String(wrong));
});
