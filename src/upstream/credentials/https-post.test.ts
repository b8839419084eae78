// One POST over a real socket: what is sent, what comes back, and answers that are none.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createPost } from './https-post.ts';

const post = createPost(request);

async function withServer(listener: RequestListener, ask: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/token`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('posts a form and gives status and body; redirects are answers', async () => {
  let asked = '';
  await withServer(
    (incoming, outgoing) => {
      incoming.on('data', (piece: Buffer) => {
        asked += `${incoming.method} ${incoming.url} ${incoming.headers['content-type']} ${piece.toString()}`;
      });
      incoming.on('end', () => outgoing.writeHead(302, { location: 'http://127.0.0.1:1/' }).end('moved é'));
    },
    async (url) => assert.deepEqual(await post(url, 'a=b'), { status: 302, body: 'moved é' }),
  );
  assert.equal(asked, 'POST /token application/x-www-form-urlencoded a=b');
});

test('an answer that is cut, endless or missing is a rejection', async () => {
  const ways: readonly RequestListener[] = [
    (incoming) => incoming.socket.destroy(),
    (incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' }).write('{');
      incoming.on('end', () => incoming.socket.destroy());
      incoming.resume();
    },
    (_, outgoing) => outgoing.end('a'.repeat(1_000_000)),
  ];
  for (const way of ways) await withServer(way, async (url) => assert.rejects(post(url, 'a=b')));
  await assert.rejects(post('http://127.0.0.1:1/', 'a=b'));
});
