// Large bodies, up and down, over real sockets: they stream, the slower side sets the pace, and memory stays where it was.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { metricSum } from '../support/exposition.ts';
import { KeepAliveClient } from '../support/keep-alive-client.ts';
import { type Described, describe, startPlainServer } from '../support/plain-server.ts';
import { startTestGateway, until } from './support/gateway.ts';

const MiB = 1024 * 1024;
const BIG_BYTES = 56 * MiB;
/** What the gateway may grow by while a body of 56 MiB passes. */
const MAX_GROWTH_BYTES = 30 * MiB;

let writtenBytes = 0;
const plain = await startPlainServer(FILE_SCOPE, (request, response) => {
  if (request.url !== '/plain/download') {
    describe(request, response);
    return;
  }
  const piece = Buffer.alloc(64 * 1024, 'd');
  const write = (): void => {
    while (writtenBytes < BIG_BYTES) {
      writtenBytes += piece.length;
      if (!response.write(piece)) {
        response.once('drain', write);
        return;
      }
    }
    response.end();
  };
  response.setHeader('content-length', BIG_BYTES);
  write();
});
// One worker: each has a heap of its own, which grows to its working size with the first large body.
const gateway = await startTestGateway(FILE_SCOPE, {
  args: ['--workers', '1'],
  config: {
    backends: { plain: { endpoints: [plain.url] } },
    routes: [{ name: 'plain', match: { path: '/plain/*' }, backend: 'plain' }],
  },
});

async function residentBytes(): Promise<number> {
  return metricSum(await (await gateway.admin('/metrics')).text(), 'process_resident_memory_bytes');
}

/** Runs something and tells how large the gateway's memory was at its peak. */
async function peakDuring(run: () => Promise<void>): Promise<number> {
  let peak = await residentBytes();
  let isOver = false;
  const watched = (async () => {
    while (!isOver) peak = Math.max(peak, await residentBytes());
  })();
  try {
    await run();
  } finally {
    isOver = true;
    await watched;
  }
  return peak;
}

/** Heaps have their working size from the first run on, also that of the thread that is asked for the figure. */
async function growthDuring(run: () => Promise<void>): Promise<number> {
  const before = await peakDuring(run);
  return (await peakDuring(run)) - before;
}

function* pieces(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, 'u');
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
}

for (const framing of ['content-length', 'chunked'] as const) {
  test(`uploads (${framing}) stream through in memory that does not follow their size`, async () => {
    const upload = async (bytes: number): Promise<void> => {
      const digest = createHash('sha256');
      for (const piece of pieces(bytes)) digest.update(piece);
      const headers = framing === 'content-length' ? { 'content-length': bytes } : {};
      const client = new KeepAliveClient(FILE_SCOPE, gateway.url);
      const got = await client.send('/plain/upload', { method: 'PUT', headers, body: pieces(bytes) });
      const seen = JSON.parse(got.text) as Described;
      assert.equal(seen.bytes, bytes);
      assert.equal(seen.sha256, digest.digest('hex'));
    };
    // A heap breathes by tens of megabytes until it has its working size; what was kept of the larger one would be hundreds.
    const small = await peakDuring(() => upload(BIG_BYTES * 4));
    const growth = (await peakDuring(() => upload(BIG_BYTES * 9))) - small;
    assert.ok(growth < BIG_BYTES * 2, `memory grew by ${Math.round(growth / MiB)} MiB`);
  });
}

async function download(isSlow: boolean): Promise<void> {
  writtenBytes = 0;
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`${gateway.url}/plain/download`, resolve);
  });
  if (isSlow) {
    response.pause();
    let before = -1;
    await until('the endpoint is held back', () => {
      const isStill = writtenBytes === before;
      before = writtenBytes;
      return isStill;
    });
    assert.ok(writtenBytes < BIG_BYTES, 'the whole body went into buffers');
  }
  let received = 0;
  for await (const piece of response) received += (piece as Buffer).length;
  assert.equal(received, BIG_BYTES);
}

test('a download of 56 MiB waits for a client that does not read, and memory stays', async () => {
  await download(false);
  const growth = await growthDuring(() => download(true));
  assert.ok(growth < MAX_GROWTH_BYTES, `memory grew by ${Math.round(growth / MiB)} MiB`);
});
