// Chat completions over HTTP, as OpenAI would answer them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, type Shape, send } from '../testing/send.ts';

const CHAT = '/v1/chat/completions';
const MESSAGES = [{ role: 'user', content: 'Hello there' }];

test('chat: JSON and stream say the same and count the same', async () => {
  const simulator = await open();
  const json = { model: 'gpt-4o', messages: [{ role: 'system', content: 'Be brief' }, ...MESSAGES] };
  const whole = (await send(simulator, CHAT, { json })).json;
  const options = { stream: true, stream_options: { include_usage: true } };
  const { events, text } = await send(simulator, CHAT, { json: { ...json, ...options } });
  const [first] = events;
  assert.deepEqual(first.choices[0].delta, { role: 'assistant', content: '', refusal: null });
  assert.equal(events.map((event) => event.choices[0]?.delta.content ?? '').join(''), whole.choices[0].message.content);
  assert.match(whole.choices[0].message.content, /^You said: Hello there\n/);
  const last = events.at(-1);
  assert.deepEqual([last?.choices, last?.usage], [[], whole.usage]);
  assert.ok(events.slice(0, -1).every((event) => event.usage === null && event.choices.length === 1));
  assert.equal(events.at(-2)?.choices[0].finish_reason, 'stop');
  assert.ok(text.endsWith('data: [DONE]\n\n'));
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = whole.usage;
  assert.deepEqual([input, total], [5, input + output], '"Be brief" is 2 tokens, "Hello there" 3');
  const unasked = await send(simulator, CHAT, { json: { ...json, stream: true } });
  assert.doesNotMatch(unasked.text, /"usage"/);
});

test('chat: n, max_tokens, stop', async () => {
  const simulator = await open();
  const ask = async (more: object): Promise<Shape> =>
    (await send(simulator, CHAT, { json: { model: 'm', messages: MESSAGES, ...more } })).json;
  const several = await ask({ n: 3 });
  assert.deepEqual(
    several.choices.map(({ index }) => index),
    [0, 1, 2],
  );
  assert.match(several.choices[2].message.content, /\(choice 3\)$/);
  for (const limit of [{ max_tokens: 2 }, { max_completion_tokens: 2 }]) {
    const { choices, usage } = await ask(limit);
    assert.deepEqual([choices[0].message.content, choices[0].finish_reason], ['You said', 'length']);
    assert.equal(usage.completion_tokens, 2);
  }
  assert.equal((await ask({ stop: [' there'] })).choices[0].message.content, 'You said: Hello');
  const streamed = await send(simulator, CHAT, { json: { model: 'm', messages: MESSAGES, n: 2, stream: true } });
  assert.deepEqual(new Set(streamed.events.map((event) => event.choices[0].index)), new Set([0, 1]));
});

const WEATHER = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } };

test('chat: a tool is called when it is offered, in JSON and in pieces', async () => {
  const simulator = await open();
  const json = { model: 'm', messages: MESSAGES, tools: [{ type: 'function', function: WEATHER }] };
  const text = await send(simulator, CHAT, { json: { ...json, tool_choice: 'none' } });
  assert.equal(text.json.choices[0].message.tool_calls, undefined);
  const offered = (await send(simulator, CHAT, { json })).json.choices[0].message;
  assert.equal(offered.tool_calls.length, 1);
  const told = [...MESSAGES, { role: 'assistant', ...offered }, { role: 'tool', tool_call_id: 'x', content: '9 °C' }];
  const after = (await send(simulator, CHAT, { json: { ...json, messages: told } })).json.choices[0].message;
  assert.match(after.content, /^You said: Hello there\nThe tools said: 9 °C\n/);
  const required = (await send(simulator, CHAT, { json: { ...json, tool_choice: 'required' } })).json.choices[0];
  assert.equal(required.finish_reason, 'tool_calls');
  assert.deepEqual(JSON.parse(required.message.tool_calls[0].function.arguments), { city: 'Hello there' });
  const named = { ...json, tool_choice: { type: 'function', function: { name: 'weather' } }, stream: true };
  const { events } = await send(simulator, CHAT, { json: named });
  const calls = events.flatMap((event) => event.choices[0].delta.tool_calls ?? []);
  assert.deepEqual([calls[0].function.name, calls[0].function.arguments], ['weather', '']);
  assert.ok(calls.slice(1).every(({ id, index }) => id === undefined && index === 0));
  assert.deepEqual(JSON.parse(calls.map((call) => call.function.arguments).join('')), { city: 'Hello there' });
  assert.equal(events.at(-1)?.choices[0].finish_reason, 'stop', 'a named tool ends with stop');
});

test('chat: two tools are called at once when the prompt asks for it', async () => {
  const simulator = await open();
  const messages = [{ role: 'user', content: 'Both in parallel' }];
  const tools = ['weather', 'time'].map((name) => ({ type: 'function', function: { ...WEATHER, name } }));
  const { choices } = (await send(simulator, CHAT, { json: { model: 'm', messages, tools } })).json;
  const names = choices[0].message.tool_calls.map((call) => call.function.name);
  assert.deepEqual(names, ['weather', 'time']);
  const { events } = await send(simulator, CHAT, { json: { model: 'm', messages, tools, stream: true } });
  const pieces = events.flatMap((event) => event.choices[0].delta.tool_calls ?? []);
  assert.deepEqual(new Set(pieces.map(({ index }) => index)), new Set([0, 1]));
  const single = { model: 'm', messages, tools, parallel_tool_calls: false };
  assert.equal((await send(simulator, CHAT, { json: single })).json.choices[0].message.tool_calls.length, 1);
});

test('chat: what came beside the text is named', async () => {
  const simulator = await open();
  const url = `data:image/png;base64,${Buffer.alloc(70).toString('base64')}`;
  const content = [
    { type: 'text', text: 'Look' },
    { type: 'image_url', image_url: { url } },
  ];
  const { choices } = (await send(simulator, CHAT, { json: { model: 'm', messages: [{ role: 'user', content }] } }))
    .json;
  assert.match(choices[0].message.content, /^You said: Look\nYou sent: image\/png of 70 bytes\n/);
});

test('chat: structured output follows its schema', async () => {
  const simulator = await open();
  const schema = { type: 'object', properties: { mood: { enum: ['good', 'bad'] } } };
  const ask = async (format: object): Promise<unknown> => {
    const json = { model: 'm', messages: MESSAGES, response_format: format };
    return JSON.parse((await send(simulator, CHAT, { json })).json.choices[0].message.content);
  };
  assert.deepEqual(await ask({ type: 'json_object' }), { you_said: 'Hello there' });
  assert.deepEqual(await ask({ type: 'json_schema', json_schema: { name: 'x', schema } }), { mood: 'good' });
});
