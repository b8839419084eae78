// Runs one scenario: load, events and single requests on one virtual clock, through the code that serves live traffic.
import { createSeededRandom, seedOf } from '../base/seeded-random.ts';
import { startLoad } from './load-source.ts';
import { SimulatedNetwork } from './network.ts';
import { followReasons, type ObservedState, observeState, type StateChange } from './observed-state.ts';
import type { ReceivedRequest } from './received-request.ts';
import { RequestFlow } from './request-flow.ts';
import type { RequestRecord } from './request-record.ts';
import { scheduleEvents } from './run-events.ts';
import type { Load, RequestTemplate, Scenario, SingleRequest, StateExpectation } from './scenario.ts';
import { Clients } from './simulated-client.ts';
import { SimulatedGateway } from './simulated-gateway.ts';
import { createSimulatedProbe } from './simulated-probe.ts';
import { VirtualTime } from './virtual-time.ts';

/** What came of a single request, one of these for each time it was sent. */
export interface SingleAnswer {
  readonly record: RequestRecord;
  readonly lines: string;
  readonly body: string;
  readonly received: readonly ReceivedRequest[];
}

export interface SaidLine {
  readonly atMs: number;
  readonly line: string;
}

export interface SimulationResult {
  /** Of the load, in the order they were sent. */
  readonly requests: readonly RequestRecord[];
  readonly singles: ReadonlyMap<SingleRequest, readonly SingleAnswer[]>;
  readonly states: ReadonlyMap<StateExpectation, ObservedState | undefined>;
  readonly changes: readonly StateChange[];
  /** What a gateway would print meanwhile. */
  readonly said: readonly SaidLine[];
  /** Stacks of bugs that requests met. */
  readonly bugs: readonly string[];
  readonly endedMs: number;
}

/** After the last request was sent, for those still open. */
const LAST_ANSWERS_MS = 900_000;
/** Between looks at the real event loop, where promises of old generations settle. */
const EVENTS_PER_TURN = 512;
/** A filter that waits longer than this waits for something that does not come by itself; virtual time goes on then. */
const MAX_TURNS = 1000;

export class Simulation {
  readonly time = new VirtualTime();
  readonly network: SimulatedNetwork;
  readonly gateway: SimulatedGateway;
  private readonly scenario: Scenario;
  private readonly flow: RequestFlow;
  private readonly bugs: string[] = [];
  private readonly said: SaidLine[] = [];
  private readonly records: (RequestRecord | undefined)[] = [];
  private readonly singles = new Map<SingleRequest, SingleAnswer[]>();
  private readonly states = new Map<StateExpectation, ObservedState | undefined>();
  private readonly changes: StateChange[] = [];

  constructor(scenario: Scenario) {
    const { time } = this;
    const { seed, endpoints, workers, model } = scenario;
    this.scenario = scenario;
    this.network = new SimulatedNetwork(time, endpoints, seed);
    const reportBug = (stack: string): void => void this.bugs.push(stack);
    const say = (line: string): void => void this.said.push({ atMs: time.elapsedMs, line });
    const probe = createSimulatedProbe(this.network);
    this.gateway = new SimulatedGateway({ time, open: this.network.open, probe, seed, workers, reportBug, say });
    this.gateway.apply(model);
    this.flow = new RequestFlow({
      time,
      gateway: this.gateway,
      clients: new Clients(time),
      seed,
    });
    this.schedule();
  }

  private schedule(): void {
    const { scenario, time, gateway, network } = this;
    followReasons(gateway, time, (change) => this.changes.push(change));
    scheduleEvents(scenario.events, { time, gateway, network });
    for (const single of scenario.requests) this.scheduleSingle(single);
    scenario.load.forEach((load, index) => {
      const random = createSeededRandom(seedOf(`${scenario.seed}/load/${index}`));
      const send = (request: RequestTemplate, client: number): void => this.sendOfLoad(load, request, client);
      startLoad(load, { time, random, send });
    });
    for (const { what } of scenario.expect)
      if (what.kind === 'state') time.at(what.atMs, () => this.states.set(what, observeState(what, gateway, time)));
  }

  private sendOfLoad({ patienceMs }: Load, request: RequestTemplate, client: number): void {
    const position = this.records.push(undefined) - 1;
    const onOver = (record: RequestRecord): void => {
      this.records[position] = record;
    };
    this.flow.send({ request, client, patienceMs, headers: [], keeps: 'head', onOver });
  }

  private scheduleSingle(single: SingleRequest): void {
    const answers: SingleAnswer[] = [];
    this.singles.set(single, answers);
    this.time.at(single.atMs, () => this.sendSingle(single, answers));
  }

  /** One after the other: the next when the one before is over. */
  private sendSingle(single: SingleRequest, answers: SingleAnswer[]): void {
    const requestId = `scenario-${this.scenario.requests.indexOf(single)}-${answers.length}`;
    const received = this.network.follow(requestId);
    this.flow.send({
      request: single.request,
      client: single.client,
      patienceMs: 0,
      headers: [['x-request-id', requestId]],
      keeps: 'all',
      onOver: (record, { lines, body }) => {
        answers.push({ record, lines, body: Buffer.from(body, 'latin1').toString('utf8'), received });
        if (answers.length < single.times) this.sendSingle(single, answers);
      },
    });
  }

  async run(): Promise<SimulationResult> {
    const { scenario, time, flow } = this;
    await this.advance(scenario.durationMs);
    await this.advance(scenario.durationMs + LAST_ANSWERS_MS, () => flow.openCount === 0);
    flow.endAll();
    const endedMs = time.elapsedMs;
    this.gateway.close();
    const { singles, states, changes, said, bugs } = this;
    const requests = this.records.filter((record) => record !== undefined);
    return { requests, singles, states, changes, said, bugs, endedMs };
  }

  /** Lets everything up to a time happen; `isOver` ends it before. */
  async advance(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (let events = 1; !isOver() && this.time.step(untilMs); events++) {
      for (let turns = 0; this.flow.waitsForPromises && turns < MAX_TURNS; turns++) await realTurn();
      this.flow.settle();
      if (events % EVENTS_PER_TURN === 0) await realTurn();
    }
  }
}

function realTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
