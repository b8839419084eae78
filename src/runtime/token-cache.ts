// The sources of tokens of one thread, whatever generations come and go: a reload must not fetch anew what is still valid.
import { createHash } from 'node:crypto';
import type { TokenNeed } from '../llm/provider.ts';
import type { TokenClock, TokenSource } from '../upstream/credentials/token-source.ts';
import { createTokenSource } from '../upstream/credentials/token-sources.ts';

/** Of configurations that came and went; the one used longest ago goes first. */
const MAX_SOURCES = 256;

export class TokenCache {
  private readonly clock: TokenClock;
  /** By a digest: a secret is no key of a map that may be dumped. */
  private readonly sources = new Map<string, TokenSource>();

  constructor(clock: TokenClock) {
    this.clock = clock;
  }

  sourceOf(need: TokenNeed, secret: string | undefined): TokenSource {
    const key = createHash('sha256')
      .update(JSON.stringify([need, secret]))
      .digest('base64url');
    const source = this.sources.get(key) ?? createTokenSource(need, secret, { clock: this.clock });
    this.sources.delete(key);
    this.sources.set(key, source);
    if (this.sources.size > MAX_SOURCES) this.sources.delete([...this.sources.keys()][0]);
    return source;
  }
}
