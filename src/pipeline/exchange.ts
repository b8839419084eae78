// One request and its reply. Facts are written once, each by the file named beside it; filters share values only through slots.
// The object is also the access log's record, so that logging makes no second one.
import type { ErrorCode } from '../errors/codes.ts';
import type { ClientFormat } from '../llm/format.ts';
import type { HeaderList } from '../wire/header-list.ts';
import type { AttemptRecord, GenAiRecord, StreamEnd } from './outcome.ts';
import type { ReplyWriter } from './reply-writer.ts';
import { RequestBody } from './request-body.ts';
import type { Slot } from './slot.ts';

/** Facts of the connection, shared by all its exchanges. */
export interface ClientFacts {
  readonly listener: string;
  readonly ip: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The peer is in `trusted_proxies`: its X-Forwarded-* fields are believed. */
  readonly isTrusted: boolean;
  /** Whether an address is in `trusted_proxies`. */
  readonly isTrustedProxy: (ip: string) => boolean;
  /** `X-Forwarded-For` and `-Proto` for this peer, complete lines, made once per connection. */
  readonly forwardedLines: string;
  /** Lines made of it for the last Host (runtime/upstream-head.ts). */
  readonly memo: { authority: string | undefined; lines: string };
  /** Buffered bodies may grow to this. */
  readonly maxBufferedBodyBytes: number;
}

/** The request line and fields as the server read them; valid while the exchange lives. */
export interface RequestFacts {
  readonly method: string;
  /** Normalised; the string that is matched is the string that is sent. */
  readonly path: string;
  readonly query: string;
  /** Lower case, without port. */
  readonly host: string;
  /** As received, with port. */
  readonly authority: string;
  readonly headers: HeaderList;
  readonly minorVersion: number;
  readonly hasNominatedFields: boolean;
}

export interface ExchangeOwner {
  onClientGone(): void;
  /** The gateway ends now: what is open is broken off, and the client told so. */
  onShutdown(): void;
  /** A bug was met: the exchange is answered and over. */
  onBug(): void;
}

const NO_ATTEMPTS: readonly AttemptRecord[] = [];

/** A body that some providers are sent in another form. */
export interface WishedBodyForms {
  /** True when the body is another from now on. */
  useFor(provider: string): boolean;
}

export class Exchange {
  // server/admit.ts
  readonly client: ClientFacts;
  readonly writer: ReplyWriter;
  readonly body = new RequestBody();
  /** Monotonic, for durations. */
  readonly startedAtMs: number;
  method: string;
  path: string;
  /** What routes matched; filters may rewrite `path`. */
  readonly clientPath: string;
  query: string;
  host: string;
  authority: string;
  headers: HeaderList;
  minorVersion: number;
  hasNominatedFields: boolean;
  /** Whose request it is: the peer, or whom a trusted proxy names. */
  clientIp: string;
  isUpgrade = false;
  /** What the client asks to upgrade to (`websocket`). */
  upgradeToken = '';
  /** The client accepts trailers (`TE: trailers`). */
  acceptsTrailers = false;

  /** Host sent to a plain backend, when a filter rewrote it. */
  rewrittenHost: string | undefined = undefined;

  // runtime/identify.ts
  /** When it came, in milliseconds since 1970. */
  timestampMs = 0;
  requestId = '';
  traceId = '';
  spanId = '';
  traceFlags = '01';
  /** The lines of these for an endpoint, where all of them are ours. */
  idLines: string | undefined = undefined;

  // runtime/dispatch.ts
  routeName: string | undefined = undefined;
  routeWhy: string | undefined = undefined;

  /** Position of the filter that answered, in the chain that was running; -1 = none did (pipeline/chain.ts). */
  answeredAt = -1;
  /** `model` of a JSON body, once a route asked for it. */
  model: string | undefined = undefined;
  modelKnown = false;

  // runtime/routing/model-router.ts
  /** Whose request it is, where tenants are told apart. */
  tenant: string | undefined = undefined;
  /** Fields with the key that the tenant is known by: it is the gateway's, and no provider is told. */
  tenantKeyFields: readonly string[] | undefined = undefined;
  /** Undefined without wishes for the router. */
  wishedBody: WishedBodyForms | undefined = undefined;

  // runtime/forward.ts
  attempts: readonly AttemptRecord[] = NO_ATTEMPTS;
  upstream: string | undefined = undefined;
  genAi: GenAiRecord | undefined = undefined;
  /** Of an AI request: errors are told in it. */
  clientFormat: ClientFormat | undefined = undefined;
  streamEnd: StreamEnd | undefined = undefined;

  // runtime/finish.ts and whoever answers
  status = 0;
  errorCode: ErrorCode | undefined = undefined;
  errorDetail: string | undefined = undefined;
  responseBytes = 0;
  durationMs = 0;
  firstByteMs = -1;

  /** Who is working on the exchange now; told once when the client goes away before its reply is complete. */
  owner: ExchangeOwner | undefined = undefined;
  isClientGone = false;
  /** Set once by runtime/finish.ts. */
  isFinished = false;
  private slots: unknown[] | undefined = undefined;
  private abortController: AbortController | undefined = undefined;

  constructor(client: ClientFacts, writer: ReplyWriter, request: RequestFacts, startedAtMs: number) {
    this.client = client;
    this.clientIp = client.ip;
    this.writer = writer;
    this.startedAtMs = startedAtMs;
    this.method = request.method;
    this.path = request.path;
    this.clientPath = request.path;
    this.query = request.query;
    this.host = request.host;
    this.authority = request.authority;
    this.headers = request.headers;
    this.minorVersion = request.minorVersion;
    this.hasNominatedFields = request.hasNominatedFields;
  }

  get listener(): string {
    return this.client.listener;
  }

  /** What the client speaks: to us, or to the trusted proxy that says so. */
  get scheme(): 'http' | 'https' {
    const told = this.client.isTrusted ? this.headers.get('x-forwarded-proto')?.split(',')[0].trim() : undefined;
    if (told === 'http' || told === 'https') return told;
    return this.client.isTls ? 'https' : 'http';
  }

  get httpVersion(): string {
    return this.minorVersion === 0 ? '1.0' : '1.1';
  }

  /** Content-Length; 0 without a body, undefined when the length is unknown. */
  get declaredBytes(): number | undefined {
    return this.body.declaredBytes < 0 ? undefined : this.body.declaredBytes;
  }

  get requestBytes(): number {
    return this.body.receivedBytes;
  }

  requestHeaders(lowerName: string): string | undefined {
    return this.headers.get(lowerName);
  }

  /** Aborted when the client goes away. Made only when asked for: a controller costs more than matching a route. */
  get signal(): AbortSignal {
    this.abortController ??= new AbortController();
    if (this.isClientGone) this.abortController.abort();
    return this.abortController.signal;
  }

  /** Server side: the client is gone. */
  clientGone(): void {
    if (this.isClientGone) return;
    this.isClientGone = true;
    this.abortController?.abort();
    this.owner?.onClientGone();
  }

  /** Server side: the time to finish is over. */
  cutShort(): void {
    if (this.owner !== undefined) this.owner.onShutdown();
    else this.body.fail('gateway.draining');
  }

  get<T>(slot: Slot<T>): T | undefined {
    return this.slots?.[slot.index] as T | undefined;
  }

  set<T>(slot: Slot<T>, value: T): void {
    this.slots ??= [];
    this.slots[slot.index] = value;
  }
}
