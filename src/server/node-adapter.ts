// Connections outside the strict subset, served by node:http (llhttp, strict) through the same core. Every head is put through
// our own parser once more, so that both parsers must accept it and one set of rules decides.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../errors/codes.ts';
import type { ClientFacts, Exchange } from '../pipeline/exchange.ts';
import type { ReplyWriter } from '../pipeline/reply-writer.ts';
import { NEED_MORE } from '../wire/field-parser.ts';
import { BAD_HEAD, parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import { admit } from './admit.ts';
import { NodeReplyWriter } from './node-reply-writer.ts';
import { NodeRequestFlow } from './node-request-flow.ts';
import type { ServerDeps } from './server-deps.ts';
import { UpgradeWriter } from './upgrade-writer.ts';

/** Protocols a client may upgrade to; any other Upgrade is ignored and the request served as it is (RFC 9110 §7.8). */
const UPGRADES = new Set(['websocket']);

interface Start {
  readonly head: RequestHead;
  readonly error: ErrorCode | undefined;
}

export class NodeAdapter {
  private readonly server: http.Server;
  private readonly deps: ServerDeps;
  private readonly clients = new WeakMap<Duplex, ClientFacts>();
  private readonly sockets = new Set<Socket>();
  private readonly busy = new WeakSet<Duplex>();

  constructor(deps: ServerDeps) {
    this.deps = deps;
    const settings = deps.settings();
    this.server = http.createServer({
      maxHeaderSize: settings.maxHeadBytes + 1024,
      headersTimeout: settings.headTimeoutMs,
      keepAliveTimeout: settings.idleTimeoutMs,
      // Bodies may stream for as long as they move; the pause between two pieces is limited by NodeRequestFlow.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
      requireHostHeader: false,
      joinDuplicateHeaders: false,
      shouldUpgradeCallback: (request) =>
        UPGRADES.has((request.headers.upgrade ?? '').toLowerCase()) && request.method === 'GET',
    });
    this.server.on('request', (request, response) => this.serve(request, response));
    this.server.on('checkContinue', (request, response) => this.serve(request, response));
    this.server.on('checkExpectation', (request, response) => this.serve(request, response));
    this.server.on('upgrade', (request, socket, early) => this.upgrade(request, socket, early));
    this.server.on('connect', (_request, socket) => this.refuseRaw(socket, 'request.method-not-allowed'));
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.clientError(error, socket));
  }

  /** Serves the rest of a connection; `bytes` were read already. */
  adopt(socket: Socket, client: ClientFacts, bytes: Buffer): void {
    this.clients.set(socket, client);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
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
    const client = this.clients.get(request.socket);
    if (client === undefined) {
      response.destroy();
      return;
    }
    const { head, error } = this.start(request);
    const flow = new NodeRequestFlow(request, response, this.deps);
    this.busy.add(request.socket);
    const writer = new NodeReplyWriter(response, {
      closesAfterReply: () => error !== undefined || head.wantsClose || this.deps.isDraining() || flow.isUnread,
      replyEnded: () => this.busy.delete(request.socket),
    });
    const exchange = error ?? admit(head, client, this.deps.settings().path, writer, this.deps.nowMs());
    if (typeof exchange === 'string') {
      this.refuse(head, client, writer, exchange);
      return;
    }
    flow.attach(exchange, head);
    response.once('close', () => {
      if (!response.writableFinished) this.gone(exchange);
    });
    this.deps.handler().handle(exchange);
  }

  private gone(exchange: Exchange): void {
    exchange.body.fail('request.aborted');
    exchange.clientGone();
  }

  private refuse(head: RequestHead, client: ClientFacts, writer: ReplyWriter, code: ErrorCode): void {
    this.deps.observer.parseError(code);
    const rules = { encodedSlash: 'keep', encodedBackslash: 'keep', encodedNul: 'keep', mergeSlashes: false } as const;
    head.isPathIrregular = false;
    const exchange = admit(head, client, rules, writer, this.deps.nowMs());
    if (typeof exchange !== 'string') this.deps.handler().refuse(exchange, code);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    const client = this.clients.get(socket);
    const { head, error } = this.start(request);
    if (client === undefined || error !== undefined) {
      this.refuseRaw(socket, error ?? 'request.malformed');
      return;
    }
    const token = head.headers.get('upgrade') ?? '';
    const writer = new UpgradeWriter(socket as Socket, early);
    const exchange = admit(head, client, this.deps.settings().path, writer, this.deps.nowMs());
    if (typeof exchange === 'string') {
      this.refuseRaw(socket, exchange);
      return;
    }
    exchange.isUpgrade = true;
    exchange.upgradeToken = token;
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (!writer.isUpgraded) this.gone(exchange);
    });
    this.deps.handler().handle(exchange);
  }

  private refuseRaw(socket: Duplex, code: ErrorCode): void {
    this.deps.observer.parseError(code);
    socket.on('error', () => socket.destroy());
    socket.end(this.deps.handler().rawError(code), 'latin1');
  }

  private clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    if (!socket.writable || error.code === 'ECONNRESET' || this.busy.has(socket)) {
      // A reply is under way: writing another one into it would be worse than the cut.
      socket.destroy();
      return;
    }
    this.refuseRaw(socket, CLIENT_ERRORS[error.code ?? ''] ?? 'request.malformed');
  }

  drain(): void {
    this.server.closeIdleConnections();
  }

  destroy(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

/** llhttp's verdicts in our words. */
const CLIENT_ERRORS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request.headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request.head-timeout',
  HPE_INVALID_CONTENT_LENGTH: 'request.bad-framing',
  HPE_UNEXPECTED_CONTENT_LENGTH: 'request.bad-framing',
  HPE_INVALID_TRANSFER_ENCODING: 'request.bad-framing',
  HPE_INVALID_CHUNK_SIZE: 'request.bad-framing',
  HPE_INVALID_URL: 'request.bad-target',
  HPE_INVALID_VERSION: 'request.version-not-supported',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request.too-large',
};
