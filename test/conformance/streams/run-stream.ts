// Raw bytes of a provider's stream through what the gateway reads and writes streams with, cut at every kind of place: what the
// client gets, how the stream ended, and which tokens were counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AwsPayloadReader } from '../../../src/llm/aws-payloads.ts';
import type { ChatTargetCodec } from '../../../src/llm/codec.ts';
import type { StreamFormat } from '../../../src/llm/event-reader.ts';
import type { ClientFormat } from '../../../src/llm/format.ts';
import { openai } from '../../../src/llm/formats/openai.ts';
import type { Operation } from '../../../src/llm/operation.ts';
import type { StreamFraming } from '../../../src/llm/provider.ts';
import type { ChatRequest } from '../../../src/llm/request.ts';
import { SsePayloadReader } from '../../../src/llm/stream-payloads.ts';
import type { Exchange } from '../../../src/pipeline/exchange.ts';
import type { GenAiRecord, StreamEnd } from '../../../src/pipeline/outcome.ts';
import { AiExchange } from '../../../src/runtime/ai-exchange.ts';
import type { AnswerTap } from '../../../src/runtime/answer-tap.ts';
import { JsonArrayTap } from '../../../src/runtime/json-array-tap.ts';
import { SseTap } from '../../../src/runtime/sse-tap.ts';
import { exchangeOf, TextSink } from '../../../src/runtime/testing/exchanges.ts';
import { TranslatingStreamTap } from '../../../src/runtime/translating-stream-tap.ts';

export interface Told {
  /** What the client got. */
  readonly text: string;
  /** Undefined = only by a connection that breaks. */
  readonly end: StreamEnd | undefined;
  /** -1 = not known. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
}

const CLOCK = { nowMs: () => 0 };

export const REQUEST: ChatRequest = {
  operation: 'chat',
  wire: 'openai-chat',
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  parameters: {},
  wantsStreamUsage: true,
  rest: {},
};

function openExchange(format: ClientFormat, operation: Operation): { exchange: Exchange; record: GenAiRecord } {
  const exchange = exchangeOf('POST /v1/chat/completions');
  const side = { format, operation, address: { model: undefined, stream: undefined } };
  // Makes the record of the exchange.
  const ai = new AiExchange(exchange, side, { model: 'm', isStream: true, hasJsonBody: false });
  assert.ok(ai.wantsStream && exchange.genAi !== undefined);
  return { exchange, record: exchange.genAi };
}

/** Every piece lies amid other bytes and is overwritten after: nothing may be kept of it. */
function feed(tap: AnswerTap, record: GenAiRecord, pieces: readonly Buffer[], cause?: StreamEnd): Told {
  const out = new TextSink();
  for (const piece of pieces) {
    const around = Buffer.concat([Buffer.from('\n\n'), piece, Buffer.from('\n\n')]);
    tap.push(around, 2, 2 + piece.length, out);
    around.fill(0x0a);
  }
  const end = cause === undefined ? tap.end(out) : tap.cut(out, cause);
  assert.ok(
    !(tap instanceof TranslatingStreamTap) || tap.heartbeat() === '',
    'nothing keeps a stream awake that is over',
  );
  const { inputTokens, outputTokens, cachedTokens } = record;
  return { text: Buffer.from(out.text, 'latin1').toString(), end, inputTokens, outputTokens, cachedTokens };
}

/** With a cause, the connection breaks behind the pieces; else HTTP ends well. */
export type Way = (pieces: readonly Buffer[], cause?: StreamEnd) => Told;

/** Client and provider speak the same wire: bytes pass. */
export function relayed(name: StreamFormat, operation: Operation, hidesUsage = false): Way {
  return (pieces, cause) => {
    const { exchange, record } = openExchange(openai, operation);
    return feed(new SseTap(exchange, record, { format: name, operation, hidesUsage }, CLOCK), record, pieces, cause);
  };
}

/** The same for Google's stream that is one array. */
export const relayedArray: Way = (pieces, cause) => {
  const { exchange, record } = openExchange(openai, 'chat');
  return feed(new JsonArrayTap(exchange, record, CLOCK), record, pieces, cause);
};

export interface TranslatedTo {
  readonly operation?: Operation;
  readonly streamsArray?: boolean;
}

/** The provider's stream in another client's words. */
export function translated(
  codec: ChatTargetCodec,
  framing: StreamFraming,
  format: ClientFormat,
  { operation = 'chat', streamsArray = false }: TranslatedTo = {},
): Way {
  return (pieces, cause) => {
    const { exchange, record } = openExchange(format, 'chat');
    const encoder = format
      .chatCodec(operation)
      ?.createStreamEncoder({ id: 'id', model: 'm', createdSeconds: 1, request: REQUEST, streamsArray });
    assert.ok(encoder !== undefined);
    const payloads = framing === 'sse' ? new SsePayloadReader() : new AwsPayloadReader();
    const parts = {
      payloads,
      decoder: codec.createStreamDecoder(REQUEST),
      encoder,
      dropped: [],
      rateLimitStyle: format.rateLimitStyle,
    };
    return feed(new TranslatingStreamTap(exchange, record, parts, CLOCK), record, pieces, cause);
  };
}

export function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

/** One quirk: the provider's bytes, and what must come of them however they are cut. */
export interface Quirk {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly way: Way;
  readonly expect: (told: Told) => void;
}

/** Registers a test for each: whole, byte by byte, and at places of chance. */
export function testQuirks(quirks: readonly Quirk[]): void {
  for (const { name, bytes: given, way, expect } of quirks)
    test(name, () => {
      const bytes = typeof given === 'string' ? Buffer.from(given) : given;
      const whole = way([bytes]);
      expect(whole);
      const single = bytes.length <= 20_000 ? Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)) : [bytes];
      assert.deepEqual(way(single), whole, 'byte by byte');
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
          assert.deepEqual(way(cut(bytes, cuts)), whole);
        }),
        { seed: 71, numRuns: 15 },
      );
    });
}
