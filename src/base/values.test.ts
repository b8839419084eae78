// Value grammar of configurations: what is accepted, what is refused, and that nothing throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseByteSize } from './byte-size.ts';
import { parseComparison } from './comparison.ts';
import { parseDuration } from './duration.ts';
import { nearestName } from './nearest-name.ts';
import { parseOrigin } from './origin-url.ts';

test('durations add their parts and need a unit', () => {
  assert.equal(parseDuration('100ms'), 100);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('30d'), 2_592_000_000);
  assert.equal(parseDuration('0.5s'), 500);
  assert.equal(parseDuration('0'), 0);
  for (const wrong of ['', '5', '5 s', '-1s', '1w', 's', '1s!', `${'9'.repeat(40)}d`])
    assert.equal(parseDuration(wrong), undefined);
});

test('sizes know powers of 1,000 and of 1,024', () => {
  assert.equal(parseByteSize('10MB'), 10_000_000);
  assert.equal(parseByteSize('64KiB'), 65_536);
  assert.equal(parseByteSize('1.5 GB'), 1_500_000_000);
  assert.equal(parseByteSize('512'), 512);
  for (const wrong of ['', 'MB', '10M', '-1KB', '1XB', '1e3']) assert.equal(parseByteSize(wrong), undefined);
});

test('comparisons take their unit from the operand', () => {
  assert.deepEqual(parseComparison('> 10MB'), { operator: '>', value: 10_000_000, unit: 'bytes' });
  assert.deepEqual(parseComparison('>=1s'), { operator: '>=', value: 1000, unit: 'ms' });
  assert.deepEqual(parseComparison('< 0.5%'), { operator: '<', value: 0.005, unit: 'ratio' });
  assert.deepEqual(parseComparison('== 3'), { operator: '=', value: 3, unit: 'number' });
  for (const wrong of ['10MB', '>', '> x', '=> 1']) assert.equal(parseComparison(wrong), undefined);
});

test('the nearest name is close, or there is none', () => {
  assert.equal(nearestName('timout', ['timeout', 'tls']), 'timeout');
  assert.equal(nearestName('Methods', ['methods', 'method']), 'methods');
  assert.equal(nearestName('zzz', ['timeout', 'tls']), undefined);
  assert.equal(nearestName('a', ['b']), undefined);
});

test('an endpoint address gets scheme and port', () => {
  assert.deepEqual(parseOrigin('host'), { origin: 'http://host:80', path: '', isLoopback: false });
  assert.deepEqual(parseOrigin('HTTPS://Api.example.com/v1/'), {
    origin: 'https://api.example.com:443',
    path: '/v1',
    isLoopback: false,
  });
  assert.deepEqual(parseOrigin('[::1]:81'), { origin: 'http://[::1]:81', path: '', isLoopback: true });
  assert.deepEqual(parseOrigin('127.0.0.1:9000'), { origin: 'http://127.0.0.1:9000', path: '', isLoopback: true });
  for (const wrong of ['', 'ftp://x', 'http://u:p@x', 'http://x?y', 'a b', 'x:99999', 'http://', 'x#y', '::1']) {
    assert.equal(parseOrigin(wrong), undefined, wrong);
  }
});

test('no parser throws, and what is accepted is a non-negative number', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const value of [parseDuration(text), parseByteSize(text)]) if (value !== undefined) assert.ok(value >= 0);
      parseComparison(text);
      parseOrigin(text);
    }),
    { seed: 7 },
  );
});
