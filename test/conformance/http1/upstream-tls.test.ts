// TLS towards endpoints: the CA given, the name asked for, a client certificate, and refusals by name.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import tls from 'node:tls';
import type { UpstreamTls } from '../../../src/model/backend.ts';
import { hasOpenssl, makeCertificates } from '../../support/certificates.ts';
import { startGateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';

const skip = hasOpenssl() ? false : 'openssl is not installed';

describe('TLS towards an endpoint', { skip }, () => {
  const made = skip === false ? makeCertificates() : undefined;
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });

  async function ask(upstreamTls: UpstreamTls, wantsClient = false): Promise<{ reply: string; servername: unknown }> {
    assert.ok(made !== undefined);
    let servername: unknown;
    const server = tls.createServer(
      {
        cert: made.server.certificate,
        key: made.server.key,
        ca: made.ca,
        requestCert: wantsClient,
        rejectUnauthorized: wantsClient,
      },
      (socket) => {
        servername = (socket as tls.TLSSocket & { servername: unknown }).servername;
        socket.on('error', () => socket.destroy());
        socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      },
    );
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const gateway = await startGateway({ url: `https://127.0.0.1:${port}`, tls: upstreamTls });
    const client = new RawClient(gateway.port);
    open.push(client, gateway, server);
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const reply = await client.until((text) => /\r\n\r\n(ok|\{.*\})$/s.test(text));
    return { reply, servername };
  }

  test('a certificate of the CA given for the name asked is trusted', async () => {
    const { reply, servername } = await ask({ ca: made?.ca ?? '', serverName: 'endpoint.example' });
    assert.match(reply, /^HTTP\/1\.1 200 /);
    assert.equal(servername, 'endpoint.example');
  });

  test('an unknown CA is refused', async () => {
    assert.match((await ask({ serverName: 'endpoint.example' })).reply, /^HTTP\/1\.1 502 .*tls_certificate_error/s);
  });

  test('another name is refused', async () => {
    const { reply } = await ask({ ca: made?.ca ?? '', serverName: 'other.example' });
    assert.match(reply, /^HTTP\/1\.1 502 .*tls_certificate_error/s);
  });

  test('verify: false trusts anything', async () => {
    assert.match((await ask({ verify: false })).reply, /^HTTP\/1\.1 200 /);
  });

  test('a client certificate is shown where asked for', async () => {
    const pair = { certificate: made?.client.certificate ?? '', key: made?.client.key ?? '' };
    const { reply } = await ask({ ca: made?.ca ?? '', serverName: 'endpoint.example', ...pair }, true);
    assert.match(reply, /^HTTP\/1\.1 200 /);
  });

  test('without a client certificate the endpoint refuses', async () => {
    const { reply } = await ask({ ca: made?.ca ?? '', serverName: 'endpoint.example' }, true);
    assert.match(reply, /^HTTP\/1\.1 502 /);
  });
});
