// What a proxy must do to messages that pass: fields of the connection, Via, interim answers, bodies that must not be, trailers,
// protocol switches; and what it must do when an endpoint misbehaves.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { startGateway, type TestGateway, type TestGatewayOptions } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { type EndpointConnection, OK, RawEndpoint } from '../../support/raw-endpoint.ts';

const open: { close(): void }[] = [];
const gateways: TestGateway[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  for (const { bugs } of gateways.splice(0)) assert.deepEqual(bugs, []);
});

interface Scene {
  readonly client: RawClient;
  readonly endpoint: RawEndpoint;
  readonly gateway: TestGateway;
}

async function scene(options: Partial<TestGatewayOptions> = {}): Promise<Scene> {
  const endpoint = await RawEndpoint.start();
  const gateway = await startGateway({ url: endpoint.url, ...options });
  const client = new RawClient(gateway.port);
  open.push(client, gateway, endpoint);
  gateways.push(gateway);
  return { client, endpoint, gateway };
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** One request that reaches the endpoint, on the path of choice. */
async function ask(
  { client, endpoint }: Scene,
  path: 'fresh' | 'handed off',
  lines = '',
  line = 'POST /x HTTP/1.1',
): Promise<EndpointConnection> {
  client.send(
    `${line}\r\nHost: a\r\n${path === 'fresh' ? '' : CHUNKED}${lines}\r\n${path === 'fresh' ? '' : '0\r\n\r\n'}`,
  );
  const end = path === 'fresh' ? '\r\n\r\n' : '\r\n\r\n0\r\n\r\n';
  return endpoint.connection(0, (text) => text.endsWith(end));
}

async function answerTo(
  scenery: Scene,
  path: 'fresh' | 'handed off',
  answer: string,
  isThere: RegExp,
): Promise<string> {
  const connection = await ask(scenery, path, '', path === 'fresh' ? 'GET /x HTTP/1.1' : 'POST /x HTTP/1.1');
  connection.send(answer);
  return scenery.client.until((text) => isThere.test(text));
}

for (const path of ['fresh', 'handed off'] as const) {
  describe(`proxying, ${path}`, () => {
    test('fields of the connection stay behind, nominated ones too, ours never', async () => {
      const { text } = await ask(
        await scene(),
        path,
        'Connection: keep-alive, X-Mine, X-Forwarded-For, Via, Host\r\nKeep-Alive: timeout=9\r\nX-Mine: 1\r\nProxy-Connection: x\r\nTE: gzip\r\nX-Other: 2\r\nProxy-Authorization: Basic x\r\n',
      );
      assert.doesNotMatch(text, /^(connection|keep-alive|proxy-connection|te|x-mine|proxy-authorization|upgrade):/im);
      assert.match(text, /^x-other: 2\r$/im);
      assert.match(text, /^x-forwarded-for: 127\.0\.0\.1\r$/im);
      assert.match(text, /^via: 1\.1 gateway-under-test\r$/im);
      assert.equal(text.match(/^host: a\r$/gim)?.length, 1);
    });

    test('Via is continued, and a loop is refused', async () => {
      const scenery = await scene();
      const { text } = await ask(scenery, path, 'Via: 1.0 fred, 1.1 p.example\r\n');
      assert.match(text, /^via: 1\.0 fred, 1\.1 p\.example, 1\.1 gateway-under-test\r$/im);
      const again = await scene();
      again.client.send(
        `GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 gateway-under-test\r\n${path === 'fresh' ? '' : CHUNKED}\r\n${path === 'fresh' ? '' : '0\r\n\r\n'}`,
      );
      const reply = await again.client.until((all) => all.endsWith('}'));
      assert.match(reply, /^HTTP\/1\.1 508 /);
      assert.match(reply, /^proxy-status: .*proxy_loop_detected\r$/m);
    });

    test('fields of the answer’s connection stay behind', async () => {
      const answer =
        'HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\nProxy-Authenticate: Basic\r\nX-End: 2\r\nVia: 1.1 inner\r\nContent-Length: 2\r\n\r\nok';
      const text = await answerTo(await scene(), path, answer, /ok$/);
      assert.doesNotMatch(text, /^(connection|keep-alive|upgrade|x-hop|proxy-authenticate):/im);
      assert.match(text, /^X-End: 2\r$/m);
      assert.match(text, /^via: 1\.1 inner, 1\.1 gateway-under-test\r$/m);
    });

    test('interim answers are forwarded, 100 is not', async () => {
      const answer = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n${OK}`;
      const text = await answerTo(await scene(), path, answer, /ok$/);
      assert.deepEqual(text.match(/HTTP\/1\.1 \d+ [^\r]+/g), [
        'HTTP/1.1 103 Early Hints',
        'HTTP/1.1 199 Odd',
        'HTTP/1.1 200 OK',
      ]);
      assert.match(text, /^Link: <\/a>\r$/m);
    });

    test('204 and 304 have no body and no length of one', async () => {
      for (const status of ['204 No Content', '304 Not Modified']) {
        const scenery = await scene();
        const text = await answerTo(
          scenery,
          path,
          `HTTP/1.1 ${status}\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n`,
          /\r\n\r\n$/,
        );
        assert.ok(text.startsWith(`HTTP/1.1 ${status}\r\n`));
        assert.equal(/content-length/i.test(text), status.startsWith('304'));
        assert.doesNotMatch(text, /transfer-encoding/);
        scenery.client.text = '';
        scenery.client.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
        const connection = await scenery.endpoint.connection(0, (all) => all.includes('/next'));
        connection.send(OK);
        await scenery.client.until((all) => all.startsWith('HTTP/1.1 200') && all.endsWith('ok'));
      }
    });

    test('chunked and close-delimited answers become chunks', async () => {
      const coded = await answerTo(
        await scene(),
        path,
        `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n3;x=y\r\nabc\r\n0\r\n\r\n`,
        /0\r\n\r\n$/,
      );
      assert.match(coded, /transfer-encoding: chunked\r\n(?:.*\r\n)?\r\n3\r\nabc\r\n0\r\n\r\n$/s);
      const scenery = await scene();
      const connection = await ask(scenery, path);
      connection.socket.end('HTTP/1.1 200 OK\r\n\r\nabc');
      const text = await scenery.client.until((all) => all.endsWith('0\r\n\r\n'));
      assert.match(text, /transfer-encoding: chunked\r\n(?:.*\r\n)?\r\n3\r\nabc\r\n0\r\n\r\n$/s);
    });

    test('trailers of an answer go to clients that take them, without the forbidden ones', async () => {
      const answer = `HTTP/1.1 200 OK\r\n${CHUNKED}Trailer: X-Sum\r\n\r\n1\r\na\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n`;
      const taking = await scene();
      (await ask(taking, path, 'TE: trailers\r\n')).send(answer);
      const text = await taking.client.until((all) => /0\r\n(.*\r\n)*\r\n$/.test(all));
      assert.match(text, /1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n$/);
      const plain = await scene();
      (await ask(plain, path)).send(answer);
      assert.match(await plain.client.until((all) => /0\r\n(.*\r\n)*\r\n$/.test(all)), /1\r\na\r\n0\r\n\r\n$/);
    });

    test('an answer cut short is cut for the client too', async () => {
      const answers = [
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
        `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n3\r\nabc\r\n`,
        `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n3\r\nabc\r\nzz\r\n`,
      ];
      for (const answer of answers) {
        const scenery = await scene();
        (await ask(scenery, path)).socket.end(answer);
        const text = await scenery.client.untilEnd();
        assert.match(text, /^HTTP\/1\.1 200 /);
        assert.doesNotMatch(text, /0\r\n\r\n$/);
      }
    });

    test('an answer that is no HTTP gets 502 and a closed connection behind it', async () => {
      const answers = [
        'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na',
        'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
        'HTTP/2 200\r\n\r\n',
        'garbage\r\n\r\n',
        `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`,
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      ];
      for (const answer of answers) {
        const scenery = await scene();
        (await ask(scenery, path)).send(answer);
        const text = await scenery.client.until((all) => all.endsWith('}'));
        assert.match(text, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
        assert.match(text, /^proxy-status: .*error=http_protocol_error\r$/m);
        await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
      }
    });

    test('bytes behind an answer never become the next one', async () => {
      const scenery = await scene();
      const text = await answerTo(scenery, path, `${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`, /ok$/);
      assert.doesNotMatch(text, /poison/);
      await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
      scenery.client.text = '';
      scenery.client.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
      const connection = await scenery.endpoint.connection(1, (all) => all.includes('/next'));
      connection.send(OK);
      await scenery.client.until((all) => all.endsWith('ok'));
    });

    test('a client that leaves ends the upstream connection, waiting or in mid-answer', async () => {
      for (const sent of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc']) {
        const scenery = await scene();
        const connection = await ask(scenery, path);
        if (sent !== '') {
          connection.send(sent);
          await scenery.client.until((all) => all.endsWith('abc'));
        }
        const leftAtMs = performance.now();
        scenery.client.close();
        await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
        assert.ok(performance.now() - leftAtMs < 100);
      }
    });
  });
}

describe('forwarding details', () => {
  test('Max-Forwards on OPTIONS is counted down, and answered here at zero', async () => {
    const scenery = await scene();
    scenery.client.send('OPTIONS /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\n\r\n');
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('\r\n\r\n'));
    assert.match(connection.text, /^max-forwards: 2\r$/im);
    connection.send(OK);
    await scenery.client.until((text) => text.endsWith('ok'));
    scenery.client.text = '';
    scenery.client.send('OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n');
    const text = await scenery.client.until((all) => all.endsWith('\r\n\r\n'));
    assert.match(text, /^HTTP\/1\.1 204 .*^allow: GET, /ms);
    assert.equal(scenery.endpoint.connections.length, 1);
  });

  test('HEAD keeps the length and has no body; one that comes all the same poisons nothing', async () => {
    const scenery = await scene();
    scenery.client.send('HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n');
    (await scenery.endpoint.connection(0, (text) => text !== '')).send(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong',
    );
    const text = await scenery.client.until((all) => all.endsWith('\r\n\r\n'));
    assert.match(text, /^Content-Length: 5\r$/m);
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
    assert.doesNotMatch(scenery.client.text, /wrong/);
  });

  test('the answer to HTTP/1.0 is not chunked and no interim answer is sent', async () => {
    const scenery = await scene();
    scenery.client.send('GET /x HTTP/1.0\r\n\r\n');
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('\r\n\r\n'));
    assert.match(connection.text, /^via: 1\.0 gateway-under-test\r$/im);
    connection.send(`HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n${CHUNKED}\r\n3\r\nabc\r\n0\r\n\r\n`);
    const text = await scenery.client.untilEnd();
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n.*connection: close\r\n\r\nabc$/s);
    assert.doesNotMatch(text, /chunked/);
  });

  test('Expect is met by us: the endpoint sees none, the client is asked when the body is wanted', async () => {
    const scenery = await scene();
    scenery.client.send('POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
    await scenery.client.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    scenery.client.send('abc');
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('abc'));
    assert.doesNotMatch(connection.text, /^expect:/im);
    connection.send(OK);
    await scenery.client.until((text) => text.endsWith('ok'));
  });

  test('a final answer before the body is read ends both connections', async () => {
    const scenery = await scene();
    scenery.client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc');
    const connection = await scenery.endpoint.connection(0, (text) => text.endsWith('abc'));
    connection.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig');
    assert.match(await scenery.client.untilEnd(), /^HTTP\/1\.1 413 .*connection: close\r\n\r\nbig$/s);
    await scenery.endpoint.until(() => scenery.endpoint.closed === 1);
  });

  test('trailers of a request arrive at the endpoint, without the forbidden ones', async () => {
    const scenery = await scene();
    scenery.client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${CHUNKED}\r\n1\r\na\r\n0\r\nX-Sum: 7\r\nHost: b\r\n\r\n`);
    const connection = await scenery.endpoint.connection(0, (text) => /\r\n0\r\n(.*\r\n)*\r\n$/.test(text));
    assert.match(connection.text, /\r\n1\r\na\r\n0\r\nX-Sum: 7\r\n\r\n$/);
  });
});
