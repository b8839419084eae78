// Tokens that are fetched and renewed: one per credential and thread. A request asks `current` and, only where there is none,
// waits for `next`. Renewed ahead of its end while requests use it, one fetch in flight, failures told and not repeated at once.

/** What stands behind `authorization: Bearer`. */
export interface TokenSource {
  /** The token, where there is one that will be valid for as long as a request takes to arrive. Never waits. */
  current(): string | undefined;
  /** The token, fetched if there is none. Rejects with a CredentialError. */
  next(): Promise<string>;
}

export interface FetchedToken {
  readonly kind: 'token';
  readonly token: string;
  /** Wall clock. */
  readonly expiresAtMs: number;
}

export interface TokenFailure {
  readonly kind: 'failure';
  /** For logs: holds no secret. */
  readonly reason: string;
}

/** One fetch. Failures are values: it never rejects. */
export type TokenFetch = () => Promise<FetchedToken | TokenFailure>;

export interface TokenClock {
  wallMs(): number;
}

/** The credential could not be had. Its message holds no secret. */
export class CredentialError extends Error {}

/** A token this near its end is not sent: it would be refused on arrival, or by a clock that goes ahead of ours. */
const SAFETY_MS = 10_000;
/** Renewed from here on, or from the last fifth of a shorter life. */
const MARGIN_MS = 240_000;
const MARGIN_SHARE = 0.2;
/** After a failure nobody asks again for so long, doubled each time. */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** Would end a header line, or begin another. */
const UNSENDABLE = /[^\x21-\x7e]/;

export class RenewedToken implements TokenSource {
  private readonly fetch: TokenFetch;
  private readonly clock: TokenClock;
  private token: string | undefined = undefined;
  private expiresAtMs = 0;
  private renewAtMs = 0;
  private flight: Promise<FetchedToken | TokenFailure> | undefined = undefined;
  private failure: TokenFailure | undefined = undefined;
  private pauseMs = 0;
  private pausedUntilMs = 0;

  constructor(fetch: TokenFetch, clock: TokenClock) {
    this.fetch = fetch;
    this.clock = clock;
  }

  current(): string | undefined {
    const nowMs = this.clock.wallMs();
    if (this.token === undefined || nowMs >= this.expiresAtMs - SAFETY_MS) return undefined;
    if (nowMs >= this.renewAtMs && this.flight === undefined && nowMs >= this.pausedUntilMs) void this.begin();
    return this.token;
  }

  async next(): Promise<string> {
    const token = this.current();
    if (token !== undefined) return token;
    if (this.flight === undefined && this.failure !== undefined && this.clock.wallMs() < this.pausedUntilMs)
      throw new CredentialError(this.failure.reason);
    const outcome = await (this.flight ?? this.begin());
    if (outcome.kind === 'failure') throw new CredentialError(outcome.reason);
    return outcome.token;
  }

  private begin(): Promise<FetchedToken | TokenFailure> {
    this.flight = this.fetch().then((outcome) => this.settle(outcome));
    return this.flight;
  }

  private settle(outcome: FetchedToken | TokenFailure): FetchedToken | TokenFailure {
    this.flight = undefined;
    const nowMs = this.clock.wallMs();
    const settled = outcome.kind === 'token' ? checked(outcome, nowMs) : outcome;
    if (settled.kind === 'failure') {
      this.failure = settled;
      this.pauseMs = Math.min(MAX_PAUSE_MS, this.pauseMs === 0 ? FIRST_PAUSE_MS : this.pauseMs * 2);
      this.pausedUntilMs = nowMs + this.pauseMs;
      return settled;
    }
    this.failure = undefined;
    this.pauseMs = 0;
    this.pausedUntilMs = 0;
    this.token = settled.token;
    this.expiresAtMs = settled.expiresAtMs;
    this.renewAtMs = settled.expiresAtMs - Math.min(MARGIN_MS, (settled.expiresAtMs - nowMs) * MARGIN_SHARE);
    return settled;
  }
}

function checked(outcome: FetchedToken, nowMs: number): FetchedToken | TokenFailure {
  if (outcome.token === '' || UNSENDABLE.test(outcome.token))
    return { kind: 'failure', reason: 'the token that was given cannot stand in a header field' };
  if (!(outcome.expiresAtMs > nowMs)) return { kind: 'failure', reason: 'the token that was given is over already' };
  return outcome;
}
