// One simulated endpoint: connections to it, a place for each request it works on, and a queue for the others.
import type { ConnectionPool, PooledConnection } from '../upstream/client/connection-pool.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { AnswerWriter, type Step } from './answer-script.ts';
import { type Behaviour, type BehaviourChange, changed, meetsConnections, strike } from './behaviour.ts';
import { draw } from './distribution.ts';
import { type ConnectionHost, SimulatedConnection } from './simulated-connection.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Work {
  readonly connection: SimulatedConnection;
  readonly call: UpstreamCall;
  isRunning: boolean;
  cancelStep: () => void;
}

export interface EndpointDeps {
  readonly time: VirtualTime;
  readonly random: () => number;
  received(call: UpstreamCall, endpoint: string): void;
}

/** What a probe came to; a status of 0 is a connection alone. */
export type ProbeEnding =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'refused' | 'reset' };

export class SimulatedEndpoint implements ConnectionHost {
  readonly url: string;
  /** Requests that reached it. */
  requests = 0;
  private readonly deps: EndpointDeps;
  private readonly answers: AnswerWriter;
  private readonly usual: Behaviour;
  private readonly overlays: BehaviourChange[] = [];
  private current: Behaviour;
  private readonly connections = new Set<SimulatedConnection>();
  private readonly works = new Map<SimulatedConnection, Work>();
  private waiting: Work[] = [];
  private running = 0;

  constructor(url: string, usual: Behaviour, deps: EndpointDeps) {
    this.url = url;
    this.usual = usual;
    this.current = usual;
    this.deps = deps;
    this.answers = new AnswerWriter(url, deps.random);
  }

  open(pool: ConnectionPool<PooledConnection>, call: UpstreamCall): SimulatedConnection {
    return new SimulatedConnection(pool, call, this);
  }

  /** From now on it behaves so, until what is returned is called. */
  change(change: BehaviourChange): () => void {
    this.overlays.push(change);
    this.follow();
    return () => {
      const index = this.overlays.indexOf(change);
      if (index !== -1) this.overlays.splice(index, 1);
      this.follow();
    };
  }

  private follow(): void {
    const before = this.current.network;
    this.current = this.overlays.reduce<Behaviour>(changed, this.usual);
    const { network } = this.current;
    this.startNext();
    if (network === before) return;
    // A closed port resets what is open at once; a vanished host is heard of when it is back, and then it knows nobody.
    for (const connection of [...this.connections]) {
      if (before === 'silent' && connection.isConnecting) this.connecting(connection);
      else if (network === 'refused' || before === 'silent') connection.lost();
    }
  }

  connecting(connection: SimulatedConnection): void {
    const { time, random } = this.deps;
    this.connections.add(connection);
    const afterMs = draw(this.current.connect, random);
    const failure = strike(this.current, meetsConnections, random);
    if (failure?.kind === 'never-connect') return;
    time.after(afterMs, () => {
      if (this.current.network === 'silent') return;
      if (failure !== undefined || this.current.network === 'refused') connection.refused();
      else connection.connected();
    });
  }

  /** A health check: what it comes to, unless it is called off. A failure of a connection or an answer meets it like any other. */
  probe(kind: 'http' | 'tcp', done: (ending: ProbeEnding) => void): () => void {
    const { time, random } = this.deps;
    const { connect, latency, slower } = this.current;
    const refusal = strike(this.current, meetsConnections, random);
    const failure = kind === 'tcp' ? undefined : strike(this.current, (each) => !meetsConnections(each), random);
    const afterMs = draw(connect, random) + (kind === 'tcp' ? 0 : draw(latency, random) * slower);
    const isUnheard =
      failure?.kind === 'stall' || failure?.kind === 'stall-midway' || refusal?.kind === 'never-connect';
    return time.after(afterMs, () => {
      const { network, status } = this.current;
      if (network === 'silent' || isUnheard) return;
      if (network === 'refused' || refusal !== undefined) done({ kind: 'refused' });
      else if (failure?.kind === 'reset' || failure?.kind === 'cut') done({ kind: 'reset' });
      else done({ kind: 'answered', status: kind === 'tcp' ? 0 : (failure?.status ?? status) });
    });
  }

  requested(connection: SimulatedConnection, call: UpstreamCall): void {
    if (this.current.network !== 'up') return;
    this.requests++;
    this.deps.received(call, this.url);
    const work: Work = { connection, call, isRunning: false, cancelStep: () => {} };
    this.works.set(connection, work);
    this.waiting.push(work);
    this.startNext();
  }

  private startNext(): void {
    while (this.running < this.current.capacity) {
      const work = this.waiting.shift();
      if (work === undefined) return;
      this.running++;
      work.isRunning = true;
      this.goOn(work, this.answers.write(work.call, this.current));
    }
  }

  private goOn(work: Work, steps: Iterator<Step>): void {
    const next = steps.next();
    if (next.done === true) return;
    const { afterMs, actions } = next.value;
    work.cancelStep = this.deps.time.after(afterMs, () => {
      if (this.current.network !== 'up') return;
      if (actions.some(({ kind }) => kind === 'end')) this.endWork(work);
      work.connection.receive(actions);
      if (this.works.get(work.connection) === work) this.goOn(work, steps);
    });
  }

  private endWork(work: Work): void {
    if (this.works.get(work.connection) !== work) return;
    this.works.delete(work.connection);
    work.cancelStep();
    if (work.isRunning) this.running--;
    else this.waiting = this.waiting.filter((other) => other !== work);
    this.startNext();
  }

  abandoned(connection: SimulatedConnection): void {
    const work = this.works.get(connection);
    if (work !== undefined) this.endWork(work);
  }

  closed(connection: SimulatedConnection): void {
    this.connections.delete(connection);
  }
}
