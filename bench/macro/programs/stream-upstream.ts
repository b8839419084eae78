// A cheap AI provider for streams, in a process of its own: answers every POST with events of OpenAI or Anthropic, one write per event,
// a fixed time apart, then finish, usage and [DONE]. Each event carries when it was written, so that readers can tell its delay.
// `stream-upstream.ts '{JSON of StreamUpstreamOptions}'`
import { createServer, type Socket } from 'node:net';
import { STREAM_USAGE } from '../lab/chat.ts';

export interface StreamUpstreamOptions {
  readonly port: number;
  readonly events: number;
  readonly gapMs: number;
  readonly wire: StreamWire;
  /** The first event is written with the head, not when its turn comes. */
  readonly isPrompt?: boolean;
}

export type StreamWire = 'openai' | 'anthropic';

const { port, events, gapMs, wire, isPrompt = false } = JSON.parse(process.argv[2]) as StreamUpstreamOptions;

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n';
const CHUNK = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini",';

const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const event = (json: string): string => chunked(`data: ${json}\n\n`);

const named = (name: string, rest: string): string => chunked(`event: ${name}\ndata: {"type":"${name}"${rest}}\n\n`);

interface Wording {
  /** Behind the head of the answer. */
  readonly first: string;
  content(text: string): string;
  readonly last: string;
}

const WORDINGS: Readonly<Record<StreamWire, Wording>> = {
  openai: {
    first: '',
    content: (text) => event(`${CHUNK}"choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":null}]}`),
    last: [
      event(`${CHUNK}"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`),
      event(`${CHUNK}"choices":[],"usage":${JSON.stringify(STREAM_USAGE)}}`),
      chunked('data: [DONE]\n\n'),
    ].join(''),
  },
  anthropic: {
    first: [
      named(
        'message_start',
        `,"message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":${STREAM_USAGE.prompt_tokens},"output_tokens":1}}`,
      ),
      named('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}'),
    ].join(''),
    content: (text) => named('content_block_delta', `,"index":0,"delta":{"type":"text_delta","text":"${text}"}`),
    last: [
      named('content_block_stop', ',"index":0'),
      named(
        'message_delta',
        `,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":${STREAM_USAGE.completion_tokens}}`,
      ),
      named('message_stop', ''),
    ].join(''),
  },
};

const { first, content: contentOf, last } = WORDINGS[wire];
const LAST = `${last}0\r\n\r\n`;

/** Microseconds of the machine's monotonic clock: the same in all its processes. */
function stamp(): string {
  return (process.hrtime.bigint() / 1000n).toString();
}

/** Made once per millisecond for all streams that are due: the upstream must cost less than what it measures. */
function contentEvent(): Buffer {
  return Buffer.from(contentOf(` at ${stamp()}`), 'latin1');
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
  socket.write(HEAD + first, 'latin1');
  if (isPrompt) writeNext(stream, phase, contentEvent());
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
