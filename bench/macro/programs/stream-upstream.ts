// A cheap AI provider for streams, in a process of its own: answers every POST with OpenAI chunk events, one write per event,
// a fixed time apart, then finish, usage and [DONE]. Each event carries when it was written, so that readers can tell its delay.
// `stream-upstream.ts '{JSON of StreamUpstreamOptions}'`
import { createServer, type Socket } from 'node:net';
import { STREAM_USAGE } from '../lab/chat.ts';

export interface StreamUpstreamOptions {
  readonly port: number;
  readonly events: number;
  readonly gapMs: number;
}

const { port, events, gapMs } = JSON.parse(process.argv[2]) as StreamUpstreamOptions;

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n';
const CHUNK = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini",';

const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const event = (json: string): string => chunked(`data: ${json}\n\n`);

const LAST = [
  event(`${CHUNK}"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`),
  event(`${CHUNK}"choices":[],"usage":${JSON.stringify(STREAM_USAGE)}}`),
  chunked('data: [DONE]\n\n'),
  '0\r\n\r\n',
].join('');

/** Microseconds of the machine's monotonic clock: the same in all its processes. */
function stamp(): string {
  return (process.hrtime.bigint() / 1000n).toString();
}

/** Made once per millisecond for all streams that are due: the upstream must cost less than what it measures. */
function contentEvent(): Buffer {
  const delta = `{"content":" at ${stamp()}"}`;
  return Buffer.from(event(`${CHUNK}"choices":[{"index":0,"delta":${delta},"finish_reason":null}]}`), 'latin1');
}

interface Stream {
  readonly socket: Socket;
  left: number;
}

/** Streams by the millisecond of the gap at which their next event is due: one timer for all, and no bursts. */
const phases: Set<Stream>[] = Array.from({ length: gapMs }, () => new Set());
let atMs = Math.floor(performance.now());
let nextPhase = 0;

function advance(): void {
  const nowMs = Math.floor(performance.now());
  for (; atMs < nowMs; atMs++) {
    const phase = phases[atMs % gapMs];
    const content = contentEvent();
    for (const stream of phase) writeNext(stream, phase, content);
  }
}

function writeNext(stream: Stream, phase: Set<Stream>, content: Buffer): void {
  if (stream.left-- > 0) {
    stream.socket.write(content);
    return;
  }
  phase.delete(stream);
  stream.socket.write(LAST, 'latin1');
}

/** Answers one request; a stream is returned, so that the connection's end can end it. */
function answer(socket: Socket, head: string): { readonly stream: Stream; readonly phase: Set<Stream> } | undefined {
  if (!head.startsWith('POST ')) {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', 'latin1');
    return undefined;
  }
  const stream = { socket, left: events };
  const phase = phases[nextPhase++ % gapMs];
  phase.add(stream);
  socket.write(HEAD, 'latin1');
  return { stream, phase };
}

const server = createServer({ noDelay: true }, (socket) => {
  let held = '';
  let current: ReturnType<typeof answer>;
  socket.on('data', (bytes: Buffer) => {
    held += bytes.toString('latin1');
    for (;;) {
      const headEnd = held.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(held.slice(0, headEnd))?.[1] ?? 0);
      const requestEnd = headEnd + 4 + length;
      if (held.length < requestEnd) return;
      current = answer(socket, held.slice(0, headEnd));
      held = held.slice(requestEnd);
    }
  });
  socket.on('close', () => current?.phase.delete(current.stream));
  // 'close' follows.
  socket.on('error', () => {});
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 });
setInterval(advance, 1);
