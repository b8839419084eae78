// The simulator's server: takes a request, finds out what shall go wrong with it, lets an operation answer, delivers.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSeededRandom } from '../base/seeded-random.ts';
import { Call } from './call.ts';
import { isControlPath } from './control.ts';
import { foldHeaders } from './credentials.ts';
import { type FaultRule, FaultRules, readFaultRules } from './fault-rules.ts';
import { ReceivedLog, type ReceivedRequest } from './received-log.ts';
import { type ServeParts, serve } from './serve.ts';
import { REAL_CLOCK, REAL_TIMERS, type SimulatorClock, type SimulatorTimers } from './timers.ts';
import { Wires } from './wires.ts';

export interface SimulatorOptions {
  /** 0 = any free port. */
  readonly port: number;
  /** Default 127.0.0.1: a fake provider has no business on a network unless somebody says so. */
  readonly address?: string;
  /** Shown in echoes and in the `x-simulator` header of every answer. Default `simulator`. */
  readonly name?: string;
  readonly faults?: readonly FaultRule[];
  /** AI operations then need this credential, in the field of their wire, and are refused otherwise. */
  readonly requireKey?: string;
  /** Shows credentials in echoes and received requests, for tests of what a gateway sends. Default false. */
  readonly revealCredentials?: boolean;
  /** Start of the random sequence that `percent` of fault rules draws from. Default 1. */
  readonly seed?: number;
  readonly clock?: SimulatorClock;
  readonly timers?: SimulatorTimers;
}

export interface Simulator {
  readonly port: number;
  /** `http://host:port`, without a path. */
  readonly url: string;
  /** The last 1,000 requests, oldest first. */
  received(): readonly ReceivedRequest[];
  clearReceived(): void;
  /** Replaces the fault rules; an invalid rule is a RangeError and changes nothing. */
  setFaults(rules: readonly FaultRule[]): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Longer than the idle time of the connection pools of gateways, so that it is not the simulator that closes first. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEAD_BYTES = 65_536;

/** Rejects when the port cannot be had or a fault rule is invalid. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { address = '127.0.0.1', revealCredentials = false, clock = REAL_CLOCK, timers = REAL_TIMERS } = options;
  const log = new ReceivedLog({ revealCredentials });
  const rules = new FaultRules(createSeededRandom(options.seed ?? 1));
  const setFaults = (written: readonly FaultRule[]): void => {
    const read = readFaultRules(written);
    if (typeof read === 'string') throw new RangeError(read);
    rules.replace(read);
  };
  setFaults(options.faults ?? []);
  const parts: ServeParts = {
    name: options.name ?? 'simulator',
    requireKey: options.requireKey,
    log,
    rules,
    wires: new Wires(),
    clock,
    ids: { next: 1 },
  };
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const headers = foldHeaders(request.rawHeaders);
    const entry = log.add({ method, url, headers, atMs: clock.now(), isKept: !isControlPath(url) });
    serve(new Call({ request, response, entry, clock, timers }), parts);
  });
  await listen(server, options.port, address);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    received: () => log.list(),
    clearReceived: () => log.clear(),
    setFaults,
    close: () => closeNow(server),
  };
}

function listen(server: Server, port: number, address: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, address, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

function closeNow(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
