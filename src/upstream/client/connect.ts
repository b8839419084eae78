// Opens sockets to endpoints: TCP or TLS, with one static read buffer per thread for plain sockets (ADR 0001).
import net from 'node:net';
import tls from 'node:tls';
import { readBuffer } from '../../base/read-buffer.ts';
import { type SocketTrouble, socketTrouble } from '../../base/socket-error.ts';
import type { ErrorCode } from '../../errors/codes.ts';

/** Where and how to connect; made at compile time, certificates already read. */
export interface EndpointAddress {
  readonly host: string;
  readonly port: number;
  /** More addresses of the same endpoint, which is then `host` by number. */
  readonly alternates: readonly string[];
  readonly isTls: boolean;
  readonly serverName: string;
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly verify: boolean;
}

export interface ReadListener {
  /** Bytes valid only during the call. */
  onRead(bytes: Buffer, length: number): void;
}

/** `shared`: reads land in the thread's one buffer. `own`: as 'data' events, so that the socket can be piped after an upgrade. */
export type ReadMode = 'shared' | 'own';

/** RFC 8305 §5: before the next address is tried while the last one has not answered. */
const ATTEMPT_DELAY_MS = 250;

/** Where to connect, by number or by a name the system resolves; with several addresses the first that answers is taken. */
function destinationOf({ host, port, alternates }: EndpointAddress): net.TcpNetConnectOpts {
  const racing = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_DELAY_MS };
  if (alternates.length === 0) return { host, port, ...racing };
  // RFC 8305 §4: IPv6 first.
  const addresses = [...alternates, host]
    .map((address) => ({ address, family: net.isIP(address) }))
    .sort((a, b) => b.family - a.family);
  // The name only makes node ask for addresses, which are known.
  return { host: 'endpoint.invalid', port, ...racing, lookup: (_name, _options, found) => found(null, addresses) };
}

/** Starts connecting. Errors arrive as events of the socket. */
export function openSocket(address: EndpointAddress, listener: ReadListener, mode: ReadMode): net.Socket {
  if (address.isTls) return openTls(address, listener);
  if (mode === 'own') return openOwn(address, listener);
  return net.connect({
    ...destinationOf(address),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    onread: {
      buffer: readBuffer,
      callback(length: number): boolean {
        listener.onRead(readBuffer, length);
        return true;
      },
    },
  });
}

function openOwn(address: EndpointAddress, listener: ReadListener): net.Socket {
  const socket = net.connect({ ...destinationOf(address), noDelay: true });
  socket.on('data', (chunk: Buffer) => {
    listener.onRead(chunk, chunk.length);
  });
  return socket;
}

function openTls(address: EndpointAddress, listener: ReadListener): net.Socket {
  const socket = tls.connect({
    ...destinationOf(address),
    // RFC 6066 §3: SNI carries no IP literals.
    ...(net.isIP(address.serverName) === 0 ? { servername: address.serverName } : {}),
    ...(address.ca === undefined ? {} : { ca: address.ca }),
    ...(address.certificate === undefined ? {} : { cert: address.certificate }),
    ...(address.key === undefined ? {} : { key: address.key }),
    rejectUnauthorized: address.verify,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
  });
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    listener.onRead(chunk, chunk.length);
  });
  return socket;
}

const TROUBLE_CODES: Readonly<Record<SocketTrouble, ErrorCode>> = {
  dns: 'upstream.dns-failed',
  timeout: 'upstream.connect-timeout',
  certificate: 'upstream.certificate-refused',
  tls: 'upstream.tls-failed',
  other: 'upstream.connect-failed',
};

/** The code for a socket error seen before the connection was ready. */
export function connectErrorCode(error: NodeJS.ErrnoException): ErrorCode {
  return TROUBLE_CODES[socketTrouble(error.code ?? '')];
}
