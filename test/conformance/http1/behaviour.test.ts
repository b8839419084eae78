// How a connection behaves over time, on both serving paths: order, reuse, deadlines, limits, expectations, half-closed clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import type { Exchange } from '../../../src/pipeline/exchange.ts';
import type { ExchangeHandler } from '../../../src/server/server-deps.ts';
import { echoHandler, reply } from '../../support/echo-handler.ts';
import { startListener, type TestListener, type TestListenerOptions } from '../../support/listener.ts';
import { RawClient } from '../../support/raw-client.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function listen(options: Partial<TestListenerOptions> = {}): Promise<TestListener> {
  const listener = await startListener({ handler: echoHandler, ...options });
  open.push(listener);
  return listener;
}

function connect({ port }: TestListener): RawClient {
  const client = new RawClient(port);
  open.push(client);
  return client;
}

const OPENING = 'POST /first HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

/** A connection on one of the two paths, its opening request answered. */
async function connectOn(path: 'fresh' | 'handed off', listener: TestListener): Promise<RawClient> {
  const client = connect(listener);
  if (path === 'fresh') return client;
  client.send(OPENING);
  await client.until((text) => text.includes('"/first"'));
  client.text = '';
  return client;
}

function get(target: string, lines = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
}

function targetsOf(text: string): readonly string[] {
  return [...text.matchAll(/"target":"([^"]*)"/g)].map((found) => found[1]);
}

/** Keeps exchanges until the test lets them go, and answers with their target. */
class Gate implements ExchangeHandler {
  readonly held: Exchange[] = [];
  gone = 0;
  private readonly watchers: (() => void)[] = [];

  handle(exchange: Exchange): void {
    this.held.push(exchange);
    exchange.owner = {
      onShutdown() {},
      onBug() {},
      onClientGone: () => {
        this.gone++;
        this.wake();
      },
    };
    this.wake();
  }

  private wake(): void {
    for (const watcher of this.watchers.splice(0)) watcher();
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  release(index: number): void {
    const exchange = this.held[index];
    reply(exchange, 200, `"target":"${exchange.path}"`);
  }

  refuse(exchange: Exchange): void {
    reply(exchange, 400, 'refused');
  }

  rawError = echoHandler.rawError;
}

for (const path of ['fresh', 'handed off'] as const) {
  describe(`a connection, ${path}`, () => {
    test('pipelined requests are answered in order', async () => {
      const client = await connectOn(path, await listen());
      client.send(Array.from({ length: 50 }, (_, index) => get(`/${index}`)).join(''));
      const text = await client.until((all) => targetsOf(all).length === 50);
      assert.deepEqual(
        targetsOf(text),
        Array.from({ length: 50 }, (_, index) => `/${index}`),
      );
    });

    test('a pipelined request waits for the answer before it', async () => {
      const gate = new Gate();
      const listener = await listen({ handler: gate });
      const client = connect(listener);
      if (path === 'handed off') client.send(OPENING);
      client.send(get('/1') + get('/2'));
      const before = path === 'handed off' ? 1 : 0;
      for (let index = 0; index < before + 2; index++) {
        await gate.until(() => gate.held.length === index + 1);
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal(gate.held.length, index + 1);
        gate.release(index);
      }
      const text = await client.until((all) => targetsOf(all).length === before + 2);
      assert.deepEqual(targetsOf(text).slice(before), ['/1', '/2']);
    });

    test('a bad request behind good ones is answered after them', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      client.send(path === 'fresh' ? get('/1') : OPENING.replace('first', '1'));
      await gate.until(() => gate.held.length === 1);
      client.send(`${get('/2')}GET / HTTP/1.1\r\nHost : a\r\n\r\n`);
      await new Promise((resolve) => setImmediate(resolve));
      gate.release(0);
      await gate.until(() => gate.held.length === 2);
      gate.release(1);
      const text = await client.untilEnd();
      assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
    });

    test('the connection is closed after as many requests as configured, and says so', async () => {
      const limits = { maxRequestsPerConnection: path === 'fresh' ? 2 : 3 };
      const client = await connectOn(path, await listen({ limits }));
      client.send(get('/1') + get('/2') + get('/3'));
      const text = await client.untilEnd();
      assert.deepEqual(targetsOf(text), ['/1', '/2']);
      assert.equal(text.match(/connection: close/g)?.length, 1);
    });

    test('a slow head gets 408', async () => {
      const client = await connectOn(path, await listen({ limits: { headTimeoutMs: 60 } }));
      client.send('GET /slow HTTP/1.1\r\nHos');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 408 .*request\.head-timeout$/s);
    });

    test('a slow body gets 408', async () => {
      const client = await connectOn(path, await listen({ limits: { bodyTimeoutMs: 60 } }));
      client.send('POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 408 .*connection: close.*request\.body-timeout$/s);
    });

    test('a slow chunked body gets 408', async () => {
      const client = await connectOn(path, await listen({ limits: { bodyTimeoutMs: 60 } }));
      client.send('POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 408 .*connection: close.*request\.body-timeout$/s);
    });

    test('an idle connection is closed without a word', async () => {
      const client = await connectOn(path, await listen({ limits: { idleTimeoutMs: 60 } }));
      if (path === 'fresh') {
        client.send(get('/'));
        await client.until((text) => text.endsWith('}'));
        client.text = '';
      }
      assert.equal(await client.untilEnd(), '');
    });

    test('a client that goes away is noticed', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      client.send(path === 'fresh' ? get('/1') : OPENING);
      await gate.until(() => gate.held.length === 1);
      client.close();
      await gate.until(() => gate.gone === 1);
      assert.equal(gate.held[0].signal.aborted, true);
    });

    test('a half-closed client counts as gone', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      client.send(path === 'fresh' ? get('/1') : OPENING);
      await gate.until(() => gate.held.length === 1);
      client.socket.end();
      await gate.until(() => gate.gone === 1);
      assert.equal(await client.untilEnd(), '');
    });

    test('an answer before the body was read closes the connection', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      const framing = path === 'fresh' ? 'Content-Length: 100' : 'Transfer-Encoding: chunked';
      client.send(`POST /early HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`);
      await gate.until(() => gate.held.length === 1);
      gate.release(0);
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 .*connection: close.*"\/early"$/s);
    });

    test('an answer to HEAD has no body, and the next one follows', async () => {
      const client = await connectOn(path, await listen());
      client.send(`HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n${get('/next', 'Connection: close\r\n')}`);
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\ncontent-length: \d+\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    });

    test('draining closes after the reply under way', async () => {
      const gate = new Gate();
      const listener = await listen({ handler: gate });
      const client = connect(listener);
      client.send(path === 'fresh' ? get('/1') : OPENING.replace('first', '1'));
      await gate.until(() => gate.held.length === 1);
      listener.setDraining();
      listener.server.drain();
      gate.release(0);
      assert.match(await client.untilEnd(), /connection: close.*"\/1"$/s);
    });

    test('draining closes idle connections', async () => {
      const listener = await listen();
      const client = await connectOn(path, listener);
      if (path === 'fresh') {
        client.send(get('/'));
        await client.until((text) => text.endsWith('}'));
      }
      listener.server.drain();
      await client.untilEnd();
    });

    test('informational replies come before the final one', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      client.send(path === 'fresh' ? get('/1') : OPENING.replace('first', '1'));
      await gate.until(() => gate.held.length === 1);
      gate.held[0].writer.informational({ status: 103, reason: '', lines: 'link: </a>\r\n' });
      await client.until((text) => text === 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
      gate.release(0);
      await client.until((text) => text.endsWith('"/1"'));
    });

    test('chunked replies, their trailers, and cuts that show', async () => {
      const gate = new Gate();
      const client = connect(await listen({ handler: gate }));
      client.send(path === 'fresh' ? get('/1') : OPENING);
      await gate.until(() => gate.held.length === 1);
      const { writer } = gate.held[0];
      writer.begin({ status: 200, reason: '', lines: '' }, 'chunked', { pauseReply() {}, resumeReply() {} });
      writer.writeLatin1('abc');
      writer.flush();
      await client.until((text) => text.endsWith('\r\n\r\n3\r\nabc\r\n'));
      assert.match(client.text, /^HTTP\/1\.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n/);
      writer.abort();
      assert.doesNotMatch(await client.untilEnd(), /0\r\n\r\n$/);
    });
  });
}

describe('what only one path meets', () => {
  const expecting = 'POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';

  test('100 is sent when the body is wanted, and not before', async () => {
    const gate = new Gate();
    const client = connect(await listen({ handler: gate }));
    client.send(expecting);
    await gate.until(() => gate.held.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(client.text, '');
    gate.held[0].body.collect(100, () => gate.release(0));
    await client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    await client.until((text) => text.endsWith('"/e"'));
  });

  test('no 100 when the answer needs no body, and the connection closes', async () => {
    const gate = new Gate();
    const client = connect(await listen({ handler: gate }));
    client.send(expecting);
    await gate.until(() => gate.held.length === 1);
    gate.release(0);
    const text = await client.untilEnd();
    assert.match(text, /^HTTP\/1\.1 200 .*connection: close/s);
  });

  test('HTTP/1.0 is kept open only when asked, and gets no chunks', async () => {
    const gate = new Gate();
    const client = connect(await listen({ handler: gate }));
    client.send('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await gate.until(() => gate.held.length === 1);
    gate.release(0);
    await client.until((text) => /^HTTP\/1\.1 200 .*connection: keep-alive.*"\/1"$/s.test(text));
    client.text = '';
    client.send('GET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await gate.until(() => gate.held.length === 2);
    const { writer } = gate.held[1];
    writer.informational({ status: 103, reason: '', lines: '' });
    writer.begin({ status: 200, reason: '', lines: '' }, 'chunked', { pauseReply() {}, resumeReply() {} });
    writer.writeLatin1('abc');
    writer.end(undefined);
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\nconnection: close\r\n\r\nabc$/);
  });

  test('the connection above the limit is closed at once', async () => {
    const listener = await listen({ limits: { maxConnections: 1 } });
    const first = connect(listener);
    first.send(get('/1'));
    await first.until((text) => text.endsWith('}'));
    const second = connect(listener);
    assert.equal(await second.untilEnd(), '');
    first.close();
    await once(first.socket, 'close');
  });

  test('a connection on which nothing is ever sent is closed', async () => {
    const client = connect(await listen({ limits: { headTimeoutMs: 50 } }));
    assert.equal(await client.untilEnd(), '');
  });

  test('requests and a hand-off in one packet are answered in order', async () => {
    const client = connect(await listen());
    client.send(get('/1') + get('/2') + OPENING + get('/3') + get('/4', 'Connection: close\r\n'));
    assert.deepEqual(targetsOf(await client.untilEnd()), ['/1', '/2', '/first', '/3', '/4']);
  });
});
