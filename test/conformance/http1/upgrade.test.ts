// Protocol switches byte by byte: whatever either side sends around its head, in whatever segments, comes out on the other side once
// and in order, and an end on one side becomes an end on the other behind the last byte.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import { hasOpenssl, makeCertificates } from '../../support/certificates.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { type EndpointConnection, RawEndpoint } from '../../support/raw-endpoint.ts';

const open: { close(): void }[] = [];
const gateways: TestGateway[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
  for (const { bugs } of gateways.splice(0)) assert.deepEqual(bugs, []);
});

const ASK =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n';
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n';
/** Every byte there is, more of them than one read takes. */
const MANY = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code)).repeat(1200);

const made = hasOpenssl() ? makeCertificates() : undefined;

interface Scene {
  readonly client: RawClient;
  readonly endpoint: RawEndpoint;
  /** Resolves when the endpoint has the request head. */
  asked(): Promise<EndpointConnection>;
  /** What the client received behind the head of the 101. */
  received(isThere: (text: string) => boolean): Promise<string>;
  /** What the endpoint received behind the request head. */
  arrived(isThere: (text: string) => boolean): Promise<string>;
}

async function scene(transport: 'plain' | 'TLS'): Promise<Scene> {
  const isTls = transport === 'TLS';
  const pair = made?.server;
  const endpoint = await RawEndpoint.start(() => {}, isTls ? pair : undefined);
  const gateway = await startGateway({
    url: isTls ? endpoint.url.replace('http:', 'https:') : endpoint.url,
    ...(isTls && pair !== undefined ? { tls: { verify: false }, listenerTls: pair } : {}),
  });
  gateways.push(gateway);
  const client = isTls
    ? new RawClient(gateway.port, (options) => tls.connect({ ...options, rejectUnauthorized: false }))
    : new RawClient(gateway.port);
  open.push(client, gateway, endpoint);
  const behindHead = (text: string): string | undefined =>
    text.includes('\r\n\r\n') ? text.slice(text.indexOf('\r\n\r\n') + 4) : undefined;
  return {
    client,
    endpoint,
    asked: () => endpoint.connection(0, (text) => text.includes('\r\n\r\n')),
    async received(isThere) {
      await client.until((text) => isThere(behindHead(text) ?? '\0'));
      return behindHead(client.text) ?? '';
    },
    async arrived(isThere) {
      const { text } = await endpoint.connection(0, (all) => isThere(behindHead(all) ?? '\0'));
      return behindHead(text) ?? '';
    },
  };
}

/** Lets what was written leave as a segment of its own. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

for (const transport of ['plain', 'TLS'] as const) {
  describe(`switching protocols, ${transport}`, {
    skip: transport === 'TLS' && made === undefined ? 'openssl is not installed' : false,
  }, () => {
    for (const [what, bytes] of [
      ['few', 'hello'],
      ['many', MANY],
    ]) {
      test(`${what} bytes in the segment of the 101`, async () => {
        const { client, asked, received } = await scene(transport);
        client.send(ASK);
        (await asked()).send(SWITCH + bytes);
        assert.equal(await received((text) => text.length >= bytes.length), bytes);
      });

      test(`${what} bytes right behind the 101, in segments of their own`, async () => {
        const { client, asked, received } = await scene(transport);
        client.send(ASK);
        const connection = await asked();
        for (const piece of [SWITCH.slice(0, 50), SWITCH.slice(50), bytes, bytes]) {
          connection.send(piece);
          await turn();
        }
        assert.equal(await received((text) => text.length >= bytes.length * 2), bytes + bytes);
      });

      test(`${what} bytes in the segment of the request`, async () => {
        const { client, asked, arrived } = await scene(transport);
        client.send(ASK + bytes);
        (await asked()).send(SWITCH);
        assert.equal(await arrived((text) => text.length >= bytes.length), bytes);
      });

      test(`${what} bytes behind the request, in segments of their own, before the 101 and after`, async () => {
        const { client, asked, arrived, received } = await scene(transport);
        for (const piece of [ASK.slice(0, 60), ASK.slice(60), bytes]) {
          client.send(piece);
          await turn();
        }
        const connection = await asked();
        client.send(bytes);
        await turn();
        connection.send(SWITCH);
        await received((text) => text === '');
        client.send(bytes);
        assert.equal(await arrived((text) => text.length >= bytes.length * 3), bytes + bytes + bytes);
      });
    }

    test('an end of the client arrives behind its last byte', async () => {
      const { client, asked, arrived, received, endpoint } = await scene(transport);
      client.send(ASK);
      (await asked()).send(SWITCH);
      await received((text) => text === '');
      client.send(MANY);
      client.socket.end();
      assert.equal(await arrived((text) => text.length >= MANY.length), MANY);
      await endpoint.until(() => endpoint.closed === 1);
    });

    test('an end of the endpoint arrives behind its last byte', async () => {
      const { client, asked } = await scene(transport);
      client.send(ASK);
      const connection = await asked();
      connection.socket.end(SWITCH + MANY, 'latin1');
      const text = await client.untilEnd();
      assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), MANY);
    });

    test('a client that leaves before the 101 takes its request along', async () => {
      const { client, asked, endpoint } = await scene(transport);
      client.send(ASK);
      await asked();
      const leftAtMs = performance.now();
      client.close();
      await endpoint.until(() => endpoint.closed === 1);
      const tookMs = performance.now() - leftAtMs;
      assert.ok(tookMs < 100, `${tookMs} ms`);
    });

    test('a refused switch is an ordinary answer, what the client sent early goes nowhere', async () => {
      const { client, asked } = await scene(transport);
      client.send(`${ASK}early`);
      (await asked()).send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 403 .*connection: close\r\n\r\nno$/s);
    });
  });
}
