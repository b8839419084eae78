// Keeps a session at its endpoint as long as that serves, or drains (weight 0); then finds it a new one by bounded-load hashing,
// so that all requests of the session agree on it before the new cookie has reached the client.
import { murmur3 } from '../base/murmur3.ts';
import type { Balancer, Choice, PoolView } from './balancer.ts';
import { endpointTag, type StickyClaim, StickyTokens } from './sticky-token.ts';

export interface StickySettings {
  readonly carrier: 'cookie' | 'header';
  /** Of the cookie or header. */
  readonly name: string;
  /** Of a token; refreshed after half of it. 0 = as long as the client keeps the cookie. */
  readonly ttlSeconds: number;
}

export interface StickyDeps {
  readonly secret: string;
  readonly pool: PoolView;
  /** For sessions that are new. */
  readonly balancer: Balancer;
  /** For sessions whose endpoint is gone: by the session's key. */
  readonly fallback: Balancer;
  /** Its place is left for another: sessions move too. Undefined where nothing is chosen by place. */
  isLeft?(index: number): boolean;
  /** At least 48 random bits in base64url. */
  randomId(): string;
  wallMs(): number;
}

export class StickySessions {
  readonly settings: StickySettings;
  readonly deps: StickyDeps;
  readonly tokens: StickyTokens;
  readonly tags: readonly string[];
  private readonly indexes: ReadonlyMap<string, number>;

  constructor(scope: string, settings: StickySettings, deps: StickyDeps) {
    this.settings = settings;
    this.deps = deps;
    this.tokens = new StickyTokens(deps.secret, scope);
    this.tags = Array.from({ length: deps.pool.size }, (_, index) => endpointTag(deps.pool.id(index)));
    this.indexes = new Map(this.tags.map((tag, index) => [tag, index]));
  }

  /** For one request, with the value of its cookie or header. */
  open(token: string | undefined): StickySession {
    const nowSeconds = Math.floor(this.deps.wallMs() / 1000);
    const claim = token === undefined ? undefined : this.tokens.read(token, nowSeconds);
    return new StickySession(this, claim, claim === undefined ? -1 : (this.indexes.get(claim.tag) ?? -1));
  }
}

/** One request's session: chooses for it, and says what the client is told. */
export class StickySession implements Choice {
  private readonly sessions: StickySessions;
  private readonly claim: StickyClaim | undefined;
  /** Where the client's token leads; -1 = nowhere. */
  private readonly index: number;
  readonly key: number;
  private choice: Choice | undefined;

  constructor(sessions: StickySessions, claim: StickyClaim | undefined, index: number) {
    this.sessions = sessions;
    this.claim = claim;
    this.index = index;
    this.key = claim === undefined ? -1 : murmur3(claim.session);
  }

  get region(): string | undefined {
    return this.choice?.region;
  }

  tried(index: number): boolean {
    return this.choice?.tried(index) ?? false;
  }

  pick(choice: Choice): number {
    const { pool, balancer, fallback } = this.sessions.deps;
    if (this.claim === undefined) return balancer.pick(choice);
    pool.refresh();
    if (this.isKept(choice)) return this.index;
    this.choice = choice;
    return fallback.pick(this);
  }

  private isKept(choice: Choice): boolean {
    const { index } = this;
    const { deps } = this.sessions;
    if (index === -1 || choice.tried(index) || !deps.pool.usable(index)) return false;
    return deps.isLeft === undefined || !deps.isLeft(index);
  }

  /** A complete header line that names the endpoint that answers; empty when the client's token says so already. */
  line(index: number, isTls: boolean): string {
    const { settings, tokens, tags, deps } = this.sessions;
    const nowSeconds = Math.floor(deps.wallMs() / 1000);
    const { name, ttlSeconds } = settings;
    const expiresAt = ttlSeconds === 0 ? 0 : nowSeconds + ttlSeconds;
    const claimedUntil = this.claim?.expiresAt ?? 0;
    const isFresh = ttlSeconds === 0 ? claimedUntil === 0 : claimedUntil - nowSeconds > ttlSeconds / 2;
    if (settings.carrier === 'cookie' && index === this.index && isFresh) return '';
    const token = tokens.issue({ tag: tags[index], session: this.claim?.session ?? deps.randomId(), expiresAt });
    if (settings.carrier === 'header') return `${name}: ${token}\r\n`;
    const age = ttlSeconds === 0 ? '' : `; Max-Age=${ttlSeconds}`;
    return `set-cookie: ${name}=${token}; Path=/${age}; HttpOnly; SameSite=Lax${isTls ? '; Secure' : ''}\r\n`;
  }
}
