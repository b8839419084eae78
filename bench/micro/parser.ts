// Nanoseconds of processor time per parsed head, of a request and of an answer, and per chat body looked at: the codec's share
// of the budget. `node bench/micro/parser.ts`. No sockets; noise is a few percent, so compare runs of the same minute.
import { RequestFacts, scanRequestFacts } from '../../src/llm/request-facts.ts';
import { parseRequestHead, RequestHead } from '../../src/wire/http1-request-parser.ts';
import { parseResponseHead, ResponseHead } from '../../src/wire/http1-response-parser.ts';
import { CHAT_PATH, CHAT_REQUEST } from '../macro/lab/chat.ts';

const ROUNDS = 7;
const CALLS = 200_000;
const LIMITS = { maxHeadBytes: 65_536, maxTargetBytes: 8192, maxHeaders: 100 };

const bytesOf = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');

const SMALL = bytesOf(['GET /hello HTTP/1.1', 'Host: 127.0.0.1:8080']);
const SDK = bytesOf([
  `POST ${CHAT_PATH} HTTP/1.1`,
  'host: gateway.example.com',
  'accept: application/json',
  'content-type: application/json',
  'user-agent: OpenAI/JS 7.55.0',
  'x-stainless-retry-count: 0',
  'x-stainless-timeout: 600',
  'x-stainless-lang: js',
  'x-stainless-package-version: 7.55.0',
  'x-stainless-os: Linux',
  'x-stainless-arch: x64',
  'x-stainless-runtime: node',
  'x-stainless-runtime-version: v26.10.0',
  'authorization: Bearer sk-0123456789abcdef0123456789abcdef',
  'connection: keep-alive',
  'accept-language: *',
  'sec-fetch-mode: cors',
  'accept-encoding: br, gzip, deflate',
  `content-length: ${CHAT_REQUEST.length}`,
]);
const ANSWER = bytesOf([
  'HTTP/1.1 200 OK',
  'Server: nginx/1.22.1',
  'Date: Sat, 21 Nov 2026 06:00:00 GMT',
  'Content-Type: application/json',
  'Content-Length: 285',
  'Connection: keep-alive',
]);
const BODY = Buffer.from(CHAT_REQUEST);

const requestHead = new RequestHead();
const responseHead = new ResponseHead();
const facts = new RequestFacts();

/** Each says whether it worked, so that a parser that gives up is not taken for a fast one. */
const JOBS: Readonly<Record<string, () => boolean>> = {
  'request head, 2 lines': () => parseRequestHead(SMALL, 0, SMALL.length, LIMITS, requestHead) === SMALL.length,
  'request head, SDK, 19 lines': () => parseRequestHead(SDK, 0, SDK.length, LIMITS, requestHead) === SDK.length,
  'response head, 6 lines': () => parseResponseHead(ANSWER, 0, ANSWER.length, 'POST', responseHead) === ANSWER.length,
  'chat body, facts by scan': () => scanRequestFacts(BODY, 0, BODY.length, facts),
};

function nanosecondsPerCall(job: () => boolean): number {
  const start = process.cpuUsage();
  let worked = 0;
  for (let call = 0; call < CALLS; call++) if (job()) worked++;
  const { user, system } = process.cpuUsage(start);
  if (worked !== CALLS) throw new Error('the input was refused');
  return ((user + system) * 1000) / CALLS;
}

for (const [name, job] of Object.entries(JOBS)) {
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsPerCall(job)).sort((a, b) => a - b);
  console.log(`${name.padEnd(30)} ${rounds[ROUNDS >> 1].toFixed(0).padStart(6)} ns (best ${rounds[0].toFixed(0)})`);
}
