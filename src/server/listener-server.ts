// One listening socket of one thread: accepts, limits, and gives each connection to the fast path.
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import type { DeadlineWheel } from '../base/deadline-wheel.ts';
import type { Listener } from '../model/listener.ts';
import type { ClientFacts } from '../pipeline/exchange.ts';
import { type ClientSocket, openClientSocket } from './client-socket.ts';
import { plainAddress } from './forwarded-client.ts';
import { Http1Connection } from './http1-connection.ts';
import { NodeAdapter } from './node-adapter.ts';
import { ResetProbe } from './reset-probe.ts';
import type { ExchangeHandler, ListenerSettings, ServerDeps, ServerObserver } from './server-deps.ts';
import { TlsHandshakes } from './tls-handshakes.ts';

export interface ListenerPlane {
  /** The newest generation's handler of this listener. */
  handler(): ExchangeHandler;
  readonly wheel: DeadlineWheel;
  readonly observer: ServerObserver;
  nowMs(): number;
  tick(): void;
  isDraining(): boolean;
}

export interface ListenOptions {
  readonly port: number;
  /** Several threads share the port; the kernel spreads connections over them. */
  readonly reusePort: boolean;
}

/** Waiting connections the kernel keeps; it caps this at net.core.somaxconn. */
const BACKLOG = 4096;

export class ListenerServer {
  private readonly server: net.Server;
  private readonly deps: ServerDeps;
  private readonly adapter: NodeAdapter;
  private readonly connections = new Set<Http1Connection>();
  private readonly handshakes: TlsHandshakes;
  private listener: Listener;
  private settings: ListenerSettings;
  private open = 0;

  constructor(listener: Listener, plane: ListenerPlane) {
    this.listener = listener;
    this.settings = compileSettings(listener);
    this.deps = {
      handler: plane.handler,
      settings: () => this.settings,
      wheel: plane.wheel,
      observer: plane.observer,
      nowMs: plane.nowMs,
      tick: plane.tick,
      isDraining: plane.isDraining,
    };
    this.adapter = new NodeAdapter(this.deps);
    this.handshakes = new TlsHandshakes(this.deps);
    this.server =
      listener.protocol === 'https'
        ? this.createTls(listener)
        : net.createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
            if (this.accept(socket)) this.serve(openClientSocket(socket));
          });
  }

  private createTls(listener: Listener): net.Server {
    const server = tls.createServer({
      ...pairOf(listener),
      noDelay: true,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
    });
    server.on('connection', (socket: Socket) => {
      if (this.accept(socket)) this.handshakes.begin(socket);
    });
    server.on('secureConnection', (socket) => {
      this.serve({ socket, reads: undefined }, this.handshakes.finished(socket));
    });
    // A failed handshake is the client's affair: its socket is closed by node.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  /** Counts a connection until it closes, unless there are too many. */
  private accept(socket: Socket): boolean {
    if (this.open >= this.settings.maxConnections) {
      socket.destroy();
      return false;
    }
    this.open++;
    const name = this.settings.name;
    this.deps.observer.connectionOpened(name);
    socket.once('close', () => {
      this.open--;
      this.deps.observer.connectionClosed(name);
    });
    return true;
  }

  /** `accepted` is the same socket, or the one below TLS. */
  private serve(opened: ClientSocket, accepted: Socket = opened.socket): void {
    const { socket } = opened;
    const client = this.clientFacts(socket, socket instanceof tls.TLSSocket);
    const connection: Http1Connection = new Http1Connection(opened, this.deps, client, (handed, bytes, served) => {
      this.connections.delete(connection);
      this.adapter.adopt(handed, bytes, { client, served, accepted });
    });
    this.connections.add(connection);
    socket.once('close', () => this.connections.delete(connection));
    const probe = new ResetProbe(accepted, this.deps, () => socket.isPaused());
    socket.on('pause', () => probe.start());
  }

  private clientFacts(socket: Socket, isTls: boolean): ClientFacts {
    const ip = plainAddress(socket.remoteAddress ?? '');
    return {
      listener: this.settings.name,
      ip,
      port: socket.remotePort ?? 0,
      isTls,
      isTrusted: this.settings.isTrusted(ip),
      isTrustedProxy: this.settings.isTrusted,
      forwardedLines: `x-forwarded-for: ${ip}\r\nx-forwarded-proto: ${isTls ? 'https' : 'http'}\r\n`,
      memo: { authority: undefined, lines: '' },
      maxBufferedBodyBytes: this.settings.maxBufferedBodyBytes,
    };
  }

  /** Resolves with the port in use (port 0 takes a free one). */
  listen(options: ListenOptions): Promise<{ readonly port: number }> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      const address = this.listener.address;
      this.server.listen(
        {
          port: options.port,
          ...(address === undefined ? {} : { host: address }),
          reusePort: options.reusePort,
          backlog: BACKLOG,
        },
        () => {
          this.server.off('error', reject);
          resolve({ port: (this.server.address() as net.AddressInfo).port });
        },
      );
    });
  }

  /** New limits, hostnames or certificate for connections to come; address and port need a new server. */
  update(listener: Listener): void {
    if (listener.protocol === 'https' && this.server instanceof tls.Server)
      this.server.setSecureContext(pairOf(listener));
    this.listener = listener;
    this.settings = compileSettings(listener);
  }

  /** Stops accepting; idle connections close now, busy ones after their reply. */
  drain(): void {
    this.server.close();
    this.handshakes.closeAll();
    for (const connection of [...this.connections]) connection.drain();
    this.adapter.drain();
  }

  openConnections(): number {
    return this.open;
  }

  /** Ends every open exchange with an error its client can tell. `closeAll` in a later turn then loses nothing of it. */
  cutAll(): void {
    for (const connection of [...this.connections]) connection.cut();
    this.adapter.cut();
  }

  closeAll(): void {
    this.server.close();
    this.handshakes.closeAll();
    for (const connection of [...this.connections]) connection.destroy();
    this.adapter.destroy();
  }
}

export function createListenerServer(listener: Listener, plane: ListenerPlane): ListenerServer {
  return new ListenerServer(listener, plane);
}

/** What the servers need of a listener. */
export function compileSettings(listener: Listener): ListenerSettings {
  const trusted = new net.BlockList();
  for (const cidr of listener.trustedProxies) {
    const [address, prefix] = cidr.split('/');
    const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
    trusted.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  const hasTrusted = listener.trustedProxies.length > 0;
  return {
    name: listener.id,
    ...listener.limits,
    path: listener.path,
    isTrusted: (ip) => hasTrusted && net.isIP(ip) !== 0 && trusted.check(ip, net.isIPv6(ip) ? 'ipv6' : 'ipv4'),
  };
}

function pairOf({ tls: pair }: Listener): { cert: string; key: string } {
  return { cert: pair?.certificate ?? '', key: pair?.key ?? '' };
}
