// The server around the operations: models, mistakes, keys, echo, control paths, start.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSimulator } from './simulator.ts';
import { open, send } from './testing/send.ts';

const CHAT = '/v1/chat/completions';
const MESSAGES = [{ role: 'user', content: 'Hello there' }];

test('models: plain names and one for every fault; any name is served, a mistyped fault is not', async () => {
  const simulator = await open();
  const ids = (await send(simulator, '/v1/models')).json.data.map(({ id }) => id);
  assert.ok(ids.includes('simulator') && ids.includes('sim-cut-3'));
  assert.equal((await send(simulator, '/v1/models/openai%2Fgpt-4o')).json.id, 'openai/gpt-4o');
  assert.equal((await send(simulator, '/v1/models/sim-cutt-3')).json.error.code, 'model_not_found');
});

test('mistakes get the error JSON of OpenAI', async () => {
  const simulator = await open();
  const cases: readonly (readonly [path: string, init: RequestInit, status: number, message: RegExp])[] = [
    [CHAT, { method: 'POST', body: '{"model":' }, 400, /could not parse the JSON body/],
    [CHAT, { method: 'POST', body: '[]' }, 400, /could not parse the JSON body/],
    [CHAT, { method: 'POST', body: '{"messages":[]}' }, 400, /provide a model/],
    [CHAT, { method: 'POST', body: '{"model":"m"}' }, 400, /'messages'/],
    [CHAT, { method: 'POST', body: '{"model":"m","messages":"x"}' }, 400, /expected an array/],
    [CHAT, { method: 'POST', body: '{"model":"m","messages":[]}' }, 400, /empty array/],
    [CHAT, { method: 'POST', body: '{"model":"m","messages":[{}],"n":0}' }, 400, /'n'/],
    [CHAT, { method: 'POST', body: '{"model":"sim-cutt"}' }, 404, /Did you mean "cut-3"/],
    [CHAT, { method: 'POST', body: '{}', headers: { 'x-simulate': 'cutt' } }, 400, /knows no fault "cutt"/],
    [CHAT, {}, 405, /Not allowed to GET/],
    ['/v1/images', { method: 'POST' }, 404, /Invalid URL \(POST \/v1\/images\)/],
    ['/v1/models', { method: 'POST' }, 405, /Not allowed to POST/],
  ];
  for (const [path, init, status, message] of cases) {
    const got = await send(simulator, path, init);
    assert.equal(got.status, status, `${path} ${String(init.body)}`);
    assert.match(got.json.error.message, message);
    assert.deepEqual(Object.keys(got.json.error), ['message', 'type', 'param', 'code']);
  }
});

test('a required key guards the AI operations and nothing else', async () => {
  const simulator = await open({ requireKey: 'k3y' });
  const json = { model: 'm', messages: MESSAGES };
  assert.equal((await send(simulator, CHAT, { json })).json.error.code, 'invalid_api_key');
  const headers = { authorization: 'Bearer k3y' };
  assert.equal((await send(simulator, CHAT, { json, headers })).status, 200);
  assert.equal((await send(simulator, '/healthz')).status, 200);
});

test('echo: says what came, credentials masked unless revealed', async () => {
  const init = { method: 'PUT', body: 'grüße', headers: { authorization: 'Bearer s3cret', 'X-Mine': 'yes' } };
  const masking = await open({ name: 'east' });
  const { json, headers } = await send(masking, '/a/b?token=s3cret', init);
  assert.deepEqual([json.simulator, json.method, json.url, json.bytes], ['east', 'PUT', '/a/b?token=***', 7]);
  assert.deepEqual([json.headers['x-mine'], json.headers.authorization], ['yes', 'Bearer ***']);
  assert.equal(headers.get('x-simulator'), 'east');
  assert.doesNotMatch(JSON.stringify(masking.received()), /s3cret/);
  const revealing = await open({ revealCredentials: true });
  assert.equal((await send(revealing, '/', init)).json.headers.authorization, 'Bearer s3cret');
});

test('control: received requests and faults can be seen, set and cleared', async () => {
  const simulator = await open({ faults: [{ fault: 'status-500', times: 1 }] });
  const json = { model: 'm', messages: MESSAGES, stream: false };
  assert.deepEqual(
    [(await send(simulator, CHAT, { json })).status, (await send(simulator, CHAT, { json })).status],
    [500, 200],
  );
  const { requests } = (await send(simulator, '/__simulator/received')).json;
  assert.deepEqual(
    requests.map(({ number, status, faults }) => [number, status, faults]),
    [
      [1, 500, 'status=500'],
      [2, 200, ''],
    ],
  );
  assert.deepEqual([requests[1].body?.model, requests[1].body?.stream, requests[1].outcome], ['m', false, 'answered']);
  await send(simulator, '/__simulator/received', { method: 'DELETE' });
  assert.deepEqual(simulator.received(), []);
  const rules = { faults: [{ fault: 'status-503', model: 'm' }] };
  assert.equal((await send(simulator, '/__simulator/faults', { json: rules })).status, 200);
  assert.deepEqual((await send(simulator, '/__simulator/faults')).json.faults, rules.faults);
  assert.equal((await send(simulator, CHAT, { json })).status, 503);
  const refused = await send(simulator, '/__simulator/faults', { json: [{ fault: 'nothing' }] });
  assert.match(refused.json.error.message, /knows no fault/);
  await send(simulator, '/__simulator/faults', { method: 'DELETE' });
  assert.equal((await send(simulator, CHAT, { json })).status, 200);
  assert.equal((await send(simulator, '/__simulator/nothing')).status, 404);
});

test('the list of received requests keeps the last 1,000', async () => {
  const simulator = await open();
  for (let round = 0; round < 11; round++) {
    await Promise.all(Array.from({ length: 100 }, () => send(simulator, '/x')));
  }
  const numbers = simulator.received().map(({ number }) => number);
  assert.deepEqual([numbers.length, numbers[0], numbers.at(-1)], [1000, 101, 1100]);
});

test('an invalid rule and a taken port are refused at the start', async () => {
  await assert.rejects(startSimulator({ port: 0, faults: [{ fault: 'nothing' }] }), RangeError);
  const { port } = await open();
  await assert.rejects(startSimulator({ port }), { code: 'EADDRINUSE' });
});
