// One client that opens stream after stream on one connection and notes how long each took from its request to its first content
// event. A process of its own. `first-token.ts '{JSON of FirstTokenOptions}'` prints one JSON line.
import { connect } from 'node:net';
import { CHAT_PATH, STREAM_REQUEST } from '../lab/chat.ts';
import { percentile } from '../lab/statistics.ts';

export interface FirstTokenOptions {
  readonly port: number;
  /** Measured for so long. */
  readonly milliseconds: number;
  /** Streams before the first that counts. */
  readonly warmUpStreams: number;
}

export interface FirstTokenResult {
  readonly streams: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const options = JSON.parse(process.argv[2]) as FirstTokenOptions;

const MARK = ' at ';
/** The last chunk. What carries the marks is ASCII, so no piece of them is lost between two reads but by the cut itself. */
const END = '\r\n0\r\n\r\n';
const REQUEST = `POST ${CHAT_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\ncontent-type: application/json\r\nauthorization: Bearer k\r\ncontent-length: ${STREAM_REQUEST.length}\r\n\r\n${STREAM_REQUEST}`;

function readStreams(): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const latenciesMs: number[] = [];
    const socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    let streams = 0;
    let text = '';
    let hasToken = false;
    let sentMs = 0;
    let endMs = Number.POSITIVE_INFINITY;
    const ask = (): void => {
      text = '';
      hasToken = false;
      if (streams++ === options.warmUpStreams) endMs = performance.now() + options.milliseconds;
      sentMs = performance.now();
      socket.write(REQUEST, 'latin1');
    };
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`the connection ended: ${text.slice(0, 500)}`)));
    socket.on('data', (bytes: Buffer) => {
      const nowMs = performance.now();
      text += bytes.toString('latin1');
      if (!hasToken && text.includes(MARK)) {
        hasToken = true;
        if (streams > options.warmUpStreams) latenciesMs.push(nowMs - sentMs);
      }
      if (!text.endsWith(END)) return;
      if (!hasToken) reject(new Error(`a stream without content: ${text.slice(0, 500)}`));
      else if (nowMs < endMs) ask();
      else {
        resolve(latenciesMs);
        socket.destroy();
      }
    });
  });
}

const ascending = Float64Array.from(await readStreams()).sort();
const result: FirstTokenResult = {
  streams: ascending.length,
  p50Ms: percentile(ascending, 50),
  p99Ms: percentile(ascending, 99),
};
console.log(JSON.stringify(result));
