// Messages come out by name and text, failures of either kind too; broken frames are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeAwsMessage } from '../wire/aws-event-stream.ts';
import { AwsPayloadReader } from './aws-payloads.ts';

test('events, exceptions, errors, and bytes that are none', () => {
  const told: string[][] = [];
  const sink = { onPayload: (name: string, payload: string) => void told.push([name, payload]) };
  const bytes = Buffer.concat([
    encodeAwsMessage({ kind: 'event', name: 'messageStart', text: '{"role":"assistant"}' }),
    encodeAwsMessage({ kind: 'exception', name: 'throttlingException', text: '{"message":"slow down"}' }),
    encodeAwsMessage({ kind: 'error', name: 'InternalError', text: 'broken' }),
  ]);
  const reader = new AwsPayloadReader();
  for (let at = 0; at < bytes.length; at += 7) assert.ok(reader.push(bytes, at, Math.min(bytes.length, at + 7), sink));
  reader.end();
  assert.deepEqual(told, [
    ['messageStart', '{"role":"assistant"}'],
    ['throttlingException', '{"message":"slow down"}'],
    [':error', '{"code":"InternalError","message":"broken"}'],
  ]);
  assert.equal(reader.push(Buffer.from('not frames at all, but long enough'), 0, 34, sink), false);
});
