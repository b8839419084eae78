// Connections outside the strict subset, served by node:http (llhttp, strict) through the same core. Every head is put through
// our own parser once more, so that both parsers must accept it and one set of rules decides.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { NEED_MORE } from '../wire/field-parser.ts';
import { BAD_HEAD, isOffered, parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import { admit, admitRefused } from './admit.ts';
import { AdoptedConnection, type AdoptedFacts } from './adopted-connection.ts';
import { type ClientError, codeOfClientError, isLeftover } from './client-error.ts';
import { NodeReplyWriter } from './node-reply-writer.ts';
import { NodeRequestFlow } from './node-request-flow.ts';
import type { ServerDeps } from './server-deps.ts';
import { UpgradeWriter } from './upgrade-writer.ts';

interface Start {
  readonly head: RequestHead;
  readonly error: ErrorCode | undefined;
}

export class NodeAdapter {
  private readonly server: http.Server;
  private readonly deps: ServerDeps;
  private readonly connections = new Map<Duplex, AdoptedConnection>();

  constructor(deps: ServerDeps) {
    this.deps = deps;
    const settings = deps.settings();
    this.server = http.createServer({
      maxHeaderSize: settings.maxHeadBytes + 1024,
      headersTimeout: settings.headTimeoutMs,
      keepAliveTimeout: settings.idleTimeoutMs,
      // Node waits this much longer than it announces; we announce nothing.
      keepAliveTimeoutBuffer: 1,
      // Bodies may stream for as long as they move; the pause between two pieces is limited by NodeRequestFlow.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(1000, settings.headTimeoutMs),
      insecureHTTPParser: false,
      requireHostHeader: false,
      joinDuplicateHeaders: false,
      shouldUpgradeCallback: (request) =>
        request.method === 'GET' && isOffered(request.headers.upgrade ?? '') && !hasBody(request),
    });
    // Node hides fields beyond its limit; ours refuses them, so all of them must be seen.
    this.server.maxHeadersCount = 0;
    // Only a server that listens checks its head timeouts; this one is given its connections.
    this.server.emit('listening');
    this.server.on('request', (request, response) => this.serve(request, response));
    this.server.on('checkContinue', (request, response) => this.serve(request, response));
    this.server.on('checkExpectation', (request, response) => this.serve(request, response));
    this.server.on('upgrade', (request, socket, early) => this.upgrade(request, socket, early));
    this.server.on('connect', (request, socket) => this.connect(request, socket));
    this.server.on('clientError', (error: ClientError, socket) => this.clientError(error, socket));
  }

  /** Serves the rest of a connection; `bytes` were read already. */
  adopt(socket: Socket, bytes: Buffer, facts: AdoptedFacts): void {
    const connection = new AdoptedConnection(socket, facts);
    this.connections.set(socket, connection);
    socket.once('close', () => {
      connection.clear();
      this.connections.delete(socket);
    });
    // No pause() before this: newer bytes would overtake the ones put back.
    socket.unshift(bytes);
    this.server.emit('connection', socket);
  }

  /** Reads the request the way the fast path would have: same parser, same limits, same verdicts. */
  private start(request: IncomingMessage): Start {
    const head = new RequestHead();
    let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
    for (let index = 0; index < request.rawHeaders.length; index += 2)
      text += `${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}\r\n`;
    const bytes = Buffer.from(`${text}\r\n`, 'latin1');
    const end = parseRequestHead(bytes, 0, bytes.length, this.deps.settings(), head);
    if (end === BAD_HEAD || end === NEED_MORE) return { head, error: head.error };
    const expect = head.headers.get('expect');
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      return { head, error: 'request.expectation-failed' };
    return { head, error: undefined };
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.deps.tick();
    const connection = this.connections.get(request.socket);
    if (connection === undefined) response.destroy();
    else connection.take(() => this.begin(connection, request, response));
  }

  private begin(connection: AdoptedConnection, request: IncomingMessage, response: ServerResponse): void {
    const { head, error } = this.start(request);
    if (error !== undefined && error !== 'request.expectation-failed') {
      this.refuseRaw(connection.socket, error);
      return;
    }
    const settings = this.deps.settings();
    const flow = new NodeRequestFlow({ request, response, accepted: connection.accepted }, this.deps);
    connection.current = flow;
    connection.served++;
    const limit = settings.maxRequestsPerConnection;
    const isLast = head.wantsClose || (limit > 0 && connection.served >= limit);
    // After an upgrade that was not offered, node's parser takes what follows for the other protocol; after an Expect that was
    // never met it closes. Both must be said.
    const hasIdleExpect = head.headers.has('expect') && !head.isChunked && head.contentLength <= 0;
    const closes = isLast || error !== undefined || request.headers.upgrade !== undefined || hasIdleExpect;
    const writer = new NodeReplyWriter(response, {
      closesAfterReply: () => closes || this.deps.isDraining() || flow.isUnread,
    });
    const admitted = error ?? admit(head, connection.client, settings.path, writer, this.deps.nowMs());
    const exchange =
      typeof admitted === 'string' ? admitRefused(head, connection.client, writer, this.deps.nowMs()) : admitted;
    connection.exchange = exchange;
    flow.attach(exchange, head);
    response.once('close', () => {
      if (!response.writableFinished) this.gone(exchange);
      this.ended(connection);
    });
    if (typeof admitted !== 'string') this.deps.handler().handle(exchange);
    else {
      this.deps.observer.parseError(admitted);
      this.deps.handler().refuse(exchange, admitted);
    }
    this.tellBodyFault(connection);
  }

  /** A fault inside the body being read is told by that request's own reply, which closes. */
  private tellBodyFault(connection: AdoptedConnection): void {
    const { current, error } = connection;
    if (error === undefined || current?.isArriving !== true) return;
    connection.error = undefined;
    this.deps.observer.parseError(error);
    current.fail(error);
  }

  /** A reply is out: the next request's turn, or that of the error behind the last one. */
  private ended(connection: AdoptedConnection): void {
    if (connection.next() || connection.socket.destroyed) return;
    if (connection.error !== undefined) this.refuseRaw(connection.socket, connection.error);
    else if (this.deps.isDraining()) connection.socket.end();
  }

  private gone(exchange: Exchange): void {
    exchange.body.fail('request.aborted');
    exchange.clientGone();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    this.deps.tick();
    const connection = this.connections.get(socket);
    if (connection === undefined) socket.destroy();
    else connection.take(() => this.beginUpgrade(connection, request, early));
  }

  private beginUpgrade(connection: AdoptedConnection, request: IncomingMessage, early: Buffer): void {
    const { socket, client } = connection;
    const { head, error } = this.start(request);
    if (error !== undefined) {
      this.refuseRaw(socket, error);
      return;
    }
    const writer = new UpgradeWriter(socket, early);
    const nowMs = this.deps.nowMs();
    const admitted = admit(head, client, this.deps.settings().path, writer, nowMs);
    const exchange = typeof admitted === 'string' ? admitRefused(head, client, writer, nowMs) : admitted;
    connection.exchange = exchange;
    exchange.isUpgrade = true;
    exchange.upgradeToken = head.headers.get('upgrade') ?? '';
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (!writer.isUpgraded) this.gone(exchange);
    });
    if (typeof admitted === 'string') this.deps.handler().refuse(exchange, admitted);
    else this.deps.handler().handle(exchange);
  }

  private connect(request: IncomingMessage, socket: Duplex): void {
    const { error = 'request.method-not-allowed' } = this.start(request);
    this.connections.get(socket)?.take(() => this.refuseRaw(socket, error));
  }

  private refuseRaw(socket: Duplex, code: ErrorCode): void {
    this.deps.observer.parseError(code);
    socket.on('error', () => socket.destroy());
    socket.end(this.deps.handler().rawError(code), 'latin1');
  }

  private clientError(error: ClientError, socket: Duplex): void {
    const connection = this.connections.get(socket);
    if (connection === undefined || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    if (connection.isBroken || isLeftover(error)) return;
    connection.isBroken = true;
    connection.error = codeOfClientError(error, this.deps.settings());
    if (connection.isIdle) this.refuseRaw(socket, connection.error);
    else this.tellBodyFault(connection);
  }

  /** Idle connections close at once, busy ones after their reply. */
  drain(): void {
    for (const connection of this.connections.values()) if (connection.isIdle) connection.socket.end();
  }

  /** The process ends: open exchanges are told, and what they still say leaves. */
  cut(): void {
    for (const { exchange, socket } of this.connections.values()) {
      exchange?.cutShort();
      socket.end();
    }
  }

  destroy(): void {
    this.server.close();
    for (const connection of this.connections.values()) connection.socket.destroy();
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
