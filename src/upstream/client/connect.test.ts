// An endpoint with an address of each family is reached by whichever answers.
import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { type EndpointAddress, openSocket } from './connect.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
const skip = hasIpv6 ? false : 'this machine has no IPv6';

function addressOf(port: number, parts: Partial<EndpointAddress> = {}): EndpointAddress {
  const tls = { isTls: false, serverName: '', ca: undefined, certificate: undefined, key: undefined, verify: true };
  return { host: '127.0.0.1', alternates: ['::1'], port, ...tls, ...parts };
}

async function reached(context: TestContext, listensAt: string): Promise<string | undefined> {
  const server = net.createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, listensAt, resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const socket = openSocket(addressOf(port), { onRead() {} }, 'shared');
  context.after(() => socket.destroy());
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket.remoteAddress;
}

test('IPv6 first, and IPv4 where that is not there', { skip }, async (context) => {
  assert.equal(await reached(context, '::1'), '::1');
  assert.equal(await reached(context, '127.0.0.1'), '127.0.0.1');
});

test('nobody there is one error', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const socket = openSocket(addressOf(port), { onRead() {} }, 'own');
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  assert.match(error.code ?? '', /^E/);
});
