// A request body arriving through node:http, pushed into the exchange with back-pressure and a limit on pauses.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Deadline } from '../base/deadline-wheel.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { BodyFlow } from '../pipeline/request-body.ts';
import { HeaderList, isSendable } from '../wire/header-list.ts';
import { isForwardableTrailer } from '../wire/hop-by-hop.ts';
import type { RequestHead } from '../wire/http1-request-parser.ts';
import { ResetProbe } from './reset-probe.ts';
import type { ServerDeps } from './server-deps.ts';

/** A request as node:http gives it, and the socket it came on, below TLS. */
export interface NodeRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accepted: Socket;
}

export class NodeRequestFlow implements BodyFlow, Deadline {
  deadlineMs = 0;
  wheelTick = -1;
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly deps: ServerDeps;
  private exchange: Exchange | undefined;
  private expectsContinue = false;
  private readonly probe: ResetProbe;

  constructor(parts: NodeRequest, deps: ServerDeps) {
    const { request } = parts;
    this.request = request;
    this.response = parts.response;
    this.deps = deps;
    // node:http stops reading without pausing the socket.
    this.probe = new ResetProbe(parts.accepted, deps, () => request.isPaused());
  }

  /** Body bytes are still to come. */
  get isUnread(): boolean {
    return this.exchange?.body.isUnread === true;
  }

  /** The parser has not seen the end of the body. */
  get isArriving(): boolean {
    return this.isUnread && !this.request.complete;
  }

  attach(exchange: Exchange, head: RequestHead): void {
    if (!head.isChunked && head.contentLength <= 0) return;
    this.exchange = exchange;
    this.expectsContinue = head.headers.has('expect');
    const request = this.request;
    exchange.body.setIncoming(head.isChunked ? -1 : head.contentLength, this);
    this.watch();
    request.on('data', (chunk: Buffer) => {
      this.watch();
      exchange.body.push(chunk);
    });
    request.on('end', () => {
      this.deps.wheel.disarm(this);
      if (request.complete) {
        exchange.body.trailerLines = trailerLines(request.rawTrailers);
        exchange.body.finish();
      } else exchange.body.fail('request.aborted');
    });
    request.on('error', () => exchange.body.fail('request.aborted'));
    request.on('close', () => this.deps.wheel.disarm(this));
    // A client that waits for 100 sends nothing before it, so nothing has to be held back.
    if (this.expectsContinue) request.pause();
  }

  private watch(): void {
    this.deps.wheel.set(this, this.deps.nowMs() + this.deps.settings().bodyTimeoutMs);
  }

  /** RFC 9110 §10.1.1: 100 only when the body is really wanted, never after a final status, never to HTTP/1.0. */
  demandBody(): void {
    if (!this.expectsContinue || this.response.headersSent) return;
    this.expectsContinue = false;
    if (this.request.httpVersionMinor > 0) this.response.writeContinue();
    this.request.resume();
  }

  pauseBody(): void {
    this.deadlineMs = 0;
    this.request.pause();
    this.probe.start();
  }

  resumeBody(): void {
    if (this.isUnread) this.watch();
    this.request.resume();
  }

  /** The body will never be complete. */
  fail(code: ErrorCode): void {
    this.deps.wheel.disarm(this);
    this.exchange?.body.fail(code);
  }

  onDeadline(): void {
    this.fail('request.body-timeout');
  }
}

/** Trailers as node gives them, flat names and values, less those that must not travel. */
function trailerLines(flat: readonly string[]): string {
  if (flat.length === 0) return '';
  const trailers = new HeaderList();
  for (let index = 0; index < flat.length; index += 2) {
    if (isForwardableTrailer(flat[index]) && isSendable(flat[index], flat[index + 1]))
      trailers.append(flat[index], flat[index + 1]);
  }
  return trailers.lines();
}
