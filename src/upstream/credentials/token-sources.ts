// What a provider needs → where its tokens come from.
import type { TokenNeed } from '../../llm/provider.ts';
import { entraFetch } from './entra-token.ts';
import { type GoogleClientLoader, googleFetch, loadGoogleClient } from './google-token.ts';
import { type Post, postForm } from './https-post.ts';
import { RenewedToken, type TokenClock, type TokenSource } from './token-source.ts';

/** How tokens are fetched; the real ways unless a test plays them. */
export interface TokenWays {
  readonly post: Post;
  readonly loadGoogle: GoogleClientLoader;
}

export const TOKEN_WAYS: TokenWays = { post: postForm, loadGoogle: loadGoogleClient };

/** `secret` is the backend's: a key file's text, or a client's secret. */
export function createTokenSource(
  need: TokenNeed,
  secret: string | undefined,
  { clock, ways = TOKEN_WAYS }: { readonly clock: TokenClock; readonly ways?: TokenWays },
): TokenSource {
  const fetch =
    need.kind === 'google'
      ? googleFetch(need, secret, ways.loadGoogle)
      : entraFetch(need, secret, { post: ways.post, clock });
  return new RenewedToken(fetch, clock);
}
