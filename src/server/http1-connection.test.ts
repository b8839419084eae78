// What cannot be shown over real sockets without waiting: memory bounds, and bytes in every possible cut.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineWheel } from '../base/deadline-wheel.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_PATH_POLICY } from '../model/defaults.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { Http1Connection } from './http1-connection.ts';
import type { ServerDeps } from './server-deps.ts';

/** A socket whose other side reads only when told. */
class SlowSocket extends Duplex {
  sent = '';
  private finishWrite: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false, decodeStrings: false });
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.sent += typeof chunk === 'string' ? chunk : chunk.toString('latin1');
    this.finishWrite = done;
  }

  get isWriting(): boolean {
    return this.finishWrite !== undefined;
  }

  readOut(): void {
    const done = this.finishWrite;
    this.finishWrite = undefined;
    done?.();
  }
}

const CLIENT = {
  listener: 'test',
  ip: '10.0.0.1',
  port: 1,
  isTls: false,
  isTrusted: false,
  isTrustedProxy: () => false,
  forwardedLines: '',
  memo: { authority: undefined, lines: '' },
  maxBufferedBodyBytes: 1000,
};

interface Bench {
  readonly socket: SlowSocket;
  readonly seen: string[];
  /** Bytes that left for node:http, undefined when none did. */
  handedOff(): string | undefined;
}

function connect(answer: (exchange: Exchange, body: string) => string): Bench {
  let nowMs = 0;
  let handedOff: string | undefined;
  const seen: string[] = [];
  const socket = new SlowSocket();
  const deps: ServerDeps = {
    handler: () => ({
      handle(exchange) {
        exchange.body.collect(1000, () => {
          const body = exchange.body.wholeText();
          seen.push(`${exchange.method} ${exchange.path} ${body}`);
          const text = answer(exchange, body);
          const source = { pauseReply() {}, resumeReply() {} };
          exchange.writer.begin(
            { status: 200, reason: '', lines: `content-length: ${text.length}\r\n` },
            'length',
            source,
          );
          exchange.writer.writeLatin1(text);
          exchange.writer.end(undefined);
        });
      },
      refuse: () => assert.fail('nothing is refused here'),
      rawError: (code) => `REFUSED ${code}\r\n`,
    }),
    settings: () => ({ name: 'test', ...DEFAULT_LISTENER_LIMITS, path: DEFAULT_PATH_POLICY, isTrusted: () => false }),
    wheel: new DeadlineWheel({ now: () => nowMs++ }),
    observer: { connectionOpened() {}, connectionClosed() {}, handedOff() {}, parseError() {} },
    nowMs: () => nowMs,
    tick() {},
    isDraining: () => false,
  };
  new Http1Connection({ socket: socket as unknown as Socket, reads: undefined }, deps, CLIENT, (_socket, bytes) => {
    handedOff = bytes.toString('latin1');
  });
  return { socket, seen, handedOff: () => handedOff };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a client that does not read its answers cannot make us gather them', async () => {
  const { socket, seen } = connect(() => 'x'.repeat(10_000));
  const asked = 500;
  socket.push(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(asked)));
  await settle();
  assert.ok(seen.length < 50, `${seen.length} requests were answered into memory`);
  while (socket.isWriting) {
    socket.readOut();
    await settle();
  }
  assert.equal(seen.length, asked);
  assert.equal(socket.sent.split('HTTP/1.1 200').length - 1, asked);
});

const requests = [
  'GET /a HTTP/1.1\r\nHost: h\r\n\r\n',
  'POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello',
  '\r\nGET /c?d HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n',
  'POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n',
  'PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 31\r\n\r\nGET /no HTTP/1.1\r\nHost: no\r\n\r\n.',
];
const ends = [
  '',
  'GARBAGE\r\n\r\n',
  'POST /g HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
];

async function run(pieces: readonly Buffer[]): Promise<unknown> {
  const { socket, seen, handedOff } = connect((_exchange, body) => body);
  for (const piece of pieces) {
    socket.push(piece);
    await settle();
    while (socket.isWriting) {
      socket.readOut();
      await settle();
    }
  }
  return { seen, sent: socket.sent, handedOff: handedOff() };
}

test('any split of any sequence of requests is served the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...requests), { maxLength: 5 }),
      fc.constantFrom(...ends),
      fc.array(fc.nat(500), { maxLength: 6 }),
      async (messages, last, places) => {
        const bytes = Buffer.from(messages.join('') + last, 'latin1');
        const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
        const pieces = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
        const split = await run(pieces.filter((piece) => piece.length > 0));
        assert.deepEqual(split, await run(bytes.length === 0 ? [] : [bytes]));
      },
    ),
    { seed: 28, numRuns: 250 },
  );
});

test('byte by byte', async () => {
  const bytes = Buffer.from(requests.join('') + ends[1], 'latin1');
  const whole = await run([bytes]);
  const single = await run(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)));
  assert.deepEqual(single, whole);
});

test('bytes that come in the turn in which the connection is handed over go with it', async () => {
  const { socket, handedOff } = connect(() => '');
  const head = 'PUT /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
  socket.emit('data', Buffer.from(head));
  socket.emit('data', Buffer.from('5\r\nhello\r\n'));
  await settle();
  assert.equal(handedOff(), `${head}5\r\nhello\r\n`);
});
