// Conversations go back to the endpoint, or the target, that has their prompt; stored answers to the one that made them. In virtual time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Id } from '../base/types.ts';
import type { Backend } from '../model/backend.ts';
import type { GatewayModel } from '../model/gateway-model.ts';
import type { Target } from '../model/route.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { answerOf } from './testing/exchanges.ts';
import { alias, backend, route, target } from './testing/gateway-model.ts';
import { Stage } from './testing/stage.ts';

const NAMES = ['a', 'b', 'c'];

function many(name: string, parts: Partial<Backend> = {}): Backend {
  const endpoints = NAMES.map((each) => ({
    id: `${name}/${each}` as Id<'endpoint'>,
    url: `http://${each}.test`,
    weight: 1,
  }));
  return backend(name, { isAi: true, endpoints, ...parts });
}

function staged(backends: readonly Backend[], targets: readonly Target[], parts: Partial<GatewayModel> = {}): Stage {
  const routes = [route('r', targets)];
  return new Stage({ backends, routes, ...parts });
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

function ask(stage: Stage, path: string, body: object, line = 'POST'): UpstreamCall {
  const before = new Set(stage.open.map(({ call }) => call));
  stage.request({
    line: `${line} ${path}`,
    fields: ['Content-Type: application/json'],
    ...(line === 'POST' && { body: JSON.stringify(body) }),
  });
  const made = stage.open.find(({ call }) => !before.has(call));
  assert.ok(made !== undefined, 'nobody was asked');
  return made.call;
}

/** A generation ends with the last of its exchanges. */
async function close(stage: Stage): Promise<void> {
  for (const { call } of [...stage.open]) stage.answer(call);
  await stage.close();
}

function hostOf(stage: Stage, call: UpstreamCall): string {
  return stage.open.find((each) => each.call === call)?.host ?? '';
}

/** Asks and answers; gives who was asked. */
function chat(stage: Stage, messages: readonly object[], model = 'gpt'): string {
  const call = ask(stage, '/v1/chat/completions', { model, messages });
  const host = hostOf(stage, call);
  stage.answer(call);
  return host;
}

/** Turns that each add an answer and a question; one after the other with others between them. */
function converse(stage: Stage, turns: number, opening = 'hello'): readonly string[] {
  const messages: object[] = [user(opening)];
  const hosts = [chat(stage, messages)];
  for (let turn = 1; turn < turns; turn++) {
    chat(stage, [user(`somebody else ${opening} ${turn}`)]);
    messages.push(assistant(`answer ${turn}`), user(`question ${turn}`));
    hosts.push(chat(stage, messages));
  }
  return hosts;
}

test('all turns of a conversation go to one endpoint, while others are spread', async () => {
  const stage = staged([many('up')], [target('up')]);
  const hosts = ['one', 'two', 'three', 'four'].map((opening) => converse(stage, 5, opening));
  for (const turns of hosts) assert.deepEqual(new Set(turns).size, 1, turns.join(' '));
  assert.ok(new Set(hosts.map(([first]) => first)).size > 1);
  await close(stage);
});

test('switched off, turns are spread', async () => {
  const stage = staged([many('up', { affinity: { promptCache: false, ttlMs: 1000 } })], [target('up')]);
  assert.ok(new Set(converse(stage, 5)).size > 1);
  await close(stage);
});

test('nothing is remembered for longer than the cache lives', async () => {
  const stage = staged([many('up', { affinity: { promptCache: true, ttlMs: 60_000 } })], [target('up')]);
  const messages = [user('hello')];
  const [first, second] = [chat(stage, messages), [...messages, assistant('hi'), user('more')]];
  stage.pass(59_000);
  assert.equal(chat(stage, second), first);
  stage.pass(61_000);
  const later = [1, 2, 3].map(() => {
    stage.pass(61_000);
    return chat(stage, second);
  });
  assert.ok(new Set(later).size > 1);
  await close(stage);
});

test('an endpoint that fails loses its conversations to the one that answered instead', async () => {
  const stage = staged([many('up')], [target('up')]);
  const messages = [user('hello')];
  const first = chat(stage, messages);
  const next = [...messages, assistant('hi'), user('more')];
  const call = ask(stage, '/v1/chat/completions', { model: 'gpt', messages: next });
  assert.equal(hostOf(stage, call), first);
  stage.fail(call, true);
  const [instead] = stage.open;
  assert.notEqual(instead.host, first);
  stage.answer(instead.call);
  const third = [...next, assistant('so'), user('and?')];
  assert.deepEqual([chat(stage, third), chat(stage, third)], [instead.host, instead.host]);
  await close(stage);
});

test('an endpoint with more than twice its share is left alone', async () => {
  const stage = staged([many('up')], [target('up')]);
  const messages = [user('hello')];
  const first = chat(stage, messages);
  const next = [...messages, assistant('hi')];
  const asked = Array.from({ length: 30 }, (_, index) =>
    ask(stage, '/v1/chat/completions', { model: 'gpt', messages: [...next, user(`branch ${index}`)] }),
  );
  const own = asked.filter((call) => hostOf(stage, call) === first).length;
  assert.ok(own >= 10 && own <= 21, `${own} of 30 at the endpoint of the conversation`);
  await close(stage);
});

test('of several targets with one model the one that has the prompt is asked again', async () => {
  const one = ['x', 'y', 'z'].map((name) => backend(name, { isAi: true, model: 'm' }));
  const stage = staged(one, [target('x'), target('y'), target('z')]);
  for (const opening of ['one', 'two', 'three']) {
    const turns = converse(stage, 5, opening);
    assert.equal(new Set(turns).size, 1, turns.join(' '));
  }
  await close(stage);
});

test('targets with models of their own share by weight, as written', async () => {
  const three = ['x', 'y', 'z'].map((name) => backend(name, { isAi: true, model: name }));
  const stage = staged(three, [target('x'), target('y'), target('z')]);
  assert.equal(new Set(converse(stage, 4)).size, 3);
  await close(stage);
});

test('a tier that serves again has its conversations back', async () => {
  const two = ['x', 'y'].map((name) => backend(name, { isAi: true }));
  const stage = staged(two, [target('x', 1, 0), target('y', 1, 1)]);
  const messages = [user('hello')];
  const call = ask(stage, '/v1/chat/completions', { model: 'gpt', messages });
  stage.fail(call, true);
  stage.answer(stage.at('y.test'));
  stage.pass(600_000 / 3);
  assert.equal(chat(stage, [...messages, assistant('hi'), user('more')]), 'x.test');
  await close(stage);
});

/** Answers with a stored answer; gives who made it. */
function makeAnswer(stage: Stage, id: string, isStream: boolean, model = 'gpt'): string {
  const call = ask(stage, '/v1/responses', { model, input: `make ${id}`, stream: isStream });
  const host = hostOf(stage, call);
  const response = JSON.stringify({ id, object: 'response', output: [] });
  const event = `event: response.created\ndata: {"type":"response.created","response":${response}}\n\n`;
  const last = `event: response.completed\ndata: {"type":"response.completed","response":${response}}\n\n`;
  const text = isStream ? event + last : response;
  reply(stage, call, isStream ? 'text/event-stream' : 'application/json', text);
  return host;
}

test('what is asked of a stored answer goes to the endpoint that made it', async () => {
  for (const isStream of [false, true]) {
    const stage = staged([many('up')], [target('up')]);
    const makers = ['resp_1', 'resp_2', 'resp_3'].map((id) => [id, makeAnswer(stage, id, isStream)] as const);
    assert.ok(new Set(makers.map(([, host]) => host)).size > 1);
    for (const [id, host] of makers) {
      const asked = [
        ask(stage, `/v1/responses/${id}`, {}, 'GET'),
        ask(stage, `/v1/responses/${id}/input_items`, {}, 'GET'),
        ask(stage, `/v1/responses/${id}/cancel`, {}),
        ask(stage, `/v1/responses/${id}`, {}, 'DELETE'),
        ask(stage, '/v1/responses', { model: 'gpt', input: 'more', previous_response_id: id }),
      ];
      assert.deepEqual(
        asked.map((call) => hostOf(stage, call)),
        asked.map(() => host),
      );
    }
    await close(stage);
  }
});

test('of several targets the one that made it, whatever their weights and models', async () => {
  const two = ['x', 'y'].map((name) => backend(name, { isAi: true, model: name }));
  const stage = staged(two, [target('x', 1), target('y', 9)]);
  const makers = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'].map(
    (id) => [id, makeAnswer(stage, id, false)] as const,
  );
  assert.equal(new Set(makers.map(([, host]) => host)).size, 2);
  for (const [id, host] of makers) assert.equal(hostOf(stage, ask(stage, `/v1/responses/${id}`, {}, 'GET')), host);
  await close(stage);
});

test('an answer that was made under an alias is found by its route', async () => {
  const two = ['x', 'y'].map((name) => backend(name, { isAi: true }));
  const aliases = ['x', 'y'].map((name) => alias(`by-${name}`, [{ ...target(name), model: 'm' }]));
  const stage = staged(two, [target('x'), target('y')], { aliases });
  for (const name of ['y', 'x', 'y', 'y', 'x']) {
    const host = makeAnswer(stage, `resp_${name}`, false, `by-${name}`);
    assert.equal(host, `${name}.test`);
    assert.equal(hostOf(stage, ask(stage, `/v1/responses/resp_${name}`, {}, 'GET')), host);
  }
  await close(stage);
});

test('after an hour, and for ids that nobody knows, requests are routed as usual', async () => {
  const stage = staged([many('up')], [target('up')]);
  const maker = makeAnswer(stage, 'resp_1', false);
  stage.pass(3_601_000);
  const hosts = [1, 2, 3].map(() => hostOf(stage, ask(stage, '/v1/responses/resp_1', {}, 'GET')));
  assert.ok(hosts.some((host) => host !== maker));
  const unknown = [1, 2, 3].map(() => hostOf(stage, ask(stage, '/v1/responses/resp_other', {}, 'GET')));
  assert.ok(new Set(unknown).size > 1);
  await close(stage);
});

function reply(stage: Stage, call: UpstreamCall, type: string, text: string): void {
  const head = ['HTTP/1.1 200 OK', `Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(text)}`];
  call.receiver.onHead(answerOf('POST', head));
  stage.piece(call, text);
  stage.settle(call).onAnswerEnd(undefined);
}
