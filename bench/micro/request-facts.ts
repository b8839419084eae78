// The byte scan of a request, and the splicing of its model, against JSON.parse and JSON.stringify. `node bench/micro/request-facts.ts`.
import { RequestFacts, scanRequestFacts } from '../../src/llm/request-facts.ts';
import { createRequestChange, planSplice, spliceBuffer, spliceLatin1 } from '../../src/llm/splice.ts';
import { sideBySide } from './side-by-side.ts';

/** A chat request of about this many bytes, with the escapes and the letters beyond ASCII that real text has. */
function request(bytes: number): Buffer {
  const sentence = 'Tell me “something” about the\nhistory of gateways, über alles. ';
  const turns = Math.max(1, Math.round(bytes / 4000));
  const messages = Array.from({ length: turns }, (_, turn) => ({
    role: turn % 2 === 0 ? 'user' : 'assistant',
    content: sentence.repeat(Math.max(1, Math.round((bytes - 180) / turns / 72))),
  }));
  const body = { model: 'gpt-4o-mini', messages, temperature: 0.7, max_tokens: 256, stream: true };
  return Buffer.from(JSON.stringify(body));
}

const change = createRequestChange({ model: 'another-model', asksUsage: false });

for (const bytes of [540, 10_000, 1_000_000]) {
  const body = request(bytes);
  const facts = new RequestFacts();
  if (!scanRequestFacts(body, 0, body.length, facts)) throw new Error('the body is not JSON');
  const splice = body.length <= 16 * 1024 ? spliceLatin1 : spliceBuffer;
  const spent = sideBySide({
    scan: () => scanRequestFacts(body, 0, body.length, facts),
    'JSON.parse': () => JSON.parse(body.toString()),
    'scan + splice': () => {
      scanRequestFacts(body, 0, body.length, facts);
      return splice(body, 0, body.length, planSplice(body, facts, change));
    },
    'parse + stringify': () => JSON.stringify({ ...JSON.parse(body.toString()), model: 'another-model' }),
  });
  const cells = Object.entries(spent).map(([name, ns]) => `${name} ${(ns / 1000).toFixed(2)} µs`);
  console.log(`${String(body.length).padStart(8)} bytes: ${cells.join(', ')}`);
}
