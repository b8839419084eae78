// The network of a simulation: which simulated endpoint stands at an address, and who is told of what it receives.
import { createSeededRandom, seedOf } from '../base/seeded-random.ts';
import type { OpenConnection } from '../upstream/client/connection-pool.ts';
import type { UpstreamCall } from '../upstream/client/upstream-call.ts';
import { type Behaviour, DEFAULT_BEHAVIOUR } from './behaviour.ts';
import { placeOf } from './endpoint-place.ts';
import { type ReceivedRequest, readRequest } from './received-request.ts';
import { SimulatedEndpoint } from './simulated-endpoint.ts';
import type { VirtualTime } from './virtual-time.ts';

const REQUEST_ID = /\r\nx-request-id: ([^\r]*)/i;

export class SimulatedNetwork {
  private readonly time: VirtualTime;
  private readonly seed: number;
  private readonly behaviours: ReadonlyMap<string, Behaviour>;
  private readonly endpoints = new Map<string, SimulatedEndpoint>();
  /** By request id, of the requests that are followed. */
  private readonly followed = new Map<string, ReceivedRequest[]>();

  /** `behaviours`: by `host:port`; `*` = all others. */
  constructor(time: VirtualTime, behaviours: ReadonlyMap<string, Behaviour>, seed: number) {
    this.time = time;
    this.behaviours = behaviours;
    this.seed = seed;
  }

  readonly open: OpenConnection = (pool, call) => {
    const { host, port, isTls } = pool.address;
    const bracketed = host.includes(':') ? `[${host}]` : host;
    return this.at(`${isTls ? 'https' : 'http'}://${bracketed}:${port}`).open(pool, call);
  };

  at(url: string): SimulatedEndpoint {
    const place = placeOf(url);
    let endpoint = this.endpoints.get(place);
    if (endpoint === undefined) {
      const behaviour = this.behaviours.get(place) ?? this.behaviours.get('*') ?? DEFAULT_BEHAVIOUR;
      endpoint = new SimulatedEndpoint(url, behaviour, {
        time: this.time,
        random: createSeededRandom(seedOf(`${this.seed}/endpoint/${place}`)),
        received: (call) => this.note(call, url),
      });
      this.endpoints.set(place, endpoint);
    }
    return endpoint;
  }

  /** From now on what endpoints receive of this request is kept. */
  follow(requestId: string): readonly ReceivedRequest[] {
    const received: ReceivedRequest[] = [];
    this.followed.set(requestId, received);
    return received;
  }

  private note(call: UpstreamCall, url: string): void {
    if (this.followed.size === 0) return;
    const requestId = REQUEST_ID.exec(call.text)?.[1];
    if (requestId !== undefined) this.followed.get(requestId)?.push(readRequest(call, url));
  }
}
