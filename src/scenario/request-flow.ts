// Requests of a simulation from their sending to their record: fills templates in, gives each to a worker, notices the end.
import { createSeededRandom, seedOf } from '../base/seeded-random.ts';
import { invariant } from '../errors/bug.ts';
import type { Listener } from '../model/listener.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import { type OpenRequest, type RequestRecord, recordOf } from './request-record.ts';
import type { RequestTemplate } from './scenario.ts';
import { ClientEar, type ClientRequest, type Clients } from './simulated-client.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface FlowParts {
  readonly time: VirtualTime;
  readonly gateway: SimulatedGateway;
  readonly clients: Clients;
  readonly seed: number;
}

export interface Sending {
  readonly request: RequestTemplate;
  readonly client: number;
  /** The client waits no longer; 0 = for ever. */
  readonly patienceMs: number;
  /** Beside those of the template. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `all`: body and head lines of the answer are kept. */
  readonly keeps: 'all' | 'head';
  onOver(record: RequestRecord, ear: ClientEar): void;
}

function fill(text: string, number: number, client: number): string {
  return text.includes('{') ? text.replaceAll('{n}', String(number)).replaceAll('{client}', String(client)) : text;
}

export class RequestFlow {
  private readonly parts: FlowParts;
  private readonly random: () => number;
  private readonly open = new Map<OpenRequest, Sending>();
  private over: OpenRequest[] = [];
  private sent = 0;
  /** Sent last: while a filter works on it with promises, virtual time stands still. */
  private last: Exchange | undefined;

  constructor(parts: FlowParts) {
    this.parts = parts;
    // The kernel spreads connections over the workers by a hash of their addresses, as good as at random.
    this.random = createSeededRandom(seedOf(`${parts.seed}/workers`));
  }

  get openCount(): number {
    return this.open.size;
  }

  send(sending: Sending): void {
    const { time, gateway, clients } = this.parts;
    const worker = Math.floor(this.random() * gateway.workers.length);
    let opened: OpenRequest | undefined;
    // What is answered at once is over before it is known here.
    const ear = new ClientEar(sending.keeps, () => {
      if (opened !== undefined) this.over.push(opened);
    });
    const request = this.toRequest(sending, this.sent++);
    const exchange = clients.of(this.listenerOf(sending.request)).send(request, gateway.workers[worker], ear);
    opened = { name: sending.request.name, atMs: time.elapsedMs, worker, exchange, ear };
    this.last = exchange;
    this.open.set(opened, sending);
    if (exchange.isFinished) this.over.push(opened);
    else if (sending.patienceMs > 0) time.after(sending.patienceMs, () => this.leave(opened));
  }

  private listenerOf({ listener: name }: RequestTemplate): Listener {
    const { listeners } = this.parts.gateway.model;
    const listener = name === undefined ? listeners[0] : listeners.find(({ id }) => id === name);
    invariant(listener !== undefined, `listener ${name} was in every configuration when the scenario was read`);
    return listener;
  }

  private toRequest({ request, client, headers }: Sending, number: number): ClientRequest {
    const body = request.body === undefined ? undefined : Buffer.from(fill(request.body, number, client), 'utf8');
    const own = request.headers.map(([name, value]) => [name, fill(value, number, client)] as const);
    return {
      method: request.method,
      target: fill(request.target, number, client),
      host: request.host,
      headers: [...own, ...headers],
      body,
      isChunked: request.isChunked,
      client,
    };
  }

  private leave(opened: OpenRequest): void {
    if (opened.exchange.isFinished) return;
    this.parts.gateway.workers[opened.worker].resources.tick();
    opened.exchange.body.fail('request.aborted');
    opened.exchange.clientGone();
    this.over.push(opened);
  }

  /** After something happened: records what is over. */
  settle(): void {
    if (this.over.length === 0) return;
    const { over } = this;
    this.over = [];
    for (const opened of over) {
      if (!opened.exchange.isFinished) this.over.push(opened);
      else this.end(opened);
    }
  }

  /** The simulation ends: what is open has no answer. */
  endAll(): void {
    for (const opened of [...this.open.keys()]) this.end(opened);
  }

  private end(opened: OpenRequest): void {
    const sending = this.open.get(opened);
    this.open.delete(opened);
    sending?.onOver(recordOf(opened, this.parts.time.elapsedMs), opened.ear);
  }

  get waitsForPromises(): boolean {
    return (
      this.last !== undefined && !this.last.isFinished && this.last.owner === undefined && this.last.body.isComplete
    );
  }
}
