// Clients of a simulation: each request becomes an exchange as server/http1-connection.ts makes one, its reply is heard piece by piece.
import { invariant } from '../errors/bug.ts';
import type { Listener } from '../model/listener.ts';
import type { ClientFacts, Exchange } from '../pipeline/exchange.ts';
import type { ReplyHead, ReplyWriter } from '../pipeline/reply-writer.ts';
import type { BodyFlow } from '../pipeline/request-body.ts';
import { admit, admitRefused } from '../server/admit.ts';
import { compileSettings } from '../server/listener-server.ts';
import type { ListenerSettings } from '../server/server-deps.ts';
import { parseRequestHead, RequestHead } from '../wire/http1-request-parser.ts';
import type { SimulatedWorker } from './simulated-worker.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A request as it is sent. */
export interface ClientRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
  /** The body's length is not announced. */
  readonly isChunked: boolean;
  /** Number of the client: its address. */
  readonly client: number;
}

/** Larger bodies arrive in pieces of this, as they do from a network. */
const PIECE_BYTES = 64 * 1024;
/** Between pieces: 64 KiB in half a millisecond is a gigabit a second. */
const PIECE_GAP_MS = 0.5;

/** Hears a reply. */
export class ClientEar implements ReplyWriter {
  isBegun = false;
  isAborted = false;
  lines = '';
  body = '';
  private readonly keeps: 'all' | 'head';
  private readonly onEnd: () => void;

  /** `onEnd`: nothing more comes; called within the exchange, which is not finished yet. */
  constructor(keeps: 'all' | 'head', onEnd: () => void) {
    this.keeps = keeps;
    this.onEnd = onEnd;
  }

  informational(): void {}

  begin(head: ReplyHead): void {
    this.isBegun = true;
    if (this.keeps === 'all') this.lines = head.lines;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.keeps === 'all')
      this.body += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  }

  writeLatin1(text: string): void {
    if (this.keeps === 'all') this.body += text;
  }

  flush(): void {}

  end(): void {
    this.onEnd();
  }

  abort(): void {
    this.isAborted = true;
    this.onEnd();
  }

  upgrade(): undefined {
    return undefined;
  }
}

/** Pushes a large body, a piece at a time. */
class BodyPush implements BodyFlow {
  private readonly exchange: Exchange;
  private readonly body: Buffer;
  private readonly time: VirtualTime;
  private sentBytes = 0;
  private isPaused = false;
  private isScheduled = false;

  constructor(exchange: Exchange, body: Buffer, time: VirtualTime) {
    this.exchange = exchange;
    this.body = body;
    this.time = time;
  }

  schedule(): void {
    if (this.isScheduled || this.isPaused || this.sentBytes === this.body.length) return;
    this.isScheduled = true;
    this.time.after(PIECE_GAP_MS, () => this.push());
  }

  private push(): void {
    this.isScheduled = false;
    if (this.isPaused || this.exchange.isFinished) return;
    const piece = this.body.subarray(this.sentBytes, this.sentBytes + PIECE_BYTES);
    this.sentBytes += piece.length;
    this.exchange.body.push(piece);
    if (this.sentBytes === this.body.length) this.exchange.body.finish();
    else this.schedule();
  }

  demandBody(): void {}

  pauseBody(): void {
    this.isPaused = true;
  }

  resumeBody(): void {
    this.isPaused = false;
    this.schedule();
  }
}

/** `10.0.0.1` and on. */
export function addressOfClient(client: number): string {
  return `10.${(client >> 16) & 255}.${(client >> 8) & 255}.${client & 255}`;
}

/** Clients of one listener, as one generation has it. */
export class ClientSide {
  private readonly listener: Listener;
  private readonly settings: ListenerSettings;
  private readonly time: VirtualTime;
  private readonly known = new Map<number, ClientFacts>();

  constructor(listener: Listener, time: VirtualTime) {
    this.listener = listener;
    this.settings = compileSettings(listener);
    this.time = time;
  }

  /** Sends it to a worker. The exchange tells afterwards what became of it. */
  send(request: ClientRequest, worker: SimulatedWorker, ear: ClientEar): Exchange {
    const { resources } = worker;
    resources.tick();
    const handler = worker.handlerFor(this.listener.id);
    invariant(handler !== undefined, `no worker has the listener ${this.listener.id}`);
    const head = new RequestHead();
    const bytes = Buffer.from(headText(request), 'latin1');
    const facts = this.factsOf(request.client);
    if (parseRequestHead(bytes, 0, bytes.length, this.settings, head) < 1) {
      const exchange = admitRefused(head, facts, ear, resources.nowMs());
      handler.refuse(exchange, head.error);
      return exchange;
    }
    const admitted = admit(head, facts, this.settings.path, ear, resources.nowMs());
    if (typeof admitted === 'string') {
      const exchange = admitRefused(head, facts, ear, resources.nowMs());
      handler.refuse(exchange, admitted);
      return exchange;
    }
    this.attachBody(admitted, request);
    handler.handle(admitted);
    return admitted;
  }

  private attachBody(exchange: Exchange, { body, isChunked }: ClientRequest): void {
    if (body === undefined || (body.length === 0 && !isChunked)) return;
    if (body.length <= PIECE_BYTES && !isChunked) {
      exchange.body.setWhole(body, 0, body.length);
      return;
    }
    const push = new BodyPush(exchange, body, this.time);
    exchange.body.setIncoming(isChunked ? -1 : body.length, push);
    push.schedule();
  }

  private factsOf(client: number): ClientFacts {
    let facts = this.known.get(client);
    if (facts === undefined) {
      const ip = addressOfClient(client + 1);
      facts = {
        listener: this.listener.id,
        ip,
        port: 40_000,
        isTls: this.listener.protocol === 'https',
        isTrusted: this.settings.isTrusted(ip),
        isTrustedProxy: this.settings.isTrusted,
        forwardedLines: `x-forwarded-for: ${ip}\r\nx-forwarded-proto: ${this.listener.protocol}\r\n`,
        memo: { authority: undefined, lines: '' },
        maxBufferedBodyBytes: this.settings.maxBufferedBodyBytes,
      };
      this.known.set(client, facts);
    }
    return facts;
  }
}

/** Clients of all listeners. A reload may change what a listener accepts and trusts. */
export class Clients {
  private readonly time: VirtualTime;
  private readonly sides = new Map<Listener, ClientSide>();

  constructor(time: VirtualTime) {
    this.time = time;
  }

  of(listener: Listener): ClientSide {
    let side = this.sides.get(listener);
    if (side === undefined) {
      side = new ClientSide(listener, this.time);
      this.sides.set(listener, side);
    }
    return side;
  }
}

function headText({ method, target, host, headers, body, isChunked }: ClientRequest): string {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length =
    body === undefined ? '' : isChunked ? 'transfer-encoding: chunked\r\n' : `content-length: ${body.length}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n${fields}${length}\r\n`;
}
