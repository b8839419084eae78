// What came in and how it ended: the last requests, for tests that must see what a gateway really sent and when it left.
import { hash } from 'node:crypto';
import { maskedHeaders, maskedUrl } from './credentials.ts';

export interface ReceivedBody {
  readonly bytes: number;
  readonly sha256: string;
  /** The first 4,096 bytes as text. */
  readonly text: string;
  readonly model?: string;
  readonly stream?: boolean;
}

/** `serving` until the answer is over; `interrupted`: a fault ended it; `client-aborted`: the client went away first. */
export type ReceivedOutcome = 'serving' | 'answered' | 'interrupted' | 'client-aborted';

export interface ReceivedRequest {
  readonly number: number;
  readonly receivedAtMs: number;
  readonly method: string;
  readonly url: string;
  /** Lower-case names; repeated fields joined by `, `. Credentials are masked unless `revealCredentials` is set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined until the body has arrived whole. */
  readonly body: ReceivedBody | undefined;
  readonly faults: string;
  /** Undefined while no head has been sent. */
  readonly status: number | undefined;
  /** Events of a stream handed to the socket so far. */
  readonly eventsSent: number;
  readonly outcome: ReceivedOutcome;
  /** From the first byte of the request to the end, whatever ended it. */
  readonly endedAfterMs: number | undefined;
  /** From the head of the request to the moment the client's departure was seen. */
  readonly clientAbortedAfterMs: number | undefined;
}

export type ReceivedEntry = { -readonly [K in keyof ReceivedRequest]: ReceivedRequest[K] };

const KEPT = 1000;
const KEPT_TEXT_BYTES = 4096;

export interface Arrival {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly atMs: number;
  /** False for the simulator's own control paths: looking changes nothing. */
  readonly isKept: boolean;
}

export class ReceivedLog {
  private readonly reveal: boolean;
  private entries: ReceivedEntry[] = [];
  private count = 0;

  constructor(options: { readonly revealCredentials: boolean }) {
    this.reveal = options.revealCredentials;
  }

  add(arrival: Arrival): ReceivedEntry {
    const entry: ReceivedEntry = {
      number: arrival.isKept ? ++this.count : 0,
      receivedAtMs: arrival.atMs,
      method: arrival.method,
      url: this.reveal ? arrival.url : maskedUrl(arrival.url),
      headers: this.reveal ? arrival.headers : maskedHeaders(arrival.headers),
      body: undefined,
      faults: '',
      status: undefined,
      eventsSent: 0,
      outcome: 'serving',
      endedAfterMs: undefined,
      clientAbortedAfterMs: undefined,
    };
    if (arrival.isKept) this.entries.push(entry);
    if (this.entries.length > KEPT) this.entries.shift();
    return entry;
  }

  /** Copies: what a caller holds does not change under it. */
  list(): readonly ReceivedRequest[] {
    return this.entries.map((entry) => ({ ...entry }));
  }

  clear(): void {
    this.entries = [];
  }
}

/** What the path says of the request, where the wire has it there, wins over the body. */
export interface PathFacts {
  readonly model?: string;
  readonly stream?: boolean;
}

export function describeBody(bytes: Buffer, json: unknown, inPath: PathFacts = {}): ReceivedBody {
  const members = (typeof json === 'object' && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const { model = members.model, stream = members.stream } = inPath;
  return {
    bytes: bytes.length,
    sha256: hash('sha256', bytes),
    text: bytes.toString('utf8', 0, KEPT_TEXT_BYTES),
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof stream === 'boolean' ? { stream } : {}),
  };
}
