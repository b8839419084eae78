// What the gateway knows of one connection that node:http serves: whose it is, how much it served, and whose turn it is.
// node:http parses pipelined requests ahead; here they wait, so that they reach the endpoint in order, one at a time.
import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors/codes.ts';
import type { ClientFacts, Exchange } from '../pipeline/exchange.ts';
import type { NodeRequestFlow } from './node-request-flow.ts';

/** More requests than this waiting for their turn pause the socket. */
const MAX_WAITING = 32;

export interface AdoptedFacts {
  readonly client: ClientFacts;
  /** Requests answered before the hand-off. */
  readonly served: number;
  /** The socket the kernel knows, below TLS. */
  readonly accepted: Socket;
}

export class AdoptedConnection {
  readonly socket: Socket;
  readonly accepted: Socket;
  readonly client: ClientFacts;
  /** Requests answered or under way, those before the hand-off included. */
  served: number;
  /** The request being answered. */
  current: NodeRequestFlow | undefined = undefined;
  exchange: Exchange | undefined = undefined;
  /** Why nothing behind the requests already read can be understood; answered after them. */
  error: ErrorCode | undefined = undefined;
  /** The parser of node:http has given up. */
  isBroken = false;
  private readonly waiting: (() => void)[] = [];
  private isBusy = false;
  private isHeld = false;

  constructor(socket: Socket, { client, served, accepted }: AdoptedFacts) {
    this.socket = socket;
    this.accepted = accepted;
    this.client = client;
    this.served = served;
  }

  get isIdle(): boolean {
    return !this.isBusy;
  }

  /** Runs `begin` when every earlier request has been answered. */
  take(begin: () => void): void {
    if (!this.isBusy) {
      this.isBusy = true;
      begin();
      return;
    }
    this.waiting.push(begin);
    if (this.waiting.length < MAX_WAITING || this.isHeld) return;
    this.isHeld = true;
    this.socket.pause();
  }

  /** The current request is over. False when no other one waits. */
  next(): boolean {
    this.current = undefined;
    this.exchange = undefined;
    const begin = this.waiting.shift();
    if (begin === undefined) {
      this.isBusy = false;
      return false;
    }
    if (this.isHeld && this.waiting.length === 0) {
      this.isHeld = false;
      this.socket.resume();
    }
    begin();
    return true;
  }

  /** Nothing more will be answered. */
  clear(): void {
    this.waiting.length = 0;
  }
}
