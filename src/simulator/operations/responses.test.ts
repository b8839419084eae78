// The Responses API over HTTP: events, storage, errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, send } from '../testing/send.ts';

test('responses: events are named and numbered, the response can be read and deleted', async () => {
  const simulator = await open();
  const json = { model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] };
  const streamed = await send(simulator, '/v1/responses', { json: { ...json, stream: true } });
  assert.deepEqual(
    streamed.events.map((event) => event.sequence_number),
    streamed.events.map((_, index) => index),
  );
  const names = [...streamed.text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(
    names,
    streamed.events.map(({ type }) => type),
  );
  assert.deepEqual([names[0], names.at(-1)], ['response.created', 'response.completed']);
  const finished = streamed.events.at(-1)?.response;
  assert.ok(finished !== undefined);
  const text = streamed.events
    .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
    .join('');
  assert.equal(finished.output[0].content[0].text, text);
  assert.deepEqual((await send(simulator, `/v1/responses/${finished.id}`)).json, finished);
  const items = (await send(simulator, `/v1/responses/${finished.id}/input_items`)).json;
  assert.equal(items.data[0].content[0].text, 'Hi');
  const next = { ...json, previous_response_id: finished.id, max_output_tokens: 1 };
  const cut = (await send(simulator, '/v1/responses', { json: next })).json;
  assert.deepEqual([cut.status, cut.incomplete_details.reason], ['incomplete', 'max_output_tokens']);
  assert.equal((await send(simulator, `/v1/responses/${finished.id}`, { method: 'DELETE' })).json.deleted, true);
  assert.equal((await send(simulator, `/v1/responses/${finished.id}`)).status, 404);
  assert.equal((await send(simulator, '/v1/responses', { json: next })).json.error.code, 'previous_response_not_found');
  const broken = await send(simulator, '/v1/responses', {
    json: { ...json, model: 'sim-error-in-stream-1', stream: true },
  });
  assert.deepEqual(
    [broken.events.at(-1)?.type, broken.events.at(-1)?.sequence_number],
    ['error', broken.events.length - 1],
  );
});
