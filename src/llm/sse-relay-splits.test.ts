// However a stream is cut into pieces, the same bytes and the same facts come out of it; and they are what JSON.parse would make of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from './operation.ts';
import { SseRelay } from './sse-relay.ts';

const relay = new SseRelay();

function run(pieces: readonly Buffer[], operation: Operation, hidesUsage: boolean): readonly unknown[] {
  const written: Buffer[] = [];
  const out = {
    write: (bytes: Uint8Array, start: number, end: number) =>
      void written.push(Buffer.from(bytes.subarray(start, end))),
    writeLatin1: (text: string) => void written.push(Buffer.from(text, 'latin1')),
  };
  relay.reset({ format: 'openai', operation, hidesUsage });
  for (const piece of pieces) {
    const copy = Buffer.concat([Buffer.from('\n\n'), piece, Buffer.from('\n\n{')]);
    relay.push(copy, 2, copy.length - 3, out);
    copy.fill(0x0a);
  }
  relay.end(out);
  const { sawDone, sawFinish, sawFirstDelta, inBandError, inBandMessage, responseModel, events, endedInsideEvent } =
    relay;
  const facts = [
    sawDone,
    sawFinish,
    sawFirstDelta,
    inBandError,
    inBandMessage,
    responseModel,
    events,
    endedInsideEvent,
  ];
  return [Buffer.concat(written).toString(), { ...relay.usage }, facts, relay.terminatedWell()];
}

function cut(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const positions = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return positions.slice(1).map((position, i) => bytes.subarray(positions[i], position));
}

const payload = fc.constantFrom(
  '{"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}',
  '{"choices":[{"index":0,"delta":{"content":"ä€𝄞 \\"usage\\":null"},"finish_reason":null}],"usage":null,"obfuscation":"x"}',
  '{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
  '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}',
  '{"choices":[],"prompt_filter_results":[]}',
  '{"error":{"message":"m","code":"c"}}',
  '{"type":"response.created","response":{"model":"r","usage":null}}',
  '{"type":"response.output_text.delta","delta":"x"}',
  '{"type":"response.completed","response":{"model":"r","usage":{"input_tokens":5,"output_tokens":6}}}',
  '{"usage":null',
  '[DONE]',
  '',
);
const field = fc.oneof(
  { weight: 5, arbitrary: payload.map((data) => [`data: ${data}`]) },
  { weight: 1, arbitrary: payload.map((data) => `data:${data}`.replace(',', ',\ndata: ').split('\n')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom([': ping'], ['event: error'], ['id: 1'], ['data'], ['{"error":"x"}'], ['x']),
  },
);
const event = fc.array(field, { minLength: 1, maxLength: 2 }).map((fields) => [...fields.flat(), '']);

const stream = fc
  .record({
    mark: fc.constantFrom('', '', '\ufeff'),
    events: fc.array(event, { maxLength: 6 }),
    lineEnd: fc.constantFrom('\n', '\n', '\r\n', '\r'),
    dropped: fc.nat(6),
  })
  .map(({ mark, events, lineEnd, dropped }) => {
    const text =
      mark +
      events
        .flat()
        .map((line) => line + lineEnd)
        .join('');
    return text.slice(0, text.length - dropped);
  });

test('any split of any stream relays the same bytes and learns the same facts', () => {
  const operation = fc.constantFrom<Operation>('chat', 'completions', 'responses');
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), operation, fc.boolean(), (text, cuts, kind, hides) => {
      const whole = run([Buffer.from(text)], kind, hides);
      assert.deepEqual(run(cut(text, cuts), kind, hides), whole);
      assert.deepEqual(
        run(
          Array.from(Buffer.from(text), (byte) => Buffer.of(byte)),
          kind,
          hides,
        ),
        whole,
      );
    }),
    { seed: 61, numRuns: 1500 },
  );
});

test('nothing but hidden usage is ever taken from a stream before its end', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 4 }), (text, cuts) => {
      if (text.includes('{"error":"x"}')) return; // no event at all
      const whole = text.slice(0, wholeLength(text));
      if (whole.includes('\r\n') && whole.endsWith('\r')) return; // a last CRLF that lost its LF ends no event
      const relayed = String(run(cut(whole, cuts), 'chat', false)[0]);
      const end = ENDS.map((pattern) => whole.search(pattern)).filter((at) => at >= 0);
      const isOver = end.length > 0;
      assert.ok(isOver ? whole.startsWith(relayed) : relayed === whole);
      if (isOver && !/event: ?error/.test(whole))
        assert.ok(relayed.length > Math.min(...end), 'the end itself is told');
    }),
    { seed: 62, numRuns: 1000 },
  );
});

/** What may end a stream of the generator. */
const ENDS = [/\[DONE\]/, /"error":/, /event: ?error/];

/** Length of the text up to the end of its last blank line. */
function wholeLength(text: string): number {
  let length = 0;
  for (const { 0: line, index } of text.matchAll(/[^\r\n]*(?:\r\n|\r|\n)/g))
    if (line.trim() === '') length = index + line.length;
  return length;
}

const usage = fc.oneof(fc.constant(null), fc.record({ prompt_tokens: fc.nat(99), completion_tokens: fc.nat(99) }));
const chunkValue = fc.record(
  {
    id: fc.jsonValue({ maxDepth: 2 }),
    choices: fc.array(fc.record({ delta: fc.jsonValue({ maxDepth: 2 }) }), { maxLength: 2 }),
    usage,
    z: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
);

test('hidden usage is gone, and everything else is left', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(chunkValue, fc.boolean()), { maxLength: 5 }), fc.boolean(), (values, reversed) => {
      const order = (value: object) => (reversed ? Object.fromEntries(Object.entries(value).reverse()) : value);
      const events = values.map(([value, isSpaced]) => JSON.stringify(order(value), undefined, isSpaced ? 1 : 0));
      const text = events.map((json) => `data: ${json.replaceAll('\n', '\ndata: ')}\n\n`).join('');
      const [relayed] = run([Buffer.from(text)], 'chat', true);
      const left = values
        .map(([value]) => value)
        .filter((value) => !(value.choices?.length === 0 && value.usage))
        .map(({ usage: _, ...rest }) => rest);
      const got = String(relayed).split('\n\n').slice(0, -1);
      assert.deepEqual(
        got.map((one) => JSON.parse(one.replaceAll(/^data: /gm, ''))),
        JSON.parse(JSON.stringify(left)),
      );
    }),
    { seed: 63, numRuns: 1500 },
  );
});
