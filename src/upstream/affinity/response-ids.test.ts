// Where ids of stored answers stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previousResponseId, responseIdOfAnswer, responseIdOfEvent, responseIdOfPath } from './response-ids.ts';

function of(read: typeof previousResponseId, text: string): string | undefined {
  const bytes = Buffer.from(text);
  return read(bytes, { start: 0, end: bytes.length });
}

test('in paths', () => {
  assert.equal(responseIdOfPath('/v1/responses/resp_1'), 'resp_1');
  assert.equal(responseIdOfPath('/ai/responses/resp_1/cancel'), 'resp_1');
  assert.equal(responseIdOfPath('/v1/responses/resp_1/input_items'), 'resp_1');
  assert.equal(responseIdOfPath('/v1/responses'), undefined);
  assert.equal(responseIdOfPath('/v1/responses/'), undefined);
});

test('in requests and answers', () => {
  assert.equal(of(previousResponseId, ' {"input":"x","previous_response_id":"resp_1"}'), 'resp_1');
  assert.equal(of(previousResponseId, '{"input":{"previous_response_id":"resp_1"}}'), undefined);
  assert.equal(of(previousResponseId, '{"previous_response_id":null}'), undefined);
  assert.equal(of(responseIdOfAnswer, '{"output":[{"id":"msg_1"}],"id":"resp_2"}'), 'resp_2');
  assert.equal(of(responseIdOfAnswer, 'not JSON'), undefined);
});

test('in the first event of a stream', () => {
  const event = { type: 'response.created', response: { tools: [{ id: 'no' }], id: 'resp_3' } };
  assert.equal(of(responseIdOfEvent, JSON.stringify(event)), 'resp_3');
  assert.equal(of(responseIdOfEvent, '{"type":"error","id":"x"}'), undefined);
  assert.equal(of(responseIdOfEvent, `{"response":{"id":"${'x'.repeat(600)}"}}`), undefined);
});
