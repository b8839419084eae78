// The relay of stream events, against JSON.parse of each; and usage of whole answers. `node bench/micro/sse-relay.ts`.
import { SseRelay } from '../../src/llm/sse-relay.ts';
import { UsageScanner } from '../../src/llm/usage-scanner.ts';
import { sideBySide } from './side-by-side.ts';

function chunk(rest: object): Buffer {
  const event = {
    id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012',
    object: 'chat.completion.chunk',
    created: 1732156800,
    model: 'gpt-4o-mini-2024-07-18',
    service_tier: 'default',
    system_fingerprint: 'fp_0705bf87c0',
    choices: [{ index: 0, delta: { content: ' word' }, logprobs: null, finish_reason: null }],
    ...rest,
  };
  return Buffer.from(`data: ${JSON.stringify(event)}\n\n`);
}

const sink = { write(): void {}, writeLatin1(): void {} };
const plain = chunk({});
const withNull = chunk({ usage: null, obfuscation: 'aB3' });
const twenty = Buffer.concat(Array.from({ length: 20 }, () => plain));
const halves = [plain.subarray(0, 150), plain.subarray(150)];

function createRelay(hidesUsage: boolean): SseRelay {
  const relay = new SseRelay();
  relay.reset({ format: 'openai', operation: 'chat', hidesUsage });
  relay.push(plain, 0, plain.length, sink);
  return relay;
}

const open = createRelay(false);
const hiding = createRelay(true);
const answer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-123',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'hello there, how are you?' }, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15, prompt_tokens_details: { cached_tokens: 4 } },
  }),
);
const scanner = new UsageScanner();

const word = Buffer.from(
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word"}}\n\n',
);
const anthropic = new SseRelay();
anthropic.reset({ format: 'anthropic', operation: 'chat', hidesUsage: false });
anthropic.push(word, 0, word.length, sink);

const spent = sideBySide({
  [`event of ${plain.length} bytes`]: () => open.push(plain, 0, plain.length, sink) ?? 1,
  'event, usage null, hidden': () => hiding.push(withNull, 0, withNull.length, sink) ?? 1,
  'event in two pieces': () => {
    for (const half of halves) open.push(half, 0, half.length, sink);
    return 1;
  },
  'twenty events in one piece': () => open.push(twenty, 0, twenty.length, sink) ?? 1,
  [`event of Anthropic of ${word.length} bytes`]: () => anthropic.push(word, 0, word.length, sink) ?? 1,
  'JSON.parse of one event': () => JSON.parse(plain.toString('utf8', 6, plain.length - 2)),
  [`usage of an answer of ${answer.length} bytes`]: () => {
    scanner.reset();
    scanner.push(answer, 0, answer.length);
    return scanner.usage.total;
  },
  'JSON.parse of that answer': () => JSON.parse(answer.toString()),
});
for (const [name, ns] of Object.entries(spent)) console.log(`${name}: ${(ns / 1000).toFixed(2)} µs`);
