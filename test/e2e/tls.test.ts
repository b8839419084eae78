// HTTPS listeners over real sockets: requests, streams and upgrades behind TLS, names and protocols that do not fit, a certificate
// renewed while serving, and clients that never finish their handshake.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import tls from 'node:tls';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { FILE_SCOPE } from '../support/ai-gateway.ts';
import { hasOpenssl, makeCertificates, type TestCertificates } from '../support/certificates.ts';
import { metricSum } from '../support/exposition.ts';
import { startTestGateway, type TestGateway, until } from './support/gateway.ts';
import { chatRequest, isWhole, streamConfig } from './support/streams.ts';

const NAME = 'endpoint.example';
const skip = hasOpenssl() ? false : 'openssl is not installed';
/** A handshake may take as long as a request head. */
const HEAD_TIMEOUT_MS = 800;

interface Got {
  readonly status: number;
  readonly text: string;
  /** Body pieces as they arrived. */
  readonly pieces: number;
}

interface Wanted {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly servername?: string;
}

describe('a TLS listener', { skip }, async () => {
  if (skip !== false) return;
  const made = makeCertificates();
  const simulator = await startSimulator({ port: 0 });
  FILE_SCOPE.after(() => simulator.close());
  const gateway: TestGateway = await startTestGateway(FILE_SCOPE, {
    config: {
      ...streamConfig(simulator.url),
      listeners: [
        {
          name: 'secure',
          port: 0,
          address: '127.0.0.1',
          hostnames: [NAME],
          tls: { certificate: 'server.pem', key: 'server.key' },
          limits: { head_timeout: `${HEAD_TIMEOUT_MS}ms`, max_connections: 40 },
        },
      ],
    },
    files: { 'server.pem': made.server.certificate, 'server.key': made.server.key },
    args: ['--watch', '--workers', '1'],
  });

  function ask(path: string, { body, headers = {}, servername = NAME }: Wanted = {}, ca = made.ca): Promise<Got> {
    const { promise, resolve, reject } = Promise.withResolvers<Got>();
    const outgoing = request(
      {
        ...{ host: '127.0.0.1', port: gateway.port, path, servername, ca, agent: false },
        method: body === undefined ? 'GET' : 'POST',
        headers: { host: NAME, ...headers },
      },
      (response) => {
        let text = '';
        let pieces = 0;
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
          pieces++;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, pieces }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
    return promise;
  }

  /** A handshake alone: what the server shows, or why it refused. */
  function shake(options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<tls.TLSSocket>();
    const socket = tls.connect(
      { host: '127.0.0.1', port: gateway.port, servername: NAME, rejectUnauthorized: false, ...options },
      () => resolve(socket),
    );
    socket.on('error', reject);
    return promise;
  }

  async function fingerprint(): Promise<string> {
    const socket = await shake();
    const shown = socket.getPeerCertificate().fingerprint256;
    socket.destroy();
    return shown;
  }

  /** As a certificate renewal does it: whole files, by rename, one after the other. */
  function install({ server }: TestCertificates): void {
    for (const [name, text] of [
      ['server.key', server.key],
      ['server.pem', server.certificate],
    ]) {
      writeFileSync(join(gateway.folder, `${name}.new~`), text);
      renameSync(join(gateway.folder, `${name}.new~`), join(gateway.folder, name));
    }
  }

  /** Opens a TCP connection that says `bytes` or nothing, and measures how long the gateway lets it be. */
  function openFor(bytes: string | Buffer): Promise<{ readonly ms: number; readonly received: string }> {
    const { promise, resolve } = Promise.withResolvers<{ ms: number; received: string }>();
    let received = '';
    const startedMs = performance.now();
    const socket: Socket = connectPlain(gateway.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (piece: Buffer) => {
      received += piece.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ ms: performance.now() - startedMs, received }));
    return promise;
  }

  test('GET and POST, with a length and in chunks; the endpoint and the log hear that it was https', async () => {
    assert.equal((await ask('/plain/get')).status, 200);
    assert.equal((await ask('/plain/length', { body: 'x', headers: { 'content-length': '1' } })).status, 200);
    const chunked = { body: 'y'.repeat(100_000), headers: { 'transfer-encoding': 'chunked' } };
    assert.equal((await ask('/plain/chunked', chunked)).status, 200);
    const received = simulator.received();
    assert.deepEqual(
      received.slice(-3).map(({ headers }) => headers['x-forwarded-proto']),
      ['https', 'https', 'https'],
    );
    const line = await until('the log line', () =>
      gateway.accessLog.find(({ request: asked }) => (asked as { path: string }).path === '/plain/chunked'),
    );
    assert.equal(line.listener, 'secure');
  });

  test('a stream arrives as it is made', async () => {
    const { body, headers } = chatRequest(40);
    const got = await ask('/v1/chat/completions', {
      body: String(body),
      headers: headers as Readonly<Record<string, string>>,
    });
    assert.equal(got.status, 200);
    assert.ok(isWhole(got.text));
    assert.ok(got.pieces > 6, `${got.pieces} pieces`);
  });

  test('requests follow each other on one connection, pipelined ones in order', async () => {
    const socket = await shake();
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`;
    socket.write(one('/plain/1') + one('/nothing') + one('/plain/3'));
    await until('three answers', () => text.match(/HTTP\/1\.1 \d+/g)?.length === 3);
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    socket.destroy();
  });

  test('another name: a client that checks refuses, one that does not is answered by its Host', async () => {
    await assert.rejects(ask('/plain/x', { servername: 'other.example' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    const socket = await shake({ servername: 'other.example' });
    assert.match(socket.getPeerCertificate().subjectaltname ?? '', new RegExp(NAME));
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    socket.write('GET /plain/x HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n');
    await until('the answer', () => text.includes('\r\n\r\n'));
    assert.match(text, /^HTTP\/1\.1 404 /);
    socket.destroy();
  });

  test('no name at all gets the certificate too', async () => {
    const socket = await shake({ servername: '' });
    assert.match(socket.getPeerCertificate().subjectaltname ?? '', new RegExp(NAME));
    socket.destroy();
  });

  test('old TLS and protocols not spoken here are refused in the handshake', async () => {
    await assert.rejects(shake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    await assert.rejects(shake({ ALPNProtocols: ['h2'] }), /no application protocol/);
    const socket = await shake({ ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  });

  test('plain HTTP sent to the port is closed at once and disturbs nobody', async () => {
    const { ms, received } = await openFor(`GET /plain/x HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    assert.ok(ms < HEAD_TIMEOUT_MS, `${ms} ms`);
    assert.doesNotMatch(received, /^HTTP/);
    assert.equal((await ask('/plain/x')).status, 200);
  });

  test('a client that says nothing, or begins a handshake and stops, is not waited for longer than for a head', async () => {
    // A handshake record that announces 512 bytes and brings one.
    const begun = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
    for (const bytes of ['', begun]) {
      const { ms } = await openFor(bytes);
      assert.ok(ms > HEAD_TIMEOUT_MS - 50 && ms < HEAD_TIMEOUT_MS + 2500, `${ms} ms`);
    }
  });

  test('unfinished handshakes count as connections, and are given back', async () => {
    const silent = Array.from({ length: 40 }, () => openFor(''));
    await assert.rejects(ask('/plain/x'));
    await Promise.all(silent);
    assert.equal((await ask('/plain/x')).status, 200);
  });

  test('a new certificate is shown to new connections; open streams and connections live on', async () => {
    const before = await fingerprint();
    const { body, headers } = chatRequest(100);
    const stream = ask('/v1/chat/completions', {
      body: String(body),
      headers: headers as Readonly<Record<string, string>>,
    });
    const kept = await shake();
    let text = '';
    kept.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    kept.write(`GET /plain/1 HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    await until('the first answer', () => text.includes('HTTP/1.1 200'));
    const renewed = makeCertificates();
    install(renewed);
    const after = await until('the new certificate', async () => {
      const shown = await fingerprint();
      return shown === before ? undefined : shown;
    });
    assert.notEqual(after, before);
    assert.equal((await ask('/plain/x', {}, renewed.ca)).status, 200);
    await assert.rejects(ask('/plain/x', {}, made.ca), 'the old CA does not know it');
    text = '';
    kept.write(`GET /plain/2 HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    await until('the second answer', () => text.includes('HTTP/1.1 200'));
    kept.destroy();
    assert.ok(isWhole((await stream).text));
  });

  test('a key that does not fit changes nothing and is reported', async () => {
    const before = await fingerprint();
    const other = makeCertificates();
    install({ ...other, server: { certificate: other.server.certificate, key: other.client.key } });
    await until('it is refused', () => /config\.bad-certificate .*listener secure/.test(gateway.stderr));
    assert.equal(await fingerprint(), before);
    assert.doesNotMatch(gateway.stderr, /PRIVATE KEY/);
    install(other);
    await until('the mended pair is shown', async () => (await fingerprint()) !== before);
  });

  test('every connection is given back in the end', async () => {
    await until('none is open', async () => {
      const metrics = await (await gateway.admin('/metrics')).text();
      return metricSum(metrics, 'gateway_client_connections') === 0;
    });
  });

  test('an unfinished handshake does not hold up the end', async () => {
    const silent = openFor('');
    await until('it is open', async () => {
      const metrics = await (await gateway.admin('/metrics')).text();
      return metricSum(metrics, 'gateway_client_connections') === 1;
    });
    assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
    assert.ok((await silent).ms < HEAD_TIMEOUT_MS);
  });
});
