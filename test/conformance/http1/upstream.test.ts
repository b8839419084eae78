// Connections to endpoints: reuse, staleness, limits, deadlines, and that a client who leaves takes its upstream work along.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { answerEach, OK, RawEndpoint } from '../../support/raw-endpoint.ts';

const open: { close(): void }[] = [];
const gateways: TestGateway[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  for (const { bugs } of gateways.splice(0)) assert.deepEqual(bugs, []);
});

interface Scene {
  readonly endpoint: RawEndpoint;
  readonly gateway: TestGateway;
  client(): RawClient;
}

async function scene(options: Partial<TestGatewayOptions> = {}, onData = answerEach(() => OK)): Promise<Scene> {
  const endpoint = await RawEndpoint.start(onData);
  const gateway = await startGateway({ url: endpoint.url, ...options });
  open.push(gateway, endpoint);
  gateways.push(gateway);
  return {
    endpoint,
    gateway,
    client: () => {
      const client = new RawClient(gateway.port);
      open.push(client);
      return client;
    },
  };
}

function request(method: string, body = ''): string {
  return `${method} /x HTTP/1.1\r\nHost: a\r\n${body === '' ? '' : `Content-Length: ${body.length}\r\n`}\r\n${body}`;
}

/** One request on a connection of its own; resolves with the reply. */
async function once(scenery: Scene, bytes = request('GET')): Promise<string> {
  const client = scenery.client();
  client.send(bytes);
  return client.until((text) => /\r\n\r\n(ok|\{.*\})$/s.test(text));
}

describe('reuse of connections', () => {
  test('requests one after another share one connection', async () => {
    const scenery = await scene();
    for (let index = 0; index < 5; index++) await once(scenery, request('POST', 'body'));
    assert.equal(scenery.endpoint.connections.length, 1);
  });

  test('the most recently used connection is taken first', async () => {
    const scenery = await scene({}, () => {});
    const clients = [scenery.client(), scenery.client()];
    for (const client of clients) client.send(request('GET'));
    await scenery.endpoint.until(
      () => scenery.endpoint.connections.every(({ text }) => text !== '') && scenery.endpoint.connections.length === 2,
    );
    const [first, second] = scenery.endpoint.connections;
    second.send(OK);
    await Promise.any(clients.map((client) => client.until((text) => text.endsWith('ok'))));
    first.send(OK);
    await Promise.all(clients.map((client) => client.until((text) => text.endsWith('ok'))));
    const before = first.text.length;
    scenery.client().send(request('GET'));
    await scenery.endpoint.until(() => first.text.length > before);
    assert.equal(scenery.endpoint.connections.length, 2);
  });

  test('a connection the endpoint half-closed while idle is not used again', async () => {
    const scenery = await scene();
    await once(scenery);
    scenery.endpoint.connections[0].socket.end();
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
    assert.match(await once(scenery, request('POST', 'body')), /^HTTP\/1\.1 200 /);
    assert.equal(scenery.endpoint.connections.length, 2);
  });

  test('bytes on an idle connection close it', async () => {
    const scenery = await scene();
    await once(scenery);
    scenery.endpoint.connections[0].send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
    assert.doesNotMatch(await once(scenery), /poison/);
  });

  test('Connection: close and HTTP/1.0 answers end the connection', async () => {
    for (const answer of [OK.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), OK.replace('1.1', '1.0')]) {
      const scenery = await scene(
        {},
        answerEach(() => answer),
      );
      await once(scenery);
      await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
    }
  });

  test('an announced idle time of one second is never waited for', async () => {
    const scenery = await scene(
      {},
      answerEach(() => OK.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=1\r\n\r\n')),
    );
    await once(scenery);
    await once(scenery);
    assert.equal(scenery.endpoint.connections.length, 2);
  });

  test('a request that died on a stale connection goes out once more, on a fresh one', async () => {
    for (const bytes of [request('GET'), request('POST', 'body')]) {
      let connections = 0;
      const serve = answerEach(() => OK);
      const scenery = await scene({}, (connection) => {
        if (connection.text.split('/x').length === 3) connection.socket.destroy();
        else serve(connection);
        connections = scenery.endpoint.connections.length;
      });
      await once(scenery);
      assert.match(await once(scenery, bytes), /^HTTP\/1\.1 200 /);
      assert.equal(connections, 2);
    }
  });

  test('a request that died on a fresh connection is not sent again', async () => {
    const scenery = await scene({}, (connection) => connection.socket.destroy());
    assert.match(await once(scenery, request('POST', 'body')), /^HTTP\/1\.1 502 .*connection_terminated/s);
    assert.equal(scenery.endpoint.connections.length, 1);
  });
});

describe('limits and deadlines', () => {
  test('max_connections is exact, and who waits is served in order', async () => {
    const scenery = await scene({ pool: { maxConnections: 2 } }, () => {});
    const clients = Array.from({ length: 6 }, () => scenery.client());
    for (const client of clients) client.send(request('GET'));
    const served = new Map<string, number>();
    const serve = (): void => {
      for (const connection of scenery.endpoint.connections) {
        const asked = connection.text.split('\r\n\r\n').length - 1;
        const key = String(connection.socket.remotePort);
        for (let index = served.get(key) ?? 0; index < asked; index++) connection.send(OK);
        served.set(key, asked);
      }
    };
    scenery.endpoint.onData = serve;
    await scenery.endpoint.until(() => scenery.endpoint.connections.length === 2);
    serve();
    await Promise.all(clients.map((client) => client.until((text) => text.endsWith('ok'))));
    assert.equal(scenery.endpoint.connections.length, 2);
    assert.equal(scenery.gateway.resources.table.connections(0), 2);
  });

  test('one more waiting than allowed gets 503 at once', async () => {
    const scenery = await scene({ pool: { maxConnections: 1, maxPending: 0 } }, () => {});
    scenery.client().send(request('GET'));
    await scenery.endpoint.connection(0, (text) => text !== '');
    const reply = await once(scenery);
    assert.match(reply, /^HTTP\/1\.1 503 .*^retry-after: 1\r$.*^proxy-status: .*connection_limit_reached/ms);
  });

  test('who waits too long gets 503', async () => {
    const scenery = await scene({ pool: { maxConnections: 1, pendingTimeoutMs: 40 } }, () => {});
    scenery.client().send(request('GET'));
    await scenery.endpoint.connection(0, (text) => text !== '');
    assert.match(await once(scenery), /^HTTP\/1\.1 503 .*connection_limit_reached/s);
  });

  test('no answer in time is 504, and the connection is closed', async () => {
    const scenery = await scene({ timeouts: { firstByteMs: 40 } }, () => {});
    assert.match(await once(scenery), /^HTTP\/1\.1 504 .*http_response_timeout/s);
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
  });

  test('silence inside an answer cuts it', async () => {
    const scenery = await scene({ timeouts: { idleMs: 40 } }, (connection) =>
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
    );
    const client = scenery.client();
    client.send(request('GET'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 .*\r\n\r\nabc$/s);
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
  });

  test('a refused connection is 502', async () => {
    const gone = await RawEndpoint.start();
    const { url } = gone;
    gone.close();
    const gateway = await startGateway({ url });
    const client = new RawClient(gateway.port);
    open.push(client, gateway);
    client.send(request('GET'));
    assert.match(await client.until((text) => text.endsWith('}')), /^HTTP\/1\.1 502 .*destination_unavailable/s);
  });
});

describe('a client that leaves', () => {
  async function closesWithin(scenery: Scene, count: number, leave: () => void): Promise<void> {
    const leftAtMs = performance.now();
    leave();
    await scenery.endpoint.until(() => scenery.endpoint.closed === count);
    assert.ok(performance.now() - leftAtMs < 100);
  }

  test('while its body is on the way', async () => {
    const scenery = await scene({}, () => {});
    const client = scenery.client();
    client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc');
    await scenery.endpoint.connection(0, (text) => text.endsWith('abc'));
    await closesWithin(scenery, 1, () => client.close());
  });

  test('while its body is held back by the endpoint', async () => {
    const scenery = await scene({}, () => {});
    const client = scenery.client();
    const bytes = 64 * 1024 * 1024;
    client.send(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('\r\n\r\n'));
    connection.socket.pause();
    client.socket.write(Buffer.alloc(bytes / 2));
    await new Promise((resolve) => setImmediate(resolve));
    client.close();
    await scenery.endpoint.until(() => {
      connection.socket.resume();
      return scenery.endpoint.closed === 1;
    });
  });

  test('while it waits for a connection', async () => {
    const scenery = await scene({ pool: { maxConnections: 1 } }, () => {});
    scenery.client().send(request('GET'));
    const connection = await scenery.endpoint.connection(0, (text) => text !== '');
    const waiting = scenery.client();
    waiting.send(request('DELETE'));
    await new Promise((resolve) => setImmediate(resolve));
    waiting.close();
    const last = scenery.client();
    last.send(request('PUT'));
    connection.send(OK);
    await scenery.endpoint.until(() => connection.text.includes('PUT'));
    assert.doesNotMatch(connection.text, /DELETE/);
  });
});

describe('protocol switches', () => {
  const ASK =
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';
  const SWITCH =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n';

  test('bytes pass both ways after 101, those sent early too', async () => {
    const scenery = await scene({}, () => {});
    const client = scenery.client();
    client.send(`${ASK}early`);
    const connection = await scenery.endpoint.connection(0, (text) => text.includes('\r\n\r\n'));
    assert.match(connection.text, /^connection: Upgrade\r\nupgrade: websocket\r$/im);
    connection.send(`${SWITCH}hello`);
    const text = await client.until((all) => all.endsWith('hello'));
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(text, /^upgrade: websocket\r$/im);
    await scenery.endpoint.until(() => connection.text.endsWith('\r\n\r\nearly'));
    client.send('ping');
    await scenery.endpoint.until(() => connection.text.endsWith('earlyping'));
    client.close();
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
  });

  test('megabytes come back whole', async () => {
    const scenery = await scene({}, () => {});
    const client = scenery.client();
    client.send(ASK);
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('\r\n\r\n'));
    connection.send(SWITCH);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    connection.socket.on('data', (chunk) => connection.socket.write(chunk, 'latin1'));
    const before = client.text.length;
    const sent = 'x'.repeat(1024).repeat(4096);
    client.send(sent);
    await client.until((text) => text.length === before + sent.length);
  });

  test('a refused switch is an ordinary answer', async () => {
    const scenery = await scene({}, () => {});
    const client = scenery.client();
    client.send(ASK);
    (await scenery.endpoint.connection(0, (text) => text.endsWith('\r\n\r\n'))).send(
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno',
    );
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 403 .*connection: close\r\n\r\nno$/s);
  });
});
