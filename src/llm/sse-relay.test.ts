// What a stream relays and what is learnt from it: quirks of real servers one by one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from './operation.ts';
import { MAX_HELD_BYTES, SseRelay } from './sse-relay.ts';

interface Relayed {
  readonly text: string;
  readonly writes: number;
  readonly relay: SseRelay;
}

interface Options {
  readonly operation?: Operation;
  readonly hidesUsage?: boolean;
}

const relay = new SseRelay();

/** Relays `pieces`, each in a buffer that is overwritten after its push, and ends the stream. */
function run(pieces: readonly string[], { operation = 'chat', hidesUsage = false }: Options = {}): Relayed {
  let text = '';
  let writes = 0;
  const out = {
    write(bytes: Uint8Array, start: number, end: number): void {
      assert.ok(end > start, 'an empty write');
      text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      writes++;
    },
    writeLatin1(piece: string): void {
      text += piece;
      writes++;
    },
  };
  relay.reset({ format: 'openai', operation, hidesUsage });
  for (const piece of pieces) {
    const bytes = Buffer.from(`\n\n${piece}\n\ndata: [DONE]\n\n`, 'utf8');
    relay.push(bytes, 2, bytes.length - 16, out);
    bytes.fill(0x7b);
  }
  relay.end(out);
  return { text: Buffer.from(text, 'latin1').toString(), writes, relay };
}

function chunk(delta: object, finish: string | null = null, rest: object = {}): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4o', choices, ...rest })}\n\n`;
}

const ROLE = chunk({ role: 'assistant', content: '', refusal: null });
const WORD = chunk({ content: 'word' });
const STOP = chunk({}, 'stop');
const DONE = 'data: [DONE]\n\n';
const USAGE = 'data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}\n\n';

test('relays whole events of one piece in one write, byte for byte', () => {
  const stream = ROLE + WORD + WORD + STOP + USAGE + DONE;
  const { text, writes } = run([stream]);
  assert.equal(text, stream);
  assert.equal(writes, 1);
  assert.equal(relay.events, 6);
  assert.equal(relay.usage.total, 7);
  assert.equal(relay.responseModel, 'gpt-4o');
  assert.equal(relay.sawFinish, true);
  assert.equal(relay.terminatedWell(), true);
  assert.equal(relay.inBandError, undefined);
});

test('a role alone is no useful delta', () => {
  for (const useless of [
    ROLE,
    chunk({ role: 'assistant' }),
    chunk({ role: 'assistant', content: null, tool_calls: [] }),
    ': ping\n\n',
    chunk({}),
  ]) {
    assert.equal(run([useless]).relay.sawFirstDelta, false, useless);
  }
});

test('text, tool calls, reasoning and refusals are useful', () => {
  const toolCall = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } };
  for (const delta of [
    { content: 'a' },
    { tool_calls: [toolCall] },
    { reasoning_content: 'a' },
    { reasoning: 'a' },
    { refusal: 'no' },
    { audio: { id: 'a' } },
  ]) {
    assert.equal(run([ROLE, chunk(delta)]).relay.sawFirstDelta, true, JSON.stringify(delta));
  }
  const second = 'data: {"choices":[{"index":1,"delta":{"role":"assistant"}},{"index":0,"delta":{"content":"x"}}]}\n\n';
  assert.equal(run([second]).relay.sawFirstDelta, true);
  assert.equal(
    run(['data: {"choices":[{"text":"","index":0}]}\n\n'], { operation: 'completions' }).relay.sawFirstDelta,
    false,
  );
  assert.equal(
    run(['data: {"choices":[{"text":"a","index":0}]}\n\n'], { operation: 'completions' }).relay.sawFirstDelta,
    true,
  );
});

test('drops the usage chunk nobody asked for, and keeps its counts', () => {
  const { text } = run([ROLE + WORD + STOP + USAGE + DONE], { hidesUsage: true });
  assert.equal(text, ROLE + WORD + STOP + DONE);
  assert.equal(relay.usage.input, 3);
});

test('cuts null usage out of every chunk', () => {
  const withNull = (delta: object, rest: object = {}) => chunk(delta, null, { usage: null, ...rest });
  const stream = [{ role: 'assistant', content: '' }, { content: 'a' }, { content: '"usage":null' }]
    .map((delta) => withNull(delta))
    .join('');
  assert.equal(run([stream], { hidesUsage: true }).text, stream.replaceAll(',"usage":null}', '}'));
  assert.equal(run([stream]).text, stream);
  const obfuscated = WORD + withNull({ content: 'a' }, { obfuscation: 'x' });
  assert.equal(
    run([obfuscated], { hidesUsage: true }).text,
    WORD + chunk({ content: 'a' }, null, { obfuscation: 'x' }),
  );
});

test('cuts usage out of chunks that have choices, too', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const stream =
    WORD +
    chunk({ content: 'b' }, null, { usage }) +
    chunk({}, 'stop', { usage: { ...usage, total_tokens: 9 }, z: [1] }) +
    DONE;
  const { text } = run([stream], { hidesUsage: true });
  assert.equal(text, WORD + chunk({ content: 'b' }) + chunk({}, 'stop', { z: [1] }) + DONE);
  assert.equal(relay.usage.total, 9);
  assert.equal(relay.sawFinish, true);
});

test('cuts usage wherever it stands in the chunk', () => {
  for (const [before, after] of [
    ['{"usage":null,"choices":[{"delta":{"content":"x"}}]}', '{"choices":[{"delta":{"content":"x"}}]}'],
    ['{"usage" : null }', '{ }'],
    ['{"a":1 , "usage" : {"prompt_tokens":1} , "choices":[{}]}', '{"a":1  , "choices":[{}]}'],
    ['{"choices":[{"usage":null}],"a":{"usage":null}}', '{"choices":[{"usage":null}],"a":{"usage":null}}'],
    ['{"choices":[{}],"x":"usage","usage":null}', '{"choices":[{}],"x":"usage"}'],
  ]) {
    for (const first of ['', WORD]) {
      const { text } = run([`${first}data: ${before}\n\n`], { hidesUsage: true });
      assert.equal(text, `${first}data: ${after}\n\n`);
    }
  }
});

test('keeps chunks without choices that carry something else', () => {
  const azure = 'data: {"id":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n';
  assert.equal(run([azure + WORD + DONE], { hidesUsage: true }).text, azure + WORD + DONE);
  assert.equal(run(['data: {"choices":[],"usage":null}\n\n'], { hidesUsage: true }).text, 'data: {"choices":[]}\n\n');
});

test('never parses nor changes what it does not understand', () => {
  const odd =
    'data: {"usage":null\n\ndata: {"usage":null}x\n\ndata: 7\n\ndata\n\nusage: "usage"\n\n\n\nid: 1\nretry: 5\n\n';
  assert.equal(run([WORD + odd], { hidesUsage: true }).text, WORD + odd);
});

test('relays comments, ids, CRLF, no space after the colon, a byte order mark', () => {
  const stream = `\ufeffdata:{"model":"m","choices":[{"delta":{"content":"a"}}],"usage":null}\r\n\r\n: OPENROUTER PROCESSING\r\n\r\nevent: message\r\nid: 7\r\ndata: [DONE]\r\n\r\n`;
  assert.equal(run([stream]).text, stream);
  assert.equal(relay.events, 2);
  assert.equal(relay.sawDone, true);
  assert.equal(relay.responseModel, 'm');
  assert.equal(run([stream], { hidesUsage: true }).text, stream.replace(',"usage":null', ''));
});

test('cuts usage out of an event with several data lines', () => {
  const stream =
    'id: 4\nevent: x\ndata: {"choices":[{"delta":{"content":"é"}}],\ndata: "usage"\ndata: :null,\ndata: "n":1.0}\n\n';
  const { text } = run([stream], { hidesUsage: true });
  assert.equal(text, 'id: 4\nevent: x\ndata: {"choices":[{"delta":{"content":"é"}}],\ndata: "n":1.0}\n\n');
  assert.equal(run([stream]).text, stream);
});

test('lone CRs end lines as well', () => {
  const stream = (WORD + USAGE + DONE).replaceAll('\n', '\r');
  assert.equal(run([stream], { hidesUsage: true }).text, (WORD + DONE).replaceAll('\n', '\r'));
  assert.equal(relay.events, 3);
});

test('a stream whose [DONE] is missing did not end well, but is told it; one with two did', () => {
  assert.equal(run([ROLE + WORD + STOP]).relay.terminatedWell(), false);
  assert.equal(relay.sawFinish, true);
  assert.equal(relay.missingEnd(), DONE);
  const { text } = run([`${WORD + STOP + DONE + DONE}data: {"error":"late"}\n\n`]);
  assert.equal(text, WORD + STOP + DONE, 'what follows the end is no part of the stream');
  assert.equal(relay.terminatedWell(), true);
  assert.equal(relay.inBandError, undefined);
});

test('a last event without its blank line is relayed with one', () => {
  for (const end of ['', '\n', '\r\n']) {
    const { text } = run([WORD, `data: [DONE]${end}`]);
    assert.match(text, /data: \[DONE\]\r?\n?\n\n$/);
    assert.equal(relay.terminatedWell(), true);
    assert.equal(relay.endedInsideEvent, false);
  }
  assert.equal(run([WORD, USAGE.trimEnd()], { hidesUsage: true }).text, WORD);
  assert.equal(relay.usage.total, 7);
});

test('a part of an event is never relayed', () => {
  for (const part of ['data: {"choices":[{"delta":{"con', 'data', 'data: [DO', 'da']) {
    assert.equal(run([WORD, part]).text, WORD, part);
    assert.equal(relay.endedInsideEvent, true);
    assert.equal(relay.terminatedWell(), false);
  }
});

test('finds failures told inside a stream', () => {
  for (const [event, code, message] of [
    ['data: {"error":{"message":"Overloaded","type":"server_error","code":null}}\n\n', 'server_error', 'Overloaded'],
    [
      'data: {"id":"x","error":{"code":429,"message":"slow"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}\n\n',
      '429',
      'slow',
    ],
    ['data: {"choices":[{"delta":{},"error":{"code":"boom","message":"m"}}]}\n\n', 'boom', 'm'],
    ['data: {"error":"plain"}\n\n', 'error', 'plain'],
    ['data: {"object":"error","message":"bad","type":"BadRequestError","code":400}\n\n', '400', 'bad'],
    ['event: error\ndata: upstream gone\n\n', 'error', 'upstream gone'],
    ['event: error\ndata: {"error":{"message":"m","type":"t"}}\n\n', 't', 'm'],
  ]) {
    // What no client reads as a failure is told anew when the stream is over.
    const isPlain = message === 'upstream gone';
    for (const before of ['', WORD]) {
      for (const behind of ['', DONE, WORD + USAGE + DONE, ': ping\n\n', 'junk'])
        assert.equal(run([before + event + behind]).text, isPlain ? before : before + event);
      assert.equal(relay.isFailureTold, !isPlain && !/^data: \{"(?:choices|object)/.test(event), event);
      assert.deepEqual([relay.inBandError, relay.inBandMessage], [code, message], event);
    }
  }
  assert.equal(
    run(['data: {"error":null,"choices":[{"delta":{"content":"\\"error\\""}}]}\n\n']).relay.inBandError,
    undefined,
  );
});

test('a plain JSON error under the type of a stream is a failure, and no event', () => {
  for (const body of [
    '{"error":{"message":"no","code":"quota"}}',
    '{\n  "error": {"message":"no","code":"quota"}\n}\n\n',
  ]) {
    assert.equal(run([body]).text, '');
    assert.equal(relay.inBandError, 'quota');
    assert.equal(relay.events, 0);
  }
});

const CREATED =
  'event: response.created\ndata: {"type":"response.created","response":{"model":"o3","usage":null,"error":null},"sequence_number":0}\n\n';
const DELTA =
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"a","sequence_number":1}\n\n';

test('reads Responses streams: model, first delta, usage, the end', () => {
  const usage =
    '"usage":{"input_tokens":5,"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":11}';
  for (const type of ['completed', 'incomplete']) {
    const end = `event: response.${type}\ndata: {"type":"response.${type}","response":{"model":"o3",${usage}}}\n\n`;
    assert.equal(run([CREATED], { operation: 'responses' }).relay.sawFirstDelta, false);
    assert.equal(relay.responseModel, 'o3');
    const { text } = run([CREATED, DELTA, end], { operation: 'responses', hidesUsage: true });
    assert.equal(text, CREATED + DELTA + end);
    assert.equal(relay.sawFirstDelta, true);
    assert.equal(relay.terminatedWell(), true);
    assert.deepEqual([relay.usage.input, relay.usage.output, relay.usage.reasoning], [5, 6, 2]);
    assert.equal(relay.inBandError, undefined);
  }
  assert.equal(run([CREATED, DELTA], { operation: 'responses' }).relay.terminatedWell(), false);
});

test('reads the failures of Responses streams', () => {
  const failed =
    'data: {"type":"response.failed","response":{"error":{"code":"server_error","message":"m"},"usage":null}}\n\n';
  assert.equal(run([CREATED + failed], { operation: 'responses' }).relay.inBandError, 'server_error');
  assert.equal(relay.terminatedWell(), true);
  const error =
    'event: error\ndata: {"type":"error","code":"rate_limit","message":"m","param":null,"sequence_number":2}\n\n';
  assert.equal(run([CREATED + error], { operation: 'responses' }).relay.inBandError, 'rate_limit');
  assert.equal(relay.terminatedWell(), false);
  const late = 'data: {"response":{"usage":{"input_tokens":1}},"type":"response.completed"}\n\n';
  assert.equal(run([late], { operation: 'responses' }).relay.usage.input, 1);
});

test('reads image and transcription streams, whose usage stands beside the type', () => {
  const partial =
    'event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"AA=="}\n\n';
  const image =
    'data: {"type":"image_generation.completed","b64_json":"AA==","usage":{"input_tokens":3,"output_tokens":9}}\n\n';
  assert.equal(run([partial], { operation: 'images' }).relay.sawFirstDelta, true);
  assert.equal(run([partial + image], { operation: 'images' }).relay.usage.total, 12);
  assert.equal(relay.terminatedWell(), true);
  const text = 'data: {"type":"transcript.text.delta","delta":"a"}\n\n';
  const done =
    'data: {"type":"transcript.text.done","text":"a","usage":{"type":"tokens","input_tokens":1,"output_tokens":2}}\n\n';
  assert.equal(run([text], { operation: 'transcription' }).relay.terminatedWell(), false);
  assert.equal(run([text + done], { operation: 'transcription' }).relay.usage.output, 2);
});

test('an event too long to be held flows, and its usage is still read', () => {
  const filler = 'x'.repeat(2 * MAX_HELD_BYTES);
  const long = `event: response.completed\ndata: {"type":"response.completed","response":{"output":"${filler}","model":"o3","usage":{"input_tokens":5,"output_tokens":6}}}\n\n`;
  const pieces = Array.from({ length: Math.ceil(long.length / 9000) }, (_, i) => long.slice(i * 9000, (i + 1) * 9000));
  const { text } = run([CREATED, DELTA, ...pieces, DELTA], { operation: 'responses' });
  assert.ok(text === CREATED + DELTA + long, 'it is the last event');
  assert.equal(relay.usage.total, 11);
  assert.equal(relay.terminatedWell(), true);
  assert.equal(relay.events, 3);
  run([CREATED, DELTA, ...pieces.slice(0, -1)], { operation: 'responses' });
  assert.equal(relay.terminatedWell(), false, 'an end that is not whole is none');
  assert.ok(run([WORD, DONE, ...pieces]).text === WORD + DONE);
  const cut = run([WORD, ...pieces.slice(0, -1)]);
  assert.ok(cut.text === `${WORD + pieces.slice(0, -1).join('')}\n\n`);
  assert.equal(relay.endedInsideEvent, true);
  assert.equal(relay.sawFirstDelta, true);
});

test('a stream can be ended with the failure event of its protocol', () => {
  run([WORD, 'data: {"part']);
  const event = relay.encodeError('upstream.cut', 'The "endpoint" cut its answer');
  assert.match(event, /^data: (.*)\n\n$/);
  assert.deepEqual(JSON.parse(event.slice(6)), {
    error: { message: 'The "endpoint" cut its answer', type: 'server_error', param: null, code: 'upstream.cut' },
  });
  run([CREATED, DELTA], { operation: 'responses' });
  const typed = relay.encodeError('upstream.cut', 'cut');
  assert.match(typed, /^event: error\ndata: /);
  assert.deepEqual(JSON.parse(typed.slice(typed.indexOf('{'))), {
    type: 'error',
    code: 'upstream.cut',
    message: 'cut',
    param: null,
    sequence_number: 2,
  });
});

test('a reset relay remembers nothing of the stream before', () => {
  run([ROLE, WORD, STOP, USAGE, DONE, 'data: {"error":"x"}', 'data: {"unfinished'], { hidesUsage: true });
  const fresh = new SseRelay();
  relay.reset({ format: 'openai', operation: 'chat', hidesUsage: false });
  for (const name of [
    'sawDone',
    'sawFinish',
    'sawFirstDelta',
    'inBandError',
    'inBandMessage',
    'responseModel',
    'events',
    'endedInsideEvent',
    'usage',
  ] as const)
    assert.deepEqual(relay[name], fresh[name], name);
  assert.equal(run([WORD]).text, WORD);
});
