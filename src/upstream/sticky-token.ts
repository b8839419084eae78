// What a sticky cookie or header holds: which endpoint serves this session, signed so that nobody can choose an endpoint.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ownedText } from '../base/owned-text.ts';

export interface StickyClaim {
  /** The endpoint, by a name that tells nothing about it. */
  readonly tag: string;
  /** The session itself: random, kept when it moves to another endpoint. */
  readonly session: string;
  /** Seconds since 1970; 0 = no end. */
  readonly expiresAt: number;
}

/** 128 bits of signature in base64url. */
const SIGNATURE_LENGTH = 22;
/** Tokens whose signature was found right, kept to spare the hash (some 3 µs) on a session's next request. */
const MAX_KNOWN = 4096;
const TOKEN = /^([\w-]{11})\.([\w-]{1,32})\.([0-9a-z]{1,8})\.([\w-]{22})$/;

/** 66 bits of the digest of an endpoint's id: the same in every instance and generation. */
export function endpointTag(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, 11);
}

export class StickyTokens {
  private readonly secret: string;
  private readonly scope: string;
  private readonly known = new Map<string, StickyClaim>();

  /** `scope`: a token of one backend is worth nothing at another. */
  constructor(secret: string, scope: string) {
    this.secret = secret;
    this.scope = scope;
  }

  private sign(payload: string): string {
    const mac = createHmac('sha256', this.secret).update(`${this.scope}\0${payload}`).digest('base64url');
    return mac.slice(0, SIGNATURE_LENGTH);
  }

  issue({ tag, session, expiresAt }: StickyClaim): string {
    const payload = `${tag}.${session}.${expiresAt.toString(36)}`;
    return `${payload}.${this.sign(payload)}`;
  }

  /** Undefined for what we did not sign, and for what has expired. */
  read(token: string, nowSeconds: number): StickyClaim | undefined {
    const claim = this.known.get(token) ?? this.verify(token);
    return claim === undefined || (claim.expiresAt !== 0 && claim.expiresAt <= nowSeconds) ? undefined : claim;
  }

  private verify(token: string): StickyClaim | undefined {
    const parts = TOKEN.exec(token);
    if (parts === null) return undefined;
    const [, tag, session, expiry, signature] = parts;
    const expected = this.sign(`${tag}.${session}.${expiry}`);
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
    const claim = { tag: ownedText(tag), session: ownedText(session), expiresAt: Number.parseInt(expiry, 36) };
    if (this.known.size >= MAX_KNOWN) this.known.delete(this.known.keys().next().value as string);
    this.known.set(ownedText(token), claim);
    return claim;
  }
}
