// 1 GB up and 1 GB down through one worker, at full speed and with a slow end: memory must not follow the body, and every byte
// must arrive. `node bench/macro/large-bodies.ts [gigabytes] [--save]`
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type BenchOptions, type Report, runBench } from './lab/bench.ts';
import { plainConfig } from './lab/configs.ts';
import { residentBytes } from './lab/proc.ts';
import { freePort, NODE, start, waitFor } from './lab/processes.ts';
import { type Gateway, startGateway } from './lab/targets.ts';
import { type Received, receive, send } from './programs/bulk-body.ts';

const MEGABYTE = 1_000_000;
const BAR_MEGABYTES = 30;
const SAMPLE_MS = 10;
const SLOW_BYTES_PER_SECOND = 50 * MEGABYTE;
const WARM_UP_BYTES = 64 * MEGABYTE;
/** Slow transfers are shorter: a gateway that keeps what the slow end has not taken yet shows it within a second. */
const SLOW_SHARE = 0.2;

interface Case {
  readonly name: string;
  readonly isSlow: boolean;
  transfer(port: number, bytes: number): Promise<{ readonly sent: Received; readonly arrived: Received }>;
}

function open(port: number, path: string, framing: Readonly<Record<string, number>>) {
  const call = request({
    port,
    host: '127.0.0.1',
    path,
    method: path.startsWith('/sink') ? 'POST' : 'GET',
    headers: framing,
  });
  const answer = once(call, 'response').then(([response]) => response as IncomingMessage);
  return { call, answer };
}

function upload(query: string, framing: 'length' | 'chunked'): Case['transfer'] {
  return async (port, bytes) => {
    const { call, answer } = open(port, `/sink${query}`, framing === 'length' ? { 'content-length': bytes } : {});
    const sent = await send(call, { bytes, bytesPerSecond: Infinity });
    const parts = (await (await answer).toArray()) as Buffer[];
    return { sent, arrived: JSON.parse(Buffer.concat(parts).toString()) as Received };
  };
}

function download(query: string, bytesPerSecond: number): Case['transfer'] {
  return async (port, bytes) => {
    const { call, answer } = open(port, `/source?bytes=${bytes}${query}`, {});
    call.end();
    const arrived = await receive(await answer, bytesPerSecond);
    return { sent: await expected(bytes), arrived };
  };
}

/** What `send` says of a body that goes nowhere. */
async function expected(bytes: number): Promise<Received> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return await send(nowhere, { bytes, bytesPerSecond: Infinity });
}

const CASES: readonly Case[] = [
  { name: 'up', isSlow: false, transfer: upload('', 'length') },
  { name: 'up, chunked', isSlow: false, transfer: upload('', 'chunked') },
  { name: 'down', isSlow: false, transfer: download('', Infinity) },
  { name: 'down, chunked', isSlow: false, transfer: download('&chunked=1', Infinity) },
  {
    name: 'up to a slow upstream',
    isSlow: true,
    transfer: upload(`?bytesPerSecond=${SLOW_BYTES_PER_SECOND}`, 'length'),
  },
  { name: 'down to a slow client', isSlow: true, transfer: download('', SLOW_BYTES_PER_SECOND) },
];

interface Measured {
  readonly name: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly beforeMegabytes: number;
  readonly growthMegabytes: number;
  readonly isIntact: boolean;
}

async function measureCase({ name, isSlow, transfer }: Case, gateway: Gateway, fullBytes: number): Promise<Measured> {
  await transfer(gateway.port, WARM_UP_BYTES);
  const bytes = isSlow ? Math.round(fullBytes * SLOW_SHARE) : fullBytes;
  const before = residentBytes(gateway.pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(gateway.pid));
  }, SAMPLE_MS);
  const startMs = performance.now();
  const { sent, arrived } = await transfer(gateway.port, bytes);
  const seconds = (performance.now() - startMs) / 1000;
  clearInterval(timer);
  return {
    name,
    bytes,
    seconds,
    beforeMegabytes: before / MEGABYTE,
    growthMegabytes: (most - before) / MEGABYTE,
    isIntact: sent.bytes === bytes && arrived.bytes === bytes && arrived.checksum === sent.checksum,
  };
}

function row({ name, bytes, seconds, beforeMegabytes, growthMegabytes, isIntact }: Measured): string {
  const megabytes = bytes / MEGABYTE;
  const cells = [
    megabytes.toFixed(0),
    (megabytes / seconds).toFixed(0),
    beforeMegabytes.toFixed(0),
    growthMegabytes.toFixed(1),
    isIntact ? 'yes' : 'NO',
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

async function measure({ words, isQuick }: BenchOptions): Promise<Report> {
  const bytes = Number(words[0] ?? (isQuick ? 0.25 : 1)) * 1000 * MEGABYTE;
  const upstream = await freePort();
  start({ command: [NODE, join(import.meta.dirname, 'programs/bulk-upstream.ts'), String(upstream)], cpu: '1' });
  await waitFor(`http://127.0.0.1:${upstream}/source?bytes=1`);
  const gateway = await startGateway(plainConfig(upstream), { workers: 1, cpu: '0' });
  const results: Measured[] = [];
  for (const each of CASES) results.push(await measureCase(each, gateway, bytes));
  const growth = Math.max(...results.map((result) => result.growthMegabytes));
  const isIntact = results.every((result) => result.isIntact);
  return {
    verdicts: [
      {
        figure: `large bodies: RSS grew by at most ${growth.toFixed(1)} MB, bytes ${isIntact ? 'all intact' : 'DAMAGED'}`,
        bar: `< ${BAR_MEGABYTES} MB`,
        isMet: growth < BAR_MEGABYTES && isIntact,
      },
    ],
    lines: [
      `One worker on CPU 0; RSS sampled every ${SAMPLE_MS} ms; growth = most − before, after ${WARM_UP_BYTES / MEGABYTE} MB of the same kind; slow = ${SLOW_BYTES_PER_SECOND / MEGABYTE} MB/s.`,
      '',
      '| body | MB | MB/s | RSS before MB | growth MB | intact |',
      '|---|---|---|---|---|---|',
      ...results.map(row),
    ],
  };
}

await runBench({
  name: 'large-bodies',
  defaults: { seconds: 1, rounds: 1 },
  quick: { seconds: 1, rounds: 1 },
  measure,
});
